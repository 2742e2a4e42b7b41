// SPDX-License-Identifier: MIT
//
// Sqlite's load and commit beside the same SQL through the C API, on two files of the same rows.

#include <cloakroom/core/date_time.hpp>
#include <cloakroom/storage/sqlite.hpp>

#include "keys.hpp"
#include "payloads.hpp"
#include "raw_sqlite.hpp"
#include "side_by_side.hpp"
#include "support/temporary_folder.hpp"

#include <benchmark/benchmark.h>

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
void sqlite(benchmark::State& state)
{
    constexpr std::size_t count = 1'000;
    TemporaryFolder const folder;
    for (auto const* const file : {"ours.sqlite3", "raw.sqlite3"}) {
        cr::storage::Sqlite storage{folder.path(file)};
        storage.migrate();
        for (auto const& key : keys(count))
            storage.create(key, {payload_b(), now + 24h}, now);
    }
    cr::storage::Sqlite ours{folder.path("ours.sqlite3")};
    RawSqlite raw{folder.path("raw.sqlite3")};
    Walk walk{count};
    cr::Record next;
    std::string seen;
    std::string expires;
    std::string data;
    std::uint64_t serial = 0;

    auto const our_request = [&] {
        auto const& key = walk.next();
        auto const stored = ours.load(key, now);
        if (!stored)
            throw std::runtime_error{"the row has gone"};
        if constexpr (work == Work::load_and_commit) {
            next.payload = stored->payload;
            change(next.payload, ++serial);
            next.expires = later + cr::Duration{serial % 1'000'000};
            if (ours.commit(key, *stored, next, now) != cr::WriteResult::committed)
                throw std::runtime_error{"the row was not updated"};
        }
        benchmark::DoNotOptimize(stored);
    };
    auto const raw_request = [&] {
        auto const key = walk.next().reveal();
        raw.load(key, seen, expires);
        if constexpr (work == Work::load_and_commit) {
            data = seen;
            change(data, ++serial);
            expires = "2026-05-29 20:26:40.000000";
            cr::write_digits<6>(expires.data() + 20, static_cast<unsigned>(serial % 1'000'000));
            raw.commit(key, seen, "2026-05-28 20:26:40.123456", data, expires);
        }
        benchmark::DoNotOptimize(seen);
    };
    side_by_side(state, our_request, raw_request);
}

BENCHMARK(sqlite<Work::load>)->UseManualTime()->MinTime(2);
BENCHMARK(sqlite<Work::load_and_commit>)->UseManualTime()->MinTime(2);

} // namespace
