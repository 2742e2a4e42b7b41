// SPDX-License-Identifier: MIT
// Log-ins over the storages that ask a server. What they do beyond is told by backend.cpp and laws.cpp.
#include <cloakroom/auth/backend.hpp>

#include <cloakroom/auth/memory_revocation.hpp>
#include <cloakroom/auth/memory_users.hpp>
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/storage/cached.hpp>
#include <cloakroom/storage/memcached.hpp>
#include <cloakroom/storage/postgres.hpp>
#include <cloakroom/storage/redis.hpp>
#include <cloakroom/testing/auth_laws.hpp>
#include <cloakroom/testing/md5_passwords.hpp>

#include "support/catch.hpp"
#include "support/memcached_server.hpp"
#include "support/postgres_server.hpp"
#include "support/redis_server.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cr = cloakroom;
namespace auth = cr::auth;

namespace {

RedisServer& redis()
{
    static RedisServer server;
    return server;
}

MemcachedServer& memcached()
{
    static MemcachedServer server;
    return server;
}

cr::storage::Postgres open_postgres()
{
    static PostgresServer server;
    cr::storage::Postgres storage{server.address()};
    storage.migrate();
    return storage;
}

/// A site with ann, whose password is "pw", and her browsers.
template <class Storage>
struct Site {
    using Session = cr::Session<Storage, cr::serializer::Json, cr::signer::Hmac>;
    using Passwords = auth::Passwords<cr::testing::Md5Passwords>;
    using Accounts = auth::Backend<Session, auth::MemoryUsers, auth::MemoryRevocation, Passwords>;

    explicit Site(Storage storage) : sessions{std::move(storage), {}, cr::signer::Hmac{"key"}}
    {
        REQUIRE(users.create({.username = "ann", .password = accounts.passwords().make_password("pw")}));
    }

    /// An anonymous visit, then a log-in: the key before and after.
    std::pair<cr::SessionKey, cr::SessionKey> log_in()
    {
        Session visit{sessions};
        visit["cart"] = "a hat";
        visit.save();
        auto const before = *visit.session_key();

        Session session{sessions, before};
        auto const user = accounts.authenticate("ann", "pw");
        REQUIRE(user);
        REQUIRE(accounts.login(session, *user));
        session.save();
        return {before, *session.session_key()};
    }
    /// The name of who is logged in, and what is in the cart.
    std::string who(cr::SessionKey const& key)
    {
        Session session{sessions, key};
        auto const user = accounts.get_user(session);
        return user
                   ? user->username + " with " + session.template get<std::string>("cart").value_or("nothing")
                   : "nobody";
    }
    std::size_t devices() { return revocation.list(users.find_by_name("ann")->id, sessions.now()).size(); }

    auth::MemoryUsers users{};
    auth::MemoryRevocation revocation{};
    typename Session::Backend sessions;
    Accounts accounts{sessions, users, revocation, "key"};
};

/// Two browsers log in, one ends the other, then logs out; no copy of a cookie is good for anything then.
template <class Storage>
void check_log_ins(Storage storage)
{
    using Session = typename Site<Storage>::Session;
    Site<Storage> site{std::move(storage)};
    auto const [before, first] = site.log_in();
    auto const second = site.log_in().second;
    CHECK(site.who(first) == "ann with a hat");
    CHECK(site.who(second) == "ann with a hat");
    CHECK(site.who(before) == "nobody"); // a log-in moves the session
    CHECK_FALSE(site.accounts.authenticate("ann", "wrong"));

    Session here{site.sessions, first};
    REQUIRE(site.accounts.end_others(here));
    here.save();
    auto const moved = *here.session_key();
    CHECK(moved != first);
    CHECK(site.who(moved) == "ann with a hat");
    CHECK(site.who(first) == "nobody");
    CHECK(site.who(second) == "nobody");
    CHECK(site.devices() == 1);

    Session last{site.sessions, moved};
    site.accounts.logout(last);
    last.save();
    for (auto const& key : {before, first, second, moved})
        CHECK(site.who(key) == "nobody");
    CHECK(site.devices() == 0);
    CHECK_FALSE(site.sessions.storage().load(moved, site.sessions.now()));
}

/// Whatever two requests do at once, in the first orders of their calls.
template <class Open>
void check_laws(Open open, std::size_t limit)
{
    auto const revocation = [] { return auth::MemoryRevocation{}; };
    CHECK(cr::testing::auth_laws(open, revocation, {.limit = limit}).combinations == 66);
}

} // namespace

TEST_CASE("people log in and out over Redis")
{
    auto const open = [] { return cr::storage::Redis{redis().url()}; };
    check_log_ins(open());
    check_laws(open, 4);
}

TEST_CASE("people log in and out over Memcached")
{
    auto const open = [] { return cr::storage::Memcached{memcached().url()}; };
    check_log_ins(open());
    check_laws(open, 4);
}

TEST_CASE("people log in and out over Postgres")
{
    check_log_ins(open_postgres());
    check_laws(open_postgres, 2);
}

TEST_CASE("people log in and out over Postgres behind Redis")
{
    using CachedPostgres = cr::storage::Cached<cr::storage::Redis, cr::storage::Postgres>;
    auto const open = [] { return CachedPostgres{cr::storage::Redis{redis().url(1)}, open_postgres()}; };
    check_log_ins(open());
    check_laws(open, 1);
}
