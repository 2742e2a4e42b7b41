// SPDX-License-Identifier: MIT
//
// Looking for the session's cookie: in an ordinary header, and in hostile ones of a megabyte. Writing a
// Set-Cookie line.
#include <cloakroom/http/cookie_parser.hpp>
#include <cloakroom/http/set_cookie.hpp>

#include <benchmark/benchmark.h>
#include <chrono>
#include <string>
#include <string_view>

namespace {

std::string repeated(std::string_view unit, std::size_t size)
{
    std::string text;
    while (text.size() < size)
        text += unit;
    return text;
}

void find(benchmark::State& state, std::string const& header)
{
    for (auto _ : state)
        benchmark::DoNotOptimize(cloakroom::http::find_cookie(header, "sessionid"));
    state.SetBytesProcessed(static_cast<std::int64_t>(header.size()) * state.iterations());
}

void set(benchmark::State& state)
{
    cloakroom::http::SetCookie const cookie{.name = "sessionid",
                                            .value = "0123456789abcdefghijklmnopqrstuv",
                                            .max_age = std::chrono::weeks{2},
                                            .http_only = true,
                                            .same_site = "Lax"};
    auto const now = cloakroom::system_now();
    for (auto _ : state)
        benchmark::DoNotOptimize(cookie.header_value(now));
}

} // namespace

BENCHMARK_CAPTURE(find, ordinary,
                  std::string{"theme=dark; sessionid=0123456789abcdefghijklmnopqrstuv; csrftoken=abcdefgh"});
BENCHMARK_CAPTURE(find, empty_values, repeated("a=;", 1 << 20));
BENCHMARK_CAPTURE(find, separators, repeated(";", 1 << 20));
BENCHMARK_CAPTURE(find, own_names, repeated("sessionid=;", 1 << 20));
BENCHMARK_CAPTURE(find, escapes, repeated("sessionid=\"\\377\";", 1 << 20));
BENCHMARK(set);
