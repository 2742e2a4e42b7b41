// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTS_SUPPORT_DJANGO_CACHED_HPP
#define CLOAKROOM_TESTS_SUPPORT_DJANGO_CACHED_HPP

#include "support/django_operations.hpp"
#include "support/temporary_folder.hpp"

#include <cloakroom/storage/cached.hpp>
#include <cloakroom/storage/memory.hpp>
#include <cloakroom/storage/sqlite.hpp>

#include <chrono>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

/// Django's cached_db engine with its cache in this process.
using CachedSqlite = cloakroom::storage::Cached<cloakroom::storage::Memory, cloakroom::storage::Sqlite>;

/// An empty one, whose cache ends no record before the record itself does.
inline CachedSqlite make_cached(TemporaryFolder const& folder, cloakroom::Clock const& clock)
{
    cloakroom::storage::Sqlite store{folder.path("db.sqlite3")};
    store.migrate();
    return {{}, std::move(store), {.value_time = std::chrono::years{1}, .clock = clock}};
}

/// What the vectors do to the row or to the cache alone. False where the storage has no cache.
template <class Backend>
bool change_behind_cache(Backend&, std::string_view, std::string const&)
{
    return false;
}
template <class Backend>
requires requires(Backend& backend) { backend.storage().cache(); }
bool change_behind_cache(Backend& backend, std::string_view operation, std::string const& name)
{
    namespace cr = cloakroom;
    if (operation != "evict" && operation != "drop_row" && operation != "corrupt")
        return false;
    auto const key = *cr::SessionKey::parse(name);
    auto& store = backend.storage().store();
    if (operation == "drop_row") {
        store.erase(key);
        return true;
    }
    backend.storage().cache().erase(key);
    if (operation == "corrupt") {
        auto const row = *store.load(key, backend.now());
        store.commit(key, row, {"bad:encoded:value", row.expires}, backend.now());
    }
    return true;
}

/// Everything stored, as the vectors show it for the cached_db engine: {"K1": {"row": ..., "cache": ...}}.
template <class Backend>
cloakroom::Dict stored_rows_and_cache(Backend& backend, KeyNames& names)
{
    namespace cr = cloakroom;
    using cr::storage::detail::CachedEntry;
    auto all = stored_rows(backend, names);
    backend.storage().cache().for_each(
        cr::earliest_time, [&](cr::SessionKey const& key, cr::Stored const& stored) {
            auto const entry = CachedEntry::parse(stored.payload);
            if (entry.kind != CachedEntry::Kind::value)
                return;
            auto const text = backend.signer().unsign(entry.payload, backend.now(), std::nullopt);
            auto const expires_in = std::chrono::duration<double>(entry.expires - backend.now()).count();
            auto const name = names.name_of(key.reveal());
            auto both = all.contains(name) ? all.at(name).template as<cr::Dict>() : cr::Dict{};
            both["cache"] = cr::Dict{{"data", text ? *text : "{}"}, {"expires_in", expires_in}};
            all[name] = both;
        });
    return all;
}

/// What of {"K1": {"cache": ...}} is alive; the rest lies there until somebody looks, which is a cache's own
/// affair.
inline cloakroom::Dict live_entries(cloakroom::Dict const& stored)
{
    namespace cr = cloakroom;
    cr::Dict result;
    for (auto const& [name, entry] : stored) {
        auto const copy = entry.as<cr::Dict>().at("cache").as<cr::Dict>();
        if (copy.at("expires_in").as<double>() > 0)
            result[name] = entry;
    }
    return result;
}

/// Everything alive, as the vectors show it for the cache engine.
template <class Backend>
cloakroom::Dict stored_in_cache(Backend& backend, KeyNames& names)
{
    namespace cr = cloakroom;
    cr::Dict result;
    cr::Dict const rows = stored_rows(backend, names);
    for (auto const& each : rows) {
        cr::Value const& entry = each.value;
        result[each.key] = cr::Dict{{"cache", entry.as<cr::Dict>().at("row")}};
    }
    return live_entries(result);
}

/// Entries that end at whole seconds from now, as what Django has just cached does (S-145).
inline cloakroom::Dict with_whole_seconds(cloakroom::Dict stored)
{
    for (auto const& [name, entry] : cloakroom::Dict{stored}) {
        auto copy = entry.as<cloakroom::Dict>().at("cache").as<cloakroom::Dict>();
        copy["expires_in"] = std::floor(copy.at("expires_in").as<double>());
        stored[name] = cloakroom::Dict{{"cache", copy}};
    }
    return stored;
}

inline cloakroom::storage::Memory make_memory(TemporaryFolder const&, cloakroom::Clock const&)
{
    return cloakroom::storage::Memory{};
}

/// What a case shows, as we have it: no copies of what has expired already, and each ends with its row, of
/// whose seconds Django cuts off the fraction (S-161, S-162).
inline cloakroom::Dict with_our_copies(cloakroom::Dict stored)
{
    namespace cr = cloakroom;
    for (auto const& [name, entry] : cr::Dict{stored}) {
        auto both = entry.as<cr::Dict>();
        if (!both.contains("cache") || !both.contains("row"))
            continue;
        auto copy = both.at("cache").as<cr::Dict>();
        auto const copy_ends = copy.at("expires_in").as<double>();
        auto const row_ends = both.at("row").as<cr::Dict>().at("expires_in").as<double>();
        if (copy_ends <= 0) {
            both.erase("cache");
        } else if (std::floor(row_ends) == copy_ends) {
            copy["expires_in"] = row_ends;
            both["cache"] = copy;
        }
        stored[name] = both;
    }
    return stored;
}

#endif
