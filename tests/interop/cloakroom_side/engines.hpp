// SPDX-License-Identifier: MIT
#ifndef TESTS_INTEROP_CLOAKROOM_SIDE_ENGINES_HPP
#define TESTS_INTEROP_CLOAKROOM_SIDE_ENGINES_HPP

#include "postgres_users.hpp"
#include "site_file.hpp"

#include <cloakroom.hpp>
#include <cloakroom/auth/sqlite_users.hpp>
#include <cloakroom/storage/postgres.hpp>
#include <cloakroom/storage/redis.hpp>
#include <cloakroom/storage/sqlite.hpp>

#include <stdexcept>

namespace interop {

/// What an engine has if it does not say otherwise: Django's signed texts, and users in Django's database.
template <class Storage, class Signer = cr::signer::Hmac>
struct Engine {
    using Session = cr::Session<Storage, cr::serializer::Json, Signer>;
    using Users = cr::auth::SqliteUsers;
    static constexpr auto const& revocation = cr::auth::no_revocation;

    static Signer signer(SiteFile const& site)
    {
        if constexpr (requires { Signer{site.key()}; })
            return Signer{site.key(), {.fallback_keys = site.fallbacks()}};
        else
            return {};
    }
};

struct Sqlite : Engine<cr::storage::Sqlite> {
    static cr::storage::Sqlite open(SiteFile const& site) { return cr::storage::Sqlite{site.database}; }
};

struct Postgres : Engine<cr::storage::Postgres> {
    using Users = PostgresUsers;
    static cr::storage::Postgres open(SiteFile const& site) { return cr::storage::Postgres{site.database}; }
};

struct File : Engine<cr::storage::File> {
    static cr::storage::File open(SiteFile const& site) { return cr::storage::File{site.folder}; }
};

struct SignedCookies : Engine<cr::storage::SignedCookie> {
    static constexpr auto const& revocation = cr::auth::accept_replay; // as in Django (S-258)
    static cr::storage::SignedCookie open(SiteFile const&) { return {}; }
};

/// Django's cache engine, whose cache is told to write JSON.
struct Redis : Engine<cr::storage::Redis, cr::signer::Unsigned> {
    static cr::storage::Redis open(SiteFile const& site)
    {
        return cr::storage::Redis{site.cache, {.format = cr::storage::RedisFormat::bare}};
    }
};

/// Calls `use(engine)` with the engine that the file names, an empty object of one of the types above.
template <class Use>
int with_engine(SiteFile const& site, Use const& use)
{
    if (site.engine == "sqlite")
        return use(Sqlite{});
    if (site.engine == "postgres")
        return use(Postgres{});
    if (site.engine == "file")
        return use(File{});
    if (site.engine == "signed_cookies")
        return use(SignedCookies{});
    if (site.engine == "redis")
        return use(Redis{});
    throw std::runtime_error{"unknown engine " + site.engine};
}

} // namespace interop

#endif
