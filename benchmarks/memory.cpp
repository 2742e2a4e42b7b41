// SPDX-License-Identifier: MIT
//
// Memory's load and commit beside what somebody would write first, a hash map behind a lock: rows to compare.

#include <cloakroom/storage/memory.hpp>

#include "allocations.hpp"
#include "keys.hpp"
#include "payloads.hpp"
#include "raw_map.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace cr = cloakroom;
using namespace std::chrono_literals;

namespace {

constexpr cr::TimePoint now{cr::Duration{1'780'000'000'123'456}};

struct LargeMemory : cr::storage::Memory {
    LargeMemory() : Memory({.max_records = 2'000'000, .max_bytes = std::size_t{4} << 30}) {}
};

/// A storage with `count` sessions, made once.
template <class Storage>
Storage& filled(std::size_t count)
{
    static std::map<std::size_t, std::unique_ptr<Storage>> all;
    static std::mutex mutex;
    auto const& some = keys(count);
    std::lock_guard const lock{mutex};
    auto& storage = all[count];
    if (!storage) {
        all.clear();
        auto made = std::make_unique<Storage>();
        for (auto const& key : some)
            made->create(key, {payload_b(), now + 24h}, now);
        return *(all[count] = std::move(made));
    }
    return *storage;
}

template <class Storage>
void load(benchmark::State& state)
{
    auto const count = static_cast<std::size_t>(state.range(0));
    auto& storage = filled<Storage>(count);
    Walk walk{count, state.thread_index()};
    auto const before = allocations();
    for (auto _ : state) {
        auto stored = storage.load(walk.next(), now);
        if (!stored)
            state.SkipWithError("a session has gone");
        benchmark::DoNotOptimize(stored);
    }
    if (state.threads() == 1)
        state.counters["allocations"] =
            static_cast<double>(allocations() - before) / static_cast<double>(state.iterations());
}

template <class Storage>
void load_and_commit(benchmark::State& state)
{
    auto const count = static_cast<std::size_t>(state.range(0));
    auto& storage = filled<Storage>(count);
    Walk walk{count, state.thread_index()};
    cr::Record next{payload_b(), now + 48h};
    auto const before = allocations();
    for (auto _ : state) {
        auto const& key = walk.next();
        auto const seen = storage.load(key, now);
        next.expires += cr::Duration{1};
        if (!seen || storage.commit(key, *seen, next, now) == cr::WriteResult::absent)
            state.SkipWithError("a session has gone");
    }
    if (state.threads() == 1)
        state.counters["allocations"] =
            static_cast<double>(allocations() - before) / static_cast<double>(state.iterations());
    state.SetItemsProcessed(state.iterations());
}

/// One thread and two, on 100,000 sessions. `items_per_second` of two is what scaling is measured by.
void one_and_two_threads(benchmark::internal::Benchmark* benchmark)
{
    benchmark->Arg(100'000)->Threads(1)->Threads(2)->UseRealTime();
}

using UnorderedMap = RawMap<1>;
using ShardedMap = RawMap<64>;

BENCHMARK(load_and_commit<UnorderedMap>)->Apply(one_and_two_threads);
BENCHMARK(load_and_commit<ShardedMap>)->Apply(one_and_two_threads);
BENCHMARK(load_and_commit<LargeMemory>)->Apply(one_and_two_threads);
BENCHMARK(load<UnorderedMap>)->Arg(1'000)->Arg(1'000'000);
BENCHMARK(load<ShardedMap>)->Arg(1'000)->Arg(1'000'000);
BENCHMARK(load<LargeMemory>)->Arg(1'000)->Arg(1'000'000);

} // namespace
