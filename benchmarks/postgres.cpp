// SPDX-License-Identifier: MIT
//
// Postgres' load and commit beside libpq's prepared statements: the same SQL on a server of its own, on two
// tables of the same rows. The server does not wait for its disk, which would hide everything else.

#include <cloakroom/storage/postgres.hpp>

#include "keys.hpp"
#include "payloads.hpp"
#include "raw_postgres.hpp"
#include "side_by_side.hpp"
#include "support/postgres_server.hpp"

#include <benchmark/benchmark.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace cr = cloakroom;
using namespace std::chrono_literals;

namespace {

constexpr cr::TimePoint now{cr::Duration{1'780'000'000'123'456}};
constexpr cr::TimePoint later{cr::Duration{1'780'086'400'000'000}};

enum class Work { load, load_and_commit };

template <Work work>
void postgres(benchmark::State& state)
{
    constexpr std::size_t count = 1'000;
    OneProcessor const here;
    PostgresServer server{{"fsync=off", "synchronous_commit=off", "autovacuum=off"}};
    for (auto const* const name : {"ours", "raw"}) {
        cr::adapters::postgres::Connection{server.address(), {5s, 60s}}.execute(
            (std::string{"CREATE DATABASE "} + name).c_str());
        cr::storage::Postgres storage{server.address(name)};
        storage.migrate();
        for (auto const& key : keys(count))
            storage.create(key, {payload_b(), now + 24h}, now);
        cr::adapters::postgres::Connection{server.address(name), {5s, 60s}}.execute("VACUUM ANALYZE");
    }
    cr::storage::Postgres ours{server.address("ours")};
    RawPostgres raw{server.address("raw")};
    Walk walk{count};
    std::string seen;
    std::string data;
    std::array<char, 8> expires{};
    std::uint64_t serial = 0;

    auto const our_request = [&] {
        auto const& key = walk.next();
        auto const stored = ours.load(key, now);
        if (!stored)
            throw std::runtime_error{"the row has gone"};
        if constexpr (work == Work::load_and_commit) {
            cr::Record next{stored->payload, later + cr::Duration{++serial % 1'000'000}};
            change(next.payload, serial);
            if (ours.commit(key, *stored, next, now) != cr::WriteResult::committed)
                throw std::runtime_error{"the row was not updated"};
        }
        benchmark::DoNotOptimize(stored);
    };
    auto const raw_request = [&] {
        auto const& key = walk.next();
        raw.load(key.reveal(), seen, expires);
        if constexpr (work == Work::load_and_commit) {
            data = seen;
            change(data, ++serial);
            cr::adapters::postgres::BinaryNumber const at{now};
            cr::adapters::postgres::BinaryNumber const next{later + cr::Duration{serial % 1'000'000}};
            raw.commit(key.reveal(), seen, at.bytes(), data, next.bytes());
        }
        benchmark::DoNotOptimize(seen);
    };
    side_by_side(state, our_request, raw_request);
}

BENCHMARK(postgres<Work::load>)->UseManualTime()->Iterations(400);
BENCHMARK(postgres<Work::load_and_commit>)->UseManualTime()->Iterations(400);

} // namespace
