// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/django_cached.hpp"
#include "support/django_operations.hpp"
#include "support/temporary_folder.hpp"

#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/storage/file.hpp>
#include <cloakroom/storage/signed_cookie.hpp>
#include <cloakroom/storage/sqlite.hpp>
#include <cloakroom/testing/manual_clock.hpp>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace cr = cloakroom;

namespace {

template <class Storage>
using Session = cr::Session<Storage, cr::serializer::Json, cr::signer::Hmac>;

/// Where we differ from Django on purpose: trace -> the number of the behaviour that is not copied. The step
/// from which on is found by the operation.
struct Difference {
    std::string operation;
    std::string why;
};
using Differences = std::map<std::string, Difference>;
Differences const row_differences{
    {"nested_mutation_unseen",
     {"nested_mutation", "S-012: a nested edit through the session marks it modified"}},
    {"lost_update", {"save b", "S-107: changes of different keys are both kept"}},
    {"unknown_key_save_unloaded", {"save s", "S-106: the unknown key is dropped, no other is drawn"}},
};

/// With files, besides: an expired one is not replaced by a new session, and one with a duration expires.
Differences const file_differences = [] {
    auto all = row_differences;
    for (auto const* const trace :
         {"expire_by_default_age", "expire_custom_int", "expire_custom_timedelta_is_absolute"})
        all.insert({trace, {"get u", "S-211, S-212"}});
    all.insert({"expire_boundary", {"get t", "S-212"}});
    all.insert({"clear_expired_boundary", {"clear_expired", "S-213: at its very deadline a record is left"}});
    for (auto const* const trace : {"expire_past_datetime", "expire_past_int"})
        all.insert({trace, {"has t", "S-212"}});
    return all;
}();

/// In a cache, besides: an expired record exists until it goes, as in every other engine.
Differences const cache_differences = [] {
    auto all = row_differences;
    for (auto const* const trace : {"expire_by_default_age", "expire_custom_int"})
        all.insert({trace, {"exists u", "S-146: as S-123"}});
    return all;
}();

/// With cached rows, besides: what is cached again ends with its row and not up to a second before, a copy
/// whose row turns out to be gone goes too, and what has expired is not copied.
Differences const cached_differences = [] {
    auto all = row_differences;
    all.insert({"cache_copy_evicted", {"get t", "S-161: the deadline is not rounded"}});
    all.insert({"row_gone_cache_left", {"save t", "S-167: the cached copy does not stay"}});
    for (auto const* const trace : {"expire_past_datetime", "expire_past_int"})
        all.insert({trace, {"save s", "S-162: what has expired already is not cached"}});
    all.insert({"clear_expired", {"save t", "S-162"}});
    return all;
}();

std::string error_name(cr::Error const& error)
{
    if (dynamic_cast<cr::KeyError const*>(&error) != nullptr)
        return "KeyError";
    if (dynamic_cast<cr::CreateError const*>(&error) != nullptr)
        return "django.contrib.sessions.backends.base.CreateError";
    if (dynamic_cast<cr::UpdateError const*>(&error) != nullptr)
        return "django.contrib.sessions.backends.base.UpdateError";
    return error.what();
}

/// Does the steps of every trace of a section. `make_storage(folder, clock)` makes an empty storage;
/// `view(backend, names)` is what is stored, as the section shows it.
template <class MakeStorage, class View>
void run_traces(std::string_view section, Differences const& differences, MakeStorage make_storage, View view)
{
    cr::Dict const traces = vectors({"traces", section}).as<cr::Dict>();
    for (auto const& each : traces) {
        std::string const trace{each.key};
        cr::Value const& content = each.value;
        if (trace ==
            "set_key_rules") // the key of a session cannot be assigned; S-003 is tested with SessionKey
            continue;
        TemporaryFolder const folder;
        cr::testing::ManualClock clock{vectors_clock};
        using Traced = Session<decltype(make_storage(folder, clock))>;
        constexpr bool is_stored = cr::StoragePolicy<decltype(make_storage(folder, clock))>;
        typename Traced::Backend backend{make_storage(folder, clock),
                                         {},
                                         cr::signer::Hmac{vectors({"meta", "secret_key"}).as<std::string>()}};
        backend.clock(clock);
        KeyNames names;
        std::map<std::string, std::unique_ptr<Traced>> sessions;
        for (auto const& step : content.get_if<cr::Dict>()->at("steps").as<cr::Array>()) {
            auto const& fields = *step.get_if<cr::Dict>();
            auto const op = fields.at("op").as<cr::Array>();
            auto const kind = op.at(0).as<std::string>();
            auto const who = op.at(1).is_string() ? op.at(1).as<std::string>() : "";
            INFO(trace << ": " << cr::serializer::Json::dump_value(step));
            if (fields.contains("skipped"))
                break;
            if (auto const found = differences.find(trace);
                found != differences.end() &&
                (found->second.operation == kind || found->second.operation == kind + " " + who))
                break; // told apart in session.cpp

            cr::Value answer;
            std::string error;
            try {
                if (kind == "advance") {
                    clock.advance(seconds_of(op.at(1)));
                } else if (kind == "clear_expired") {
                    backend.clear_expired();
                } else if (change_behind_cache(backend, kind, names.key_of(who))) {
                } else if (kind == "evict") {
                } else if (kind == "drop_row") { // the table's, where there is one
                    if constexpr (is_stored)
                        if (section == "db")
                            backend.storage().erase(*cr::SessionKey::parse(names.key_of(who)));
                } else if (kind == "corrupt") {
                    if constexpr (is_stored) {
                        auto const key = *cr::SessionKey::parse(names.key_of(who));
                        if (section == "cache") { // has no entries but those it can read
                            backend.storage().erase(key);
                        } else {
                            auto const row = backend.storage().load(key, backend.now());
                            backend.storage().commit(key, *row, {"bad:encoded:value", row->expires},
                                                     backend.now());
                        }
                    }
                } else if (kind == "open") {
                    sessions[who] =
                        op.size() == 2
                            ? std::make_unique<Traced>(backend)
                            : std::make_unique<Traced>(backend, names.key_of(op.at(2).as<std::string>()));
                } else {
                    answer = apply_django_operation(*sessions.at(who), op, names);
                }
            } catch (cr::Error const& thrown) {
                error = error_name(thrown);
            }
            if (fields.contains("error"))
                CHECK(error == fields.at("error").as<std::string>());
            else
                CHECK(error.empty());
            if (fields.contains("ok"))
                CHECK(answer == fields.at("ok"));
            if (fields.contains("after")) {
                auto const& session = *sessions.at(who);
                CHECK(cr::Value{cr::Dict{{"accessed", session.accessed()},
                                         {"modified", session.modified()},
                                         {"key", names.name_of(session.session_key())},
                                         {"loaded", session.is_loaded()},
                                         {"is_empty", session.is_empty()}}} == fields.at("after"));
            }
            auto const& stored = fields.at("stored");
            CHECK(cr::Value{view(backend, names)} ==
                  (section == "cache" ? cr::Value{live_entries(stored.as<cr::Dict>())} : stored));
        }
        if constexpr (!is_stored) // the key is the session itself, to the byte
            for (auto const& [name, key] : content.get_if<cr::Dict>()->at("keys").as<cr::Dict>())
                CHECK(names.key_of(std::string{name}) == key.template as<std::string>());
    }
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

TEST_CASE("every trace of Django's db engine: answers, flags, keys and rows (S-001 to S-130, S-800, S-801)")
{
    auto const rows = [](auto& backend, KeyNames& names) { return stored_rows(backend, names); };
    run_traces("db", row_differences, make_sqlite, rows);
    run_traces("db", row_differences, make_file, rows); // the same sessions, wherever they are stored
    auto cached = row_differences;
    cached.insert({"row_gone_cache_left", {"drop_row", "S-167, see below"}});
    run_traces("db", cached, make_cached, rows);
}

TEST_CASE("every trace of Django's file engine: answers, flags, keys and files (S-200 to S-215)")
{
    run_traces("file", file_differences, make_file,
               [](auto& backend, KeyNames& names) { return stored_files(backend, names); });
}

TEST_CASE("every trace of Django's cache engine: answers, flags, keys and entries (S-140 to S-146)")
{
    run_traces("cache", cache_differences, make_memory,
               [](auto& backend, KeyNames& names) { return stored_in_cache(backend, names); });
}

TEST_CASE("every trace of Django's cached_db engine: answers, flags, keys, rows and cache (S-160 to S-167)")
{
    run_traces("cached_db", cached_differences, make_cached,
               [](auto& backend, KeyNames& names) { return stored_rows_and_cache(backend, names); });
}

TEST_CASE(
    "every trace of Django's signed_cookies engine: answers, flags and the texts of cookies (S-240 to S-259)")
{
    run_traces(
        "signed_cookies", {{"nested_mutation_unseen", row_differences.at("nested_mutation_unseen")}},
        [](TemporaryFolder const&, cr::Clock const&) { return cr::storage::SignedCookie{}; },
        [](auto&, KeyNames&) { return cr::Dict{}; });
}
