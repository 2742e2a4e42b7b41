// SPDX-License-Identifier: MIT
#ifndef EXAMPLES_SESSION_ADMIN_ENGINES_HPP
#define EXAMPLES_SESSION_ADMIN_ENGINES_HPP

// What can keep sessions: one struct for each engine, which names its storage and opens it, and a Hana map of
// them all. A new engine is a struct and a line.

#include "names.hpp"
#include "options.hpp"

#include <cloakroom.hpp>
#include <cloakroom/storage/memcached.hpp>
#include <cloakroom/storage/postgres.hpp>
#include <cloakroom/storage/redis.hpp>
#include <cloakroom/storage/sqlite.hpp>

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace session_admin {

namespace cr = cloakroom;

/// Where the sessions are: --url, else CLOAKROOM_URL, which other users do not see in the list of processes,
/// else what the engine takes for usual.
inline std::string url(Options const& options, std::string_view usual)
{
    if (options.url)
        return *options.url;
    auto const* const from_environment = std::getenv("CLOAKROOM_URL");
    return from_environment != nullptr ? from_environment : std::string{usual};
}

inline std::chrono::seconds parse_seconds(std::string const& text)
{
    int seconds = 0;
    auto const* const last = text.data() + text.size();
    auto const [end, error] = std::from_chars(text.data(), last, seconds);
    if (error != std::errc{} || end != last || seconds <= 0)
        throw Misuse{"--cookie-age needs a number of seconds, not '" + text + "'"};
    return std::chrono::seconds{seconds};
}

/// What an engine has if it does not say otherwise.
struct Engine {
    using Signer = cr::signer::Hmac;
    /// What --help says that --url names.
    static constexpr std::string_view where = "";
    /// The options that belong to this engine and not to all.
    static constexpr std::string_view own_options = "";
    /// Why clearsessions never has anything to remove, where that is so.
    static constexpr std::string_view clears_itself = "";
};

struct Sqlite : Engine {
    using Storage = cr::storage::Sqlite;
    static constexpr std::string_view about = "Django's db engine in an SQLite file";
    static constexpr std::string_view where = "FILE";

    static Storage open(Options const& options)
    {
        auto const file = url(options, "");
        if (file.empty())
            throw Misuse{"--engine sqlite needs --url FILE"};
        // SQLite makes a file that is missing. After a slip of the pen that would be an empty site.
        if (options.command != "migrate" && !file.starts_with("file:") && !std::filesystem::exists(file))
            throw cr::StorageError{"There is no file " + file + "; the command migrate makes it."};
        return Storage{file, {.journal = cr::storage::SqliteJournal::unchanged}};
    }
};

struct Postgres : Engine {
    using Storage = cr::storage::Postgres;
    static constexpr std::string_view about = "Django's db engine on PostgreSQL";
    static constexpr std::string_view where = "postgresql://user@host:5432/database";

    static Storage open(Options const& options) { return Storage{url(options, "")}; }
};

struct File : Engine {
    using Storage = cr::storage::File;
    static constexpr std::string_view about = "Django's file engine";
    static constexpr std::string_view where = "FOLDER";
    static constexpr std::string_view own_options = "--cookie-name --cookie-age";

    static Storage open(Options const& options)
    {
        cr::storage::FileOptions how;
        if (options.cookie_name)
            how.prefix = *options.cookie_name;
        if (options.cookie_age)
            how.cookie_age = parse_seconds(*options.cookie_age);
        return Storage{url(options, ""), std::move(how)};
    }
};

struct Redis : Engine {
    using Storage = cr::storage::Redis;
    static constexpr std::string_view about = "a Redis or Valkey server";
    static constexpr std::string_view where = "redis://host:6379/0";
    static constexpr std::string_view own_options = "--key-prefix";
    static constexpr std::string_view clears_itself = "Redis removes expired sessions itself.";

    static Storage open(Options const& options, cr::storage::RedisOptions how = {})
    {
        if (options.key_prefix)
            how.key_prefix = *options.key_prefix;
        return Storage{url(options, "redis://127.0.0.1:6379/0"), std::move(how)};
    }
};

struct RedisCluster : Redis {
    static constexpr std::string_view about = "a Redis Cluster";
    static constexpr std::string_view where = "redis://host:6379,host:6379";

    static Storage open(Options const& options) { return Redis::open(options, {.cluster = true}); }
};

struct BareRedis : Redis {
    using Signer = cr::signer::Unsigned; // such a Django signs nothing
    static constexpr std::string_view about = "Django's cache engine with a JSON serializer";

    static Storage open(Options const& options)
    {
        return Redis::open(options, {.format = cr::storage::RedisFormat::bare});
    }
};

struct Memcached : Engine {
    using Storage = cr::storage::Memcached;
    static constexpr std::string_view about = "one memcached or several";
    static constexpr std::string_view where = "memcached://host:11211,host:11211";
    static constexpr std::string_view own_options = "--key-prefix";
    static constexpr std::string_view clears_itself = "memcached removes expired sessions itself.";

    static Storage open(Options const& options)
    {
        cr::storage::MemcachedOptions how;
        if (options.key_prefix)
            how.key_prefix = *options.key_prefix;
        return Storage{url(options, "memcached://127.0.0.1:11211"), std::move(how)};
    }
};

struct SignedCookies : Engine {
    using Storage = cr::storage::SignedCookie;
    static constexpr std::string_view about = "Django's signed_cookies engine";
    static constexpr std::string_view clears_itself = "The visitors' browsers keep these sessions.";

    static Storage open(Options const&) { return {}; }
};

/// Any of them, where the store holds hashes instead of keys.
template <class Inner>
struct Hashed : Inner {
    using Storage = cr::storage::HashedKeys<typename Inner::Storage>;

    static Storage open(Options const& options) { return Storage{Inner::open(options)}; }
};

inline constexpr auto engines =
    hana::make_map(hana::make_pair(BOOST_HANA_STRING("sqlite"), hana::type_c<Sqlite>),
                   hana::make_pair(BOOST_HANA_STRING("postgres"), hana::type_c<Postgres>),
                   hana::make_pair(BOOST_HANA_STRING("file"), hana::type_c<File>),
                   hana::make_pair(BOOST_HANA_STRING("redis"), hana::type_c<Redis>),
                   hana::make_pair(BOOST_HANA_STRING("redis-cluster"), hana::type_c<RedisCluster>),
                   hana::make_pair(BOOST_HANA_STRING("redis-bare"), hana::type_c<BareRedis>),
                   hana::make_pair(BOOST_HANA_STRING("memcached"), hana::type_c<Memcached>),
                   hana::make_pair(BOOST_HANA_STRING("signed_cookies"), hana::type_c<SignedCookies>));

/// Calls `use(engine)` with the engine that the command line names, an empty object of one of the types
/// above.
template <class Use>
void with_engine(Options const& options, Use const& use)
{
    auto const name = options.engine.value_or("");
    auto const found = with_named(engines, name, [&](auto type) {
        using Chosen = typename decltype(type)::type;
        for (auto const& setting : {"--cookie-name", "--cookie-age", "--key-prefix"})
            if ((options.*find(settings, setting)->member).has_value() &&
                Chosen::own_options.find(setting) == std::string_view::npos)
                throw Misuse{"the engine " + name + " has no " + setting};
        if (!options.hashed_keys)
            use(Chosen{});
        else if constexpr (cr::StoragePolicy<typename Chosen::Storage>)
            use(Hashed<Chosen>{});
        else
            throw Misuse{"the engine " + name + " stores nothing under a key that could be hashed"};
    });
    if (!found)
        throw Misuse{(name.empty() ? "which --engine?" : "unknown engine " + name + ";") +
                     (" there are " + names_in(engines))};
}

} // namespace session_admin

#endif
