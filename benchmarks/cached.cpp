// SPDX-License-Identifier: MIT
//
// A Cached beside its store alone: a load that the cache answers, one that it does not, and a load with a
// commit; of a database in a file behind this process's memory, and of PostgreSQL behind Redis, which this
// program starts. Raw is the store through our own engine: `ratio` says what the cache gains and costs.

#include <cloakroom/storage/cached.hpp>
#include <cloakroom/storage/memory.hpp>
#include <cloakroom/storage/postgres.hpp>
#include <cloakroom/storage/redis.hpp>
#include <cloakroom/storage/sqlite.hpp>

#include "keys.hpp"
#include "payloads.hpp"
#include "side_by_side.hpp"
#include "support/postgres_server.hpp"
#include "support/redis_server.hpp"
#include "support/temporary_folder.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>

namespace cr = cloakroom;
using namespace std::chrono_literals;

namespace {

enum class Work { hit, miss, load_and_commit };

struct MemoryOverSqlite {
    using Cache = cr::storage::Memory;
    using Store = cr::storage::Sqlite;
    Cache cache() const { return {}; }
    Store store() const { return Store{folder.path("sessions.sqlite3")}; }

    TemporaryFolder folder;
};

struct RedisOverPostgres {
    using Cache = cr::storage::Redis;
    using Store = cr::storage::Postgres;
    Cache cache() const { return Cache{redis.url()}; }
    Store store() const { return Store{postgres.address()}; }

    OneProcessor here;
    RedisServer redis;
    PostgresServer postgres;
};

template <class Storage>
void request(Storage& storage, cr::SessionKey const& key, Work work, cr::TimePoint now, std::uint64_t serial)
{
    auto const stored = storage.load(key, now);
    if (!stored)
        throw std::runtime_error{"the record has gone"};
    if (work != Work::load_and_commit)
        return;
    cr::Record next{stored->payload, now + 24h};
    change(next.payload, serial);
    if (storage.commit(key, *stored, next, now) != cr::WriteResult::committed)
        throw std::runtime_error{"the record was not updated"};
}

template <class Engines, Work work>
void cached(benchmark::State& state)
{
    constexpr std::size_t count = 1'000;
    auto const now = cr::system_now();
    Engines const engines;
    auto store = engines.store();
    store.migrate();
    cr::storage::Cached both{engines.cache(), engines.store()};
    for (auto const& key : keys(count))
        both.create(key, {payload_b(), now + 24h}, now);
    std::uint64_t serial = 0;

    // Ours and raw have a half of the keys each, so that neither changes the other's.
    auto const our_request = [&] {
        auto const& key = keys(count)[2 * (++serial % (count / 2))];
        if constexpr (work == Work::miss)
            both.cache().erase(key);
        request(both, key, work, now, serial);
    };
    auto const raw_request = [&] {
        auto const& key = keys(count)[2 * (++serial % (count / 2)) + 1];
        request(store, key, work, now, serial);
    };
    side_by_side(state, our_request, raw_request);
}

BENCHMARK(cached<MemoryOverSqlite, Work::hit>)->UseManualTime()->MinTime(1);
BENCHMARK(cached<MemoryOverSqlite, Work::miss>)->UseManualTime()->MinTime(1);
BENCHMARK(cached<MemoryOverSqlite, Work::load_and_commit>)->UseManualTime()->MinTime(1);
BENCHMARK(cached<RedisOverPostgres, Work::hit>)->UseManualTime()->MinTime(1);
BENCHMARK(cached<RedisOverPostgres, Work::miss>)->UseManualTime()->MinTime(1);
BENCHMARK(cached<RedisOverPostgres, Work::load_and_commit>)->UseManualTime()->MinTime(1);

} // namespace
