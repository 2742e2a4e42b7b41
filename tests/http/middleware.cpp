// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/django_cached.hpp"
#include "support/django_operations.hpp"
#include "support/temporary_folder.hpp"

#include <cloakroom/http/middleware.hpp>
#include <cloakroom/http/vary.hpp>
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/storage/file.hpp>
#include <cloakroom/storage/sqlite.hpp>
#include <cloakroom/testing/manual_clock.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cr = cloakroom;
using namespace std::chrono_literals;

namespace {

template <class Storage>
using SessionOn = cr::Session<Storage, cr::serializer::Json, cr::signer::Hmac>;

/// The settings of a case, or nothing where we refuse them: what a browser would not take, or Django neither.
std::optional<cr::Settings> settings_of(cr::Dict const& given)
{
    cr::Settings settings;
    for (auto const& [name, value] : given) {
        auto const text = value.is_string() ? value.as<std::string>() : "";
        if (name == "SESSION_COOKIE_NAME")
            settings.cookie_name = text;
        else if (name == "SESSION_COOKIE_AGE")
            settings.cookie_age = std::chrono::seconds{value.as<std::int64_t>()};
        else if (name == "SESSION_COOKIE_DOMAIN")
            settings.cookie_domain = text;
        else if (name == "SESSION_COOKIE_PATH")
            settings.cookie_path = text;
        else if (name == "SESSION_COOKIE_SECURE")
            settings.cookie_secure = value.as<bool>();
        else if (name == "SESSION_COOKIE_HTTPONLY")
            settings.cookie_httponly = value.as<bool>();
        else if (name == "SESSION_EXPIRE_AT_BROWSER_CLOSE")
            settings.expire_at_browser_close = value.as<bool>();
        else if (name == "SESSION_SAVE_EVERY_REQUEST")
            settings.save_every_request = value.as<bool>();
        else if (text == "Lax")
            settings.cookie_samesite = cr::SameSite::lax;
        else if (text == "Strict")
            settings.cookie_samesite = cr::SameSite::strict;
        else if (text == "None")
            settings.cookie_samesite = cr::SameSite::none;
        else if (value.is_null() || value == cr::Value{false})
            settings.cookie_samesite = cr::SameSite::omit;
        else
            return std::nullopt;
    }
    if (!cr::settings_problem(settings).empty())
        return std::nullopt;
    return settings;
}

/// What is left of a Set-Cookie line when its key is replaced by the key's name.
std::string with_key_name(std::string const& line, KeyNames& names)
{
    auto const start = line.find('=') + 1;
    auto const end = line.find(';');
    auto const value = line.substr(start, end - start);
    return value == "\"\"" ? line
                           : line.substr(0, start) + "<" + names.name_of(value) + ">" + line.substr(end);
}

std::string const key_32 = "unknownunknownunknownunknown0000";

struct Case {
    cr::Dict fields;

    std::string text(std::string_view name) const { return fields.at(name).as<std::string>(); }
    bool flag(std::string_view name) const { return fields.contains(name); }
};

/// Where Django's answer is not copied (design: not S-323, not S-324, and settings that a browser would
/// misread).
bool is_different_on_purpose(Case const& c)
{
    auto const every_request =
        c.flag("settings") &&
        c.fields.at("settings").get_if<cr::Dict>()->contains("SESSION_SAVE_EVERY_REQUEST");
    auto const is_gone = c.text("cookie") == "unknown" || c.text("cookie") == "expired";
    auto const view = c.text("view");
    return (is_gone && every_request && (view == "nothing" || view == "check_empty")) ||
           (c.text("cookie") == "expired" && view == "clear");
}

/// `make_storage(folder, clock)` makes an empty storage; `view(backend, names)` is what is stored, as the
/// case shows it.
template <class MakeStorage, class View>
void run(Case const& c, MakeStorage make_storage, View view)
{
    auto const given = c.flag("settings") ? c.fields.at("settings").as<cr::Dict>() : cr::Dict{};
    auto const settings = settings_of(given);
    if (!settings)
        return;
    TemporaryFolder const folder;
    cr::testing::ManualClock const clock{vectors_clock - 100s};
    using Session = SessionOn<decltype(make_storage(folder, clock))>;
    typename Session::Backend backend{
        make_storage(folder, clock), {}, cr::signer::Hmac{"a secret of the test"}, *settings};
    backend.clock(clock);
    cr::http::Middleware<Session> const middleware{backend};
    KeyNames names;

    auto const state = c.text("cookie");
    std::optional<std::string> cookie;
    if (state == "valid" || state == "expired" || state == "corrupt") {
        Session session{backend};
        session["a"] = 1;
        if (state == "expired")
            session.set_expiry(backend.now() + 50s);
        session.save();
        cookie = session.session_key()->reveal();
        if (state == "corrupt" && !change_behind_cache(backend, "corrupt", *cookie)) {
            auto const row = backend.storage().load(*session.session_key(), backend.now());
            backend.storage().commit(*session.session_key(), *row, {"bad:encoded:value", row->expires},
                                     backend.now());
        }
    } else if (state == "unknown") {
        cookie = key_32;
    } else if (state == "short") {
        cookie = "abc";
    } else if (state == "empty") {
        cookie = "";
    }
    clock.set(vectors_clock);
    if (cookie && !cookie->empty())
        names.name_of(*cookie);

    auto session = cookie ? middleware.open(std::string{settings->cookie_name.view()} + "=" + *cookie)
                          : middleware.open("other=1");
    for (auto const& operation : views.at(c.text("view")))
        try {
            apply_django_operation(session, operation, names);
        } catch (cr::Error const&) {
            CHECK(c.flag("view_errors"));
        }
    if (c.flag("row_deleted_during_request") && cookie)
        backend.storage().erase(*cr::SessionKey::parse(*cookie));

    auto const status = c.fields.at("status").as<int>();
    auto const outcome = middleware.close(session, status);
    CHECK(middleware.close(session, status) == outcome);

    if (c.flag("error")) {
        CHECK(outcome.interrupted);
        CHECK(outcome.status == 400);
    } else {
        CHECK(outcome.status == status);
        cr::Array set_cookie;
        auto vary = c.flag("vary_before") ? std::optional{c.text("vary_before")} : std::nullopt;
        for (auto const& header : outcome.headers)
            if (header.name == "Set-Cookie")
                set_cookie.push_back(with_key_name(header.value, names));
            else
                vary = cr::http::patch_vary(vary.value_or(""), header.value);
        CHECK(cr::Value{set_cookie} == c.fields.at("set_cookie"));
        CHECK(cr::Value{vary} == c.fields.at("vary"));
        if (status < 500) // where nothing is saved, Django loads the session all the same (S-309); we do not
            CHECK(cr::Value{cr::Dict{{"accessed", session.accessed()},
                                     {"modified", session.modified()},
                                     {"key", names.name_of(session.session_key())},
                                     {"is_empty", session.is_empty()}}} == c.fields.at("after"));
    }
    CHECK(cr::Value{view(backend, names)} == c.fields.at("stored"));
}

cr::storage::Sqlite make_sqlite(TemporaryFolder const& folder, cr::Clock const&)
{
    cr::storage::Sqlite storage{folder.path("db.sqlite3")};
    storage.migrate();
    return storage;
}

cr::storage::File make_file(TemporaryFolder const& folder, cr::Clock const&)
{
    return cr::storage::File{folder.path("")};
}

} // namespace

TEST_CASE("the middleware answers as Django's does, in every state of cookie, view, status and settings "
          "(S-300 to S-327, S-802)")
{
    int count = 0;
    for (auto const* const section : {"db", "settings", "vary", "special"})
        for (auto const& entry : vectors({"middleware", section}).as<cr::Array>()) {
            Case const c{entry.as<cr::Dict>()};
            INFO(cr::serializer::Json::dump_value(entry));
            if (is_different_on_purpose(c) || c.flag("session_attribute_removed"))
                continue;
            run(c, make_sqlite, [](auto& backend, KeyNames& names) { return stored_rows(backend, names); });
            ++count;
        }
    CHECK(count > 450);
}

TEST_CASE("the middleware answers as Django's does on entries of a cache (S-140 to S-146)")
{
    int count = 0;
    for (auto const& entry : vectors({"middleware", "cache"}).as<cr::Array>()) {
        Case c{entry.as<cr::Dict>()};
        INFO(cr::serializer::Json::dump_value(entry));
        if (c.text("cookie") == "corrupt") // of a cache's entry: it is dropped
            c.fields["cookie"] = "unknown";
        if (is_different_on_purpose(c))
            continue;
        c.fields["stored"] = live_entries(c.fields.at("stored").as<cr::Dict>());
        run(c, make_memory, [](auto& backend, KeyNames& names) {
            return with_whole_seconds(stored_in_cache(backend, names));
        });
        ++count;
    }
    CHECK(count > 150);
}

TEST_CASE("the middleware answers as Django's does on cached rows (S-160 to S-167)")
{
    int count = 0;
    for (auto const& entry : vectors({"middleware", "cached_db"}).as<cr::Array>()) {
        Case c{entry.as<cr::Dict>()};
        INFO(cr::serializer::Json::dump_value(entry));
        if (is_different_on_purpose(c))
            continue;
        c.fields["stored"] = with_our_copies(c.fields.at("stored").as<cr::Dict>());
        run(c, make_cached, [](auto& backend, KeyNames& names) {
            return with_our_copies(stored_rows_and_cache(backend, names));
        });
        ++count;
    }
    CHECK(count > 150);
}

TEST_CASE("the middleware answers as Django's does on session files, but for expired ones (S-212)")
{
    int count = 0;
    auto const run_all = [&](std::string_view section, auto view) {
        for (auto const& entry : vectors({"middleware", section}).as<cr::Array>()) {
            Case const c{entry.as<cr::Dict>()};
            INFO(cr::serializer::Json::dump_value(entry));
            if (is_different_on_purpose(c) || (section == "file" && c.text("cookie") == "expired"))
                continue;
            run(c, make_file, view);
            ++count;
        }
    };
    run_all("file", [](auto& backend, KeyNames& names) { return stored_files(backend, names); });
    CHECK(count > 170);
    // What has expired is treated as in every other engine.
    run_all("db", [](auto& backend, KeyNames& names) { return stored_rows(backend, names); });
    CHECK(count > 500);
}
