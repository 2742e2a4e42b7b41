// SPDX-License-Identifier: MIT
#include <cloakroom/auth/backend.hpp>

#include <cloakroom/adapters/sqlite.hpp>
#include <cloakroom/auth/csrf.hpp>
#include <cloakroom/auth/sqlite_users.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/storage/sqlite.hpp>
#include <cloakroom/testing/md5_passwords.hpp>

#include "support/catch.hpp"
#include "support/django_operations.hpp"
#include "support/signing_vectors.hpp"
#include "support/temporary_folder.hpp"
#include "support/vectors.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cr = cloakroom;
namespace auth = cr::auth;
using namespace std::chrono_literals;

namespace {

using Session = cr::Session<cr::storage::Sqlite, cr::serializer::Json, cr::signer::Hmac>;
using Passwords = auth::Passwords<cr::testing::Md5Passwords>;
using Backend = auth::Backend<Session, auth::SqliteUsers, auth::NoRevocation, Passwords>;

/// Where we differ from Django on purpose: trace -> why. The trace ends where it says so.
struct Difference {
    std::string step;
    std::string why;
};
std::map<std::string, Difference> const differences{
    {"user id not an integer", {"next_request", "S-654: an id that is none is nobody's, and raises nothing"}},
    {"two backends need the argument", {"login", "S-653: there is one backend, and its name is a setting"}},
};

/// The site that make_vectors.py runs the traces on: ann is 7, bob is 8, both with the password "pw".
class Site {
public:
    Site()
    {
        storage().migrate();
        users.migrate();
        cr::testing::Md5Passwords const md5;
        insert("7", "ann", md5.encode("pw", "saltsalt"));
        insert("8", "bob", md5.encode("pw", "pepper"));
        sessions.clock([] { return vector_clock(); });
    }

    void insert(std::string const& id, std::string const& name, std::string const& field)
    {
        cr::adapters::sqlite::Connection{file(), 5s}.execute(("INSERT INTO auth_user VALUES (" + id + ", '" +
                                                              field + "', NULL, 0, '" + name +
                                                              "', '', '', 0, 1, '2026-05-28 20:26:40', '')")
                                                                 .c_str());
    }

    std::string file() const { return folder.path("db.sqlite3"); }
    cr::storage::Sqlite& storage() { return sessions.storage(); }

    TemporaryFolder folder;
    auth::SqliteUsers users{file()};
    Session::Backend sessions{cr::storage::Sqlite{file()}, {}, cr::signer::Hmac{secret_key()}};
    Backend accounts{sessions, users, auth::no_revocation, secret_key()};
};

/// One request after the other of one browser, as a trace has them.
class Browser {
public:
    explicit Browser(Site& site) : site_{site} { begin(std::nullopt); }

    void act(cr::Array const& step)
    {
        auto const what = step.at(0).as<std::string>();
        auto const text = [&](std::size_t i) { return step.at(i).as<std::string>(); };
        if (what == "set" || what == "tamper") {
            (*session_)[text(1)] = step.at(2);
        } else if (what == "drop") {
            session_->erase(text(1));
        } else if (what == "save") {
            session_->save();
        } else if (what == "login") {
            user_ = site_.users.find_by_name(text(1));
            site_.accounts.login(*session_, *user_, {.csrf = csrf_.get()});
        } else if (what == "logout") {
            site_.accounts.logout(*session_);
            user_.reset();
        } else if (what == "next_request") {
            session_->save();
            begin(session_->session_key());
            user_ = site_.accounts.get_user(*session_);
        } else if (what == "change_password") {
            auto const ann = site_.users.find("7");
            REQUIRE(site_.users.set_password("7", ann->password, text(1)));
        } else if (what == "update_hash") {
            user_ = site_.users.find("7");
            site_.accounts.update_session_auth_hash(*session_, *user_);
        } else {
            FAIL("unknown step " + what);
        }
    }

    /// As a trace shows it: items in the order of their names, ours apart.
    cr::Value after(KeyNames& names)
    {
        std::map<std::string, cr::Value> items;
        auto copy = session_->session_key(); // looking loads nothing new and changes no flag
        auto const modified = session_->modified();
        for (auto const& [key, value] : session_->items())
            if (!std::string_view{key}.starts_with("_cloakroom_"))
                items.insert_or_assign(std::string{key}, value);
        cr::Dict shown;
        for (auto const& [key, value] : items)
            shown[key] = value;
        return cr::Dict{{"session", shown},
                        {"key", names.name_of(copy)},
                        {"modified", modified},
                        {"user", user_ ? cr::Value{user_->username} : cr::Value{}},
                        {"csrf_rotated", !csrf_->close().empty() || was_rotated_}};
    }
    /// close() says so once, and the trace at each step.
    void remember_rotation(cr::Value const& shown)
    {
        was_rotated_ = shown.get_if<cr::Dict>()->at("csrf_rotated").as<bool>();
    }

private:
    void begin(std::optional<cr::SessionKey> const& key)
    {
        session_ = std::make_unique<Session>(site_.sessions, key);
        csrf_.reset(new auth::Csrf<>(protection_.open({.method = "POST"})));
        was_rotated_ = false;
        user_.reset();
    }

    Site& site_;
    auth::CsrfProtection protection_;
    std::unique_ptr<Session> session_;
    std::unique_ptr<auth::Csrf<>> csrf_;
    std::optional<auth::User> user_;
    bool was_rotated_ = false;
};

std::size_t count_rows(Site& site)
{
    std::size_t count = 0;
    site.storage().for_each(cr::earliest_time, [&](auto const&, auto const&) { ++count; });
    return count;
}

} // namespace

TEST_CASE("every trace of Django's login, get_user, logout and update_session_auth_hash (S-650 to S-660)")
{
    std::size_t replayed = 0;
    for (auto const& entry : vectors({"auth", "traces"}).as<cr::Array>()) {
        auto const& trace = *entry.get_if<cr::Dict>();
        auto const name = trace.at("name").as<std::string>();
        if (!trace.contains("steps"))
            continue; // the key is rotated: below
        Site site;
        if (name == "password change with update") // it begins with what the trace before it left
            site.users.set_password("7", site.users.find("7")->password, "md5$saltsalt$ffff");
        Browser browser{site};
        KeyNames names;
        for (auto const& each : trace.at("steps").as<cr::Array>()) {
            auto const& fields = *each.get_if<cr::Dict>();
            auto const step = fields.at("step").as<cr::Array>();
            INFO(name << ": " << cr::serializer::Json::dump_value(fields.at("step")));
            if (auto const found = differences.find(name);
                found != differences.end() && found->second.step == step.at(0).as<std::string>())
                break;
            browser.act(step);
            auto const shown = browser.after(names);
            CHECK(shown == fields.at("after"));
            browser.remember_rotation(shown);
            CHECK(count_rows(site) == fields.at("rows").as<std::size_t>());
            ++replayed;
        }
    }
    CHECK(replayed > 40);
}

TEST_CASE("what a session holds is under Django's names (S-650)")
{
    std::vector<std::string> names;
    for (auto const& name : vectors({"auth", "session_keys"}).as<cr::Array>())
        names.push_back(name.as<std::string>());
    CHECK(names == std::vector{std::string{auth::item::user_id}, std::string{auth::item::backend},
                               std::string{auth::item::hash}});
}

TEST_CASE("after the secret was rotated a session gets a new key and the current hash (S-655)")
{
    cr::Dict trace;
    for (auto const& entry : vectors({"auth", "traces"}).as<cr::Array>())
        if (text_at(entry, "name") == "secret rotated, old key in fallbacks")
            trace = entry.as<cr::Dict>();
    Site site;
    Session session{site.sessions};
    site.accounts.login(session, *site.users.find("7"));
    session.save();
    CHECK(session.at(auth::item::hash) == trace.at("old_hash"));

    cr::Secret const fresh{"brand-new-secret-key-brand-new-secret-key-brand-new"};
    Backend rotated{site.sessions, site.users, auth::no_revocation, fresh, {.fallback_keys = {secret_key()}}};
    Session later{site.sessions, session.session_key()};
    Session parallel{site.sessions, session.session_key()};
    parallel.ensure_loaded();
    CHECK(rotated.get_user(later)->username == trace.at("user").as<std::string>());
    CHECK(later.at(auth::item::hash) == trace.at("new_hash"));
    CHECK((later.session_key() != session.session_key()) == trace.at("key_cycled").as<bool>());
    CHECK(later.modified() == trace.at("modified").as<bool>());
    later.save();

    CHECK(rotated.get_user(parallel)); // which finds that another request moved the session
    CHECK_FALSE(parallel.modified());

    Backend without{site.sessions, site.users, auth::no_revocation, cr::Secret{"another"}};
    Session last{site.sessions, later.session_key()};
    CHECK_FALSE(without.get_user(last));
    CHECK_FALSE(last.session_key());
}

TEST_CASE("where we differ from Django: a user id that is no number is nobody's (S-654)")
{
    Site site;
    Session session{site.sessions};
    site.accounts.login(session, *site.users.find("7"));
    session.save();
    CHECK(site.accounts.get_user(session));
    session[auth::item::user_id] = "abc";
    session.save();
    Session later{site.sessions, session.session_key()};
    CHECK_FALSE(site.accounts.get_user(later));
    CHECK_FALSE(later.modified());
    CHECK(later.session_key());

    session[auth::item::user_id] = 7; // a number is no text
    CHECK_FALSE(site.accounts.get_user(session));
}

TEST_CASE("the name of the backend is a setting, and another's sessions are nobody's (S-653, S-654)")
{
    Site site;
    constexpr auto allow_all = "django.contrib.auth.backends.AllowAllUsersModelBackend";
    Backend other{site.sessions, site.users, auth::no_revocation, secret_key(), {.backend = allow_all}};
    Session session{site.sessions};
    other.login(session, *site.users.find("7"));
    CHECK(session.at(auth::item::backend) == cr::Value{allow_all});
    CHECK(other.get_user(session));
    CHECK_FALSE(site.accounts.get_user(session));
    CHECK(session.contains(auth::item::user_id));
    CHECK_THROWS_AS((Backend{site.sessions, site.users, auth::no_revocation, secret_key(), {.backend = ""}}),
                    cr::ImproperlyConfigured);
}
