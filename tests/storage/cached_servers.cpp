// SPDX-License-Identifier: MIT
#include <cloakroom/storage/cached.hpp>

#include "support/catch.hpp"
#include "support/memcached_server.hpp"
#include "support/postgres_server.hpp"
#include "support/redis_server.hpp"
#include "support/storage.hpp"
#include "support/temporary_folder.hpp"

#include <cloakroom/serializer/json.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/storage/memcached.hpp>
#include <cloakroom/storage/postgres.hpp>
#include <cloakroom/storage/redis.hpp>
#include <cloakroom/storage/sqlite.hpp>
#include <cloakroom/testing/session_laws.hpp>
#include <cloakroom/testing/storage_laws.hpp>
#include <cloakroom/testing/storage_stress.hpp>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace cr = cloakroom;
using cr::WriteResult;
using cr::storage::Cached;
using cr::storage::Memcached;
using cr::storage::Postgres;
using cr::storage::Redis;
using cr::storage::Sqlite;
using namespace std::chrono_literals;

namespace {

using CachedPostgres = Cached<Redis, Postgres>;

/// One server of each kind for all cases.
RedisServer& redis()
{
    static RedisServer server;
    return server;
}

PostgresServer& postgres()
{
    static PostgresServer server;
    return server;
}

CachedPostgres open_cached()
{
    Postgres store{postgres().address()};
    store.migrate();
    return {Redis{redis().url()}, std::move(store)};
}

/// Does `work` until the cache answers it.
template <class Work>
auto patiently(Work const& work)
{
    for (auto const give_up = std::chrono::steady_clock::now() + 60s;;)
        try {
            return work();
        } catch (cr::StorageError const&) {
            if (std::chrono::steady_clock::now() > give_up)
                throw;
            std::this_thread::sleep_for(1ms);
        }
}

} // namespace

TEST_CASE("Redis over Postgres keeps the storage laws in every schedule of two and of three clients")
{
    auto storage = open_cached();
    auto const use = [&]() -> auto& { return storage; };
    CHECK(cr::testing::storage_laws(use, {.depth = 4, .clients = 2}).schedules > 500);
    CHECK(cr::testing::storage_laws(use, {.depth = 3, .clients = 3}).schedules > 80);
}

TEST_CASE("Redis over Postgres stands the stress of real threads")
{
    auto storage = open_cached();
    CHECK_NOTHROW(cr::testing::storage_stress(storage, {.threads = 4, .rounds = 25}));
}

TEST_CASE("Signed sessions on Redis over Postgres lose nothing in the first orders of two requests' calls")
{
    using Session = cr::Session<CachedPostgres, cr::serializer::Json, cr::signer::Hmac>;
    auto const report = cr::testing::session_laws<Session>(
        open_cached, cr::signer::Hmac{"a secret for tests"}, {.clients = 2, .limit = 10});
    CHECK(report.schedules > 300);
}

TEST_CASE("Memcached over Sqlite keeps the storage laws, and those of sessions")
{
    MemcachedServer const server; // it takes no entry as large as the largest payload of the laws
    TemporaryFolder const folder;
    using Storage = Cached<Memcached, Sqlite>;
    auto const open = [&] {
        Sqlite store{folder.path("sessions.sqlite3")};
        store.migrate();
        return Storage{Memcached{server.url()}, std::move(store)};
    };
    auto storage = open();
    auto const use = [&]() -> auto& { return storage; };
    CHECK(cr::testing::storage_laws(use, {.depth = 4, .clients = 2}).schedules > 500);
    CHECK(cr::testing::storage_laws(use, {.depth = 3, .clients = 3}).schedules > 80);
    CHECK_NOTHROW(cr::testing::storage_stress(storage, {.threads = 4, .rounds = 20}));
    using Session = cr::Session<Storage, cr::serializer::Json, cr::signer::Hmac>;
    auto const report = cr::testing::session_laws<Session>(open, cr::signer::Hmac{"a secret for tests"},
                                                           {.clients = 2, .limit = 10});
    CHECK(report.schedules > 300);
}

TEST_CASE("A memcached that is killed and comes back empty is told, and then only missed")
{
    MemcachedServer server;
    TemporaryFolder const folder;
    Sqlite store{folder.path("sessions.sqlite3")};
    store.migrate();
    Cached storage{Memcached{server.url()}, std::move(store)};
    auto const key = cr::SessionKey::generate();
    auto const now = cr::system_now();
    storage.create(key, record_of("1", now + 1h), now);
    auto const seen = *storage.load(key, now);
    server.kill();
    CHECK_THROWS_AS(storage.load(key, now), cr::StorageError);
    CHECK_THROWS_AS(storage.commit(key, seen, record_of("2", now + 1h), now), cr::StorageError);
    server.start();
    CHECK(patiently([&] { return storage.load(key, now); })->payload == "1");
    CHECK(storage.commit(key, seen, record_of("2", now + 1h), now) == WriteResult::committed);
    CHECK(storage.load(key, now)->payload == "2");
}

TEST_CASE("A cache that is down is told, and one that comes back empty is only missed")
{
    auto storage = open_cached();
    auto const key = cr::SessionKey::generate();
    auto const now = cr::system_now();
    REQUIRE(storage.create(key, record_of("1", now + 1h), now));
    auto const seen = *storage.load(key, now);
    redis().kill();
    CHECK_THROWS_AS(storage.load(key, now), cr::StorageError);
    CHECK_THROWS_AS(storage.commit(key, seen, record_of("2", now + 1h), now), cr::StorageError);
    CHECK_THROWS_AS(storage.erase(key), cr::StorageError);
    CHECK(storage.store().load(key, now)->payload == "1");
    redis().start();
    CHECK(storage.load(key, now)->payload == "1");
    CHECK(storage.commit(key, seen, record_of("2", now + 1h), now) == WriteResult::committed);
    CHECK(storage.load(key, now)->payload == "2");
    CHECK(storage.erase(key));
    CHECK_FALSE(storage.load(key, now));
}

TEST_CASE("Kills of the cache under load bring back nothing that was replaced or erased before an answer")
{
    auto shared = open_cached();
    auto const now = cr::system_now();
    auto const counted = cr::SessionKey::generate();
    shared.create(counted, record_of("0", now + 1h), now);
    std::atomic<long> acknowledged{0};
    std::atomic<long> unknown{0};
    std::atomic<bool> done{false};
    int failed = 0;
    std::thread clients{[&] {
        failed = run_threads(4, [&](int thread) {
            while (!done) {
                if (thread < 2) { // counts in one record, and never finds less than was acknowledged
                    auto const known = acknowledged.load();
                    auto const seen = patiently([&] { return shared.load(counted, now).value(); });
                    auto const number = std::stol(seen.payload);
                    if (number < known)
                        throw std::runtime_error{"an old record"};
                    try {
                        auto const answer = shared.commit(
                            counted, seen, record_of(std::to_string(number + 1), now + 1h), now);
                        if (answer == WriteResult::committed)
                            for (auto last = known; last < number + 1 &&
                                                    !acknowledged.compare_exchange_weak(last, number + 1);) {
                            }
                    } catch (cr::StorageError const&) {
                        ++unknown;
                    }
                    continue;
                }
                auto const key = cr::SessionKey::generate(); // logs in and out
                try {
                    if (!shared.create(key, record_of("in", now + 1h), now))
                        throw std::runtime_error{"a new key was taken"};
                    shared.load(key, now);
                } catch (cr::StorageError const&) {
                }
                patiently([&] { return shared.erase(key); });
                if (patiently([&] { return shared.load(key, now).has_value(); }))
                    throw std::runtime_error{"a session that was logged out lives"};
            }
        });
    }};
    for (int i = 0; i < 3; ++i) {
        auto const goal = acknowledged + 10;
        for (int wait = 0; wait < 1000 && acknowledged < goal; ++wait)
            std::this_thread::sleep_for(10ms);
        CHECK(acknowledged >= goal);
        redis().kill();
        std::this_thread::sleep_for(50ms);
        redis().start();
    }
    done = true;
    clients.join();
    CHECK(failed == 0);
    auto const number = std::stol(shared.store().load(counted, now).value().payload);
    CHECK(number >= acknowledged);
    CHECK(number <= acknowledged + unknown);
    CHECK(shared.load(counted, now)->payload == std::to_string(number));
}
