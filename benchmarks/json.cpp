// SPDX-License-Identifier: MIT
//
// serializer::Json on sessions of three sizes.
#include "payloads.hpp"

#include <cloakroom/serializer/json.hpp>

#include <benchmark/benchmark.h>

namespace {

using cloakroom::serializer::Json;

void load(benchmark::State& state, std::string const& text)
{
    for (auto _ : state)
        benchmark::DoNotOptimize(Json{}.load(text));
    state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * state.iterations());
}

void dump(benchmark::State& state, std::string const& text)
{
    auto const dict = *Json{}.load(text);
    for (auto _ : state)
        benchmark::DoNotOptimize(Json{}.dump(dict));
    state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * state.iterations());
}

} // namespace

BENCHMARK_CAPTURE(load, a, payload_a());
BENCHMARK_CAPTURE(load, b, payload_b());
BENCHMARK_CAPTURE(load, c, payload_c());
BENCHMARK_CAPTURE(dump, a, payload_a());
BENCHMARK_CAPTURE(dump, b, payload_b());
BENCHMARK_CAPTURE(dump, c, payload_c());
