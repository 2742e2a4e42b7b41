// SPDX-License-Identifier: MIT
//
// A Redis storage's load and commit beside the same commands through hiredis and nothing else, on a server
// that this program starts.

#include <cloakroom/storage/redis.hpp>

#include "keys.hpp"
#include "payloads.hpp"
#include "raw_redis.hpp"
#include "side_by_side.hpp"
#include "support/redis_server.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace cr = cloakroom;
using namespace std::chrono_literals;

namespace {

enum class Work { load, load_and_commit };

template <Work work>
void redis(benchmark::State& state)
{
    constexpr std::size_t count = 1'000;
    auto const now = cr::system_now();
    auto const later = now + 24h;
    RedisServer server;
    cr::storage::Redis ours{server.url()};
    RawRedis raw{server.port()};
    for (auto const& key : keys(count))
        ours.create(key, {payload_b(), later}, now);
    std::string const prefix = cr::storage::RedisOptions{}.key_prefix;
    Walk walk{count};
    std::uint64_t serial = 0;

    auto const our_request = [&] {
        auto const& key = walk.next();
        auto const stored = ours.load(key, now);
        if (!stored)
            throw std::runtime_error{"the record has gone"};
        if constexpr (work == Work::load_and_commit) {
            cr::Record next{stored->payload, later};
            change(next.payload, ++serial);
            if (ours.commit(key, *stored, next, now) != cr::WriteResult::committed)
                throw std::runtime_error{"the record was not updated"};
        }
        benchmark::DoNotOptimize(stored);
    };
    auto const raw_request = [&] {
        auto const key = prefix + std::string{walk.next().reveal()};
        auto const value = raw.load(key);
        if constexpr (work == Work::load_and_commit) {
            auto next = value;
            change(next, ++serial);
            raw.commit(key, "001780000000123456", std::string_view{value}.substr(23), next, "1880000000123");
        }
        benchmark::DoNotOptimize(value);
    };
    side_by_side(state, our_request, raw_request);
}

BENCHMARK(redis<Work::load>)->UseManualTime()->MinTime(2);
BENCHMARK(redis<Work::load_and_commit>)->UseManualTime()->MinTime(2);

} // namespace
