// SPDX-License-Identifier: MIT
//
// A Memcached storage's load and commit beside the same commands through libmemcached and nothing else, on
// one server, which this program starts; and the raw commands by the binary protocol beside the text one.

#include <cloakroom/storage/memcached.hpp>

#include "keys.hpp"
#include "payloads.hpp"
#include "raw_memcached.hpp"
#include "side_by_side.hpp"
#include "support/memcached_server.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace cr = cloakroom;
using namespace std::chrono_literals;

namespace {

enum class Work { load, load_and_commit };

/// Some sessions on a server of one thread: with more, the ratios would be those of its threads.
struct Site {
    static constexpr std::size_t count = 1'000;

    Site()
    {
        for (auto const& key : keys(count))
            ours.create(key, {payload_b(), later}, now);
    }

    template <Work work>
    void our_request()
    {
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
    }

    template <Work work>
    void raw_request(RawMemcached& raw)
    {
        auto const key = prefix + std::string{walk.next().reveal()};
        auto const found = raw.load(key);
        if constexpr (work == Work::load_and_commit) {
            auto next = found.value;
            change(next, ++serial);
            raw.commit(key, next, found.cas);
        }
        benchmark::DoNotOptimize(found);
    }

    cr::TimePoint now = cr::system_now();
    cr::TimePoint later = now + 24h;
    OneProcessor here;
    MemcachedServer server{{"-t", "1"}};
    cr::storage::Memcached ours{server.url()};
    RawMemcached text{server.port(), false};
    RawMemcached binary{server.port(), true};
    std::string prefix = cr::storage::MemcachedOptions{}.key_prefix;
    Walk walk{count};
    std::uint64_t serial = 0;
};

template <Work work>
void memcached(benchmark::State& state)
{
    Site site;
    side_by_side(state, [&] { site.our_request<work>(); }, [&] { site.raw_request<work>(site.text); });
}

template <Work work>
void binary_protocol(benchmark::State& state)
{
    Site site;
    side_by_side(
        state, [&] { site.raw_request<work>(site.binary); }, [&] { site.raw_request<work>(site.text); });
}

BENCHMARK(memcached<Work::load>)->UseManualTime()->MinTime(2);
BENCHMARK(memcached<Work::load_and_commit>)->UseManualTime()->MinTime(2);
BENCHMARK(binary_protocol<Work::load>)->UseManualTime()->MinTime(1);
BENCHMARK(binary_protocol<Work::load_and_commit>)->UseManualTime()->MinTime(1);

} // namespace
