// SPDX-License-Identifier: MIT
//
// What many stored sessions cost: a load among 1,000 to 1,000,000, beside the raw store of the same size; and
// a sweep that finds 1,000 expired sessions among as many as its argument says. The steps of a load are
// counted by tools/count_instructions.

#include <cloakroom/storage/memory.hpp>
#include <cloakroom/storage/postgres.hpp>
#include <cloakroom/storage/redis.hpp>
#include <cloakroom/storage/sqlite.hpp>

#include "keys.hpp"
#include "payloads.hpp"
#include "raw_map.hpp"
#include "raw_postgres.hpp"
#include "raw_redis.hpp"
#include "raw_sqlite.hpp"
#include "side_by_side.hpp"
#include "support/postgres_server.hpp"
#include "support/redis_server.hpp"
#include "support/temporary_folder.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>

namespace cr = cloakroom;
using namespace std::chrono_literals;

namespace {

auto const now = cr::system_now();
auto const later = now + 24h;

constexpr std::size_t few = 1'000;
constexpr std::size_t many = 1'000'000;

void growing(benchmark::internal::Benchmark* benchmark)
{
    benchmark->RangeMultiplier(10)->Range(few, many)->UseManualTime()->Iterations(200);
}

std::size_t count(benchmark::State const& state)
{
    return static_cast<std::size_t>(state.range(0));
}

template <class Storage>
void check(cr::SessionKey const& key, Storage& storage)
{
    auto const stored = storage.load(key, now);
    if (!stored)
        throw std::runtime_error{"a session has gone"};
    benchmark::DoNotOptimize(stored);
}

template <class Storage>
void fill(Storage& storage, std::size_t count)
{
    for (auto const& key : keys(count))
        storage.create(key, {payload_b(), later}, now);
}

void load_from_memory(benchmark::State& state)
{
    cr::storage::Memory ours{{.max_records = 2 * many, .max_bytes = std::size_t{4} << 30}};
    RawMap<64> raw;
    fill(ours, count(state));
    fill(raw, count(state));
    Walk walk{count(state)};
    side_by_side(state, [&] { check(walk.next(), ours); }, [&] { check(walk.next(), raw); });
}

void load_from_sqlite(benchmark::State& state)
{
    TemporaryFolder const folder;
    cr::storage::Sqlite ours{folder.path("db.sqlite3")};
    ours.migrate();
    fill(ours, count(state));
    RawSqlite raw{folder.path("db.sqlite3")};
    Walk walk{count(state)};
    std::string data;
    std::string expires;
    side_by_side(
        state, [&] { check(walk.next(), ours); }, [&] { raw.load(walk.next().reveal(), data, expires); });
}

PostgresServer postgres_server()
{
    return PostgresServer{{"fsync=off", "synchronous_commit=off", "autovacuum=off", "max_wal_size=4GB"}};
}

void load_from_postgres(benchmark::State& state)
{
    OneProcessor const here;
    auto const server = postgres_server();
    cr::storage::Postgres ours{server.address()};
    ours.migrate();
    fill(ours, count(state));
    cr::adapters::postgres::Connection{server.address(), {5s, 60s}}.execute("VACUUM ANALYZE");
    RawPostgres raw{server.address()};
    Walk walk{count(state)};
    std::string data;
    std::array<char, 8> expires{};
    side_by_side(
        state, [&] { check(walk.next(), ours); }, [&] { raw.load(walk.next().reveal(), data, expires); });
}

void load_from_redis(benchmark::State& state)
{
    OneProcessor const here;
    RedisServer server;
    cr::storage::Redis ours{server.url()};
    fill(ours, count(state));
    RawRedis raw{server.port()};
    std::string const prefix = cr::storage::RedisOptions{}.key_prefix;
    Walk walk{count(state)};
    side_by_side(
        state, [&] { check(walk.next(), ours); },
        [&] {
            auto const value = raw.load(prefix + std::string{walk.next().reveal()});
            benchmark::DoNotOptimize(value);
        });
}

/// Removes `few` expired records from among count(state) ones.
template <class Storage>
void sweep(benchmark::State& state, Storage& storage)
{
    fill(storage, count(state));
    for (auto _ : state) {
        state.PauseTiming();
        for (std::size_t i = 0; i < few; ++i)
            storage.create(cr::SessionKey::generate(), {payload_b(), now + 1s}, now);
        state.ResumeTiming();
        if (storage.clear_expired(now + 2s, 2 * few) != few)
            throw std::runtime_error{"not the expired records were removed"};
    }
}

void sweep_sqlite(benchmark::State& state)
{
    TemporaryFolder const folder;
    cr::storage::Sqlite storage{folder.path("db.sqlite3")};
    storage.migrate();
    sweep(state, storage);
}

void sweep_postgres(benchmark::State& state)
{
    auto const server = postgres_server();
    cr::storage::Postgres storage{server.address()};
    storage.migrate();
    sweep(state, storage);
}

BENCHMARK(load_from_memory)->Apply(growing);
BENCHMARK(load_from_sqlite)->Apply(growing);
BENCHMARK(load_from_postgres)->Apply(growing);
BENCHMARK(load_from_redis)->Apply(growing);
BENCHMARK(sweep_sqlite)->Arg(0)->Arg(many)->UseRealTime()->Iterations(10)->Unit(benchmark::kMillisecond);
BENCHMARK(sweep_postgres)->Arg(0)->Arg(many)->UseRealTime()->Iterations(10)->Unit(benchmark::kMillisecond);

} // namespace
