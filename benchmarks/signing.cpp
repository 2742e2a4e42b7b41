// SPDX-License-Identifier: MIT

// What a signed payload costs beside the two HMACs that it cannot do without: two bare Botan HMAC-SHA256 over
// the very bytes that are signed, with the MAC object kept. Both are timed in turns, a batch of one and a
// batch of the other, so that a machine that speeds up or slows down does so for both. Counters:
//   ratio        time of ours / time of the bare HMACs (one for sign or unsign alone, two for both), medians
//   ours_ns      ours, per iteration
//   bare_ns      the bare HMACs, per iteration
//   text_bytes   length of the signed text

#include <cloakroom/core/clock.hpp>
#include <cloakroom/signer/hmac.hpp>

#include <algorithm>
#include <benchmark/benchmark.h>
#include <botan/mac.h>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace cr = cloakroom;

constexpr cr::TimePoint moment{std::chrono::seconds{1'780'000'000}};
constexpr cr::Duration max_age{std::chrono::seconds{1'209'600}};
constexpr int batch = 64;

/// A session of about that many bytes: a counter, a login, a cart.
std::string payload_of(std::size_t size)
{
    if (size <= 12)
        return R"({"visit":11})";
    std::string json =
        R"({"_auth_user_id":"4711","_auth_user_backend":"django.contrib.auth.backends.ModelBackend",)"
        R"("_auth_user_hash":"6a3f0c77d85ce0bf5d4b2a1e9f9c8b7a6f5e4d3c2b1a09f8e7d6c5b4a3928170",)"
        R"("language":"de","theme":"dark","last_seen":1779999999.25,"cart":[)";
    for (unsigned item = 1; json.size() + 40 < size; ++item)
        json += R"({"sku":")" + std::to_string(item * 7'919'777U % 99'999'999U) + R"(","n":)" +
                std::to_string(item % 7 + 1) + "},";
    json.back() = ']';
    json += R"(,"csrf":")";
    while (json.size() + 2 < size)
        json += static_cast<char>('a' + json.size() * 7 % 26);
    return json + R"("})";
}

enum class Part { sign, unsign, both };

void signing(benchmark::State& state, Part part, std::size_t compress_from)
{
    using Clock = std::chrono::steady_clock;
    auto const payload = payload_of(static_cast<std::size_t>(state.range(0)));
    auto const bound = cr::signer::Hmac{"a key of the site, fifty characters long or more....",
                                        {.compress_from = compress_from}}
                           .bind("django.contrib.sessions.SessionStore");
    auto const text = bound.sign(payload, moment);
    auto const signed_bytes = std::string_view{text}.substr(0, text.rfind(':'));
    auto const mac = Botan::MessageAuthenticationCode::create_or_throw("HMAC(SHA-256)");
    std::string const key(32, 'k');
    mac->set_key(reinterpret_cast<std::uint8_t const*>(key.data()), key.size());

    auto const ours = [&] {
        if (part == Part::unsign) {
            auto result = bound.unsign(text, moment, max_age);
            benchmark::DoNotOptimize(result);
            return;
        }
        auto const made = bound.sign(payload, moment);
        benchmark::DoNotOptimize(made.data());
        if (part == Part::both) {
            auto result = bound.unsign(made, moment, max_age);
            benchmark::DoNotOptimize(result);
        }
    };
    auto const bare = [&] {
        for (int i = 0; i < (part == Part::both ? 2 : 1); ++i) {
            std::uint8_t digest[32];
            mac->update(reinterpret_cast<std::uint8_t const*>(signed_bytes.data()), signed_bytes.size());
            mac->final(digest);
            benchmark::DoNotOptimize(digest);
        }
    };
    auto const time = [](auto const& work) {
        auto const start = Clock::now();
        for (int i = 0; i < batch; ++i)
            work();
        return std::chrono::duration<double>(Clock::now() - start).count();
    };

    std::vector<double> ours_times;
    std::vector<double> bare_times;
    while (state.KeepRunningBatch(batch)) {
        ours_times.push_back(time(ours));
        bare_times.push_back(time(bare));
        state.SetIterationTime(ours_times.back());
    }
    auto const median = [](std::vector<double>& times) {
        auto const middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
        std::nth_element(times.begin(), middle, times.end());
        return *middle;
    };
    auto const ours_median = median(ours_times);
    auto const bare_median = median(bare_times);
    state.counters["ratio"] = ours_median / bare_median;
    state.counters["ours_ns"] = ours_median / batch * 1e9;
    state.counters["bare_ns"] = bare_median / batch * 1e9;
    state.counters["text_bytes"] = static_cast<double>(text.size());
}

void sizes(benchmark::internal::Benchmark* program)
{
    program->Arg(12)->Arg(385)->Arg(3'800)->ArgName("payload")->UseManualTime();
}

BENCHMARK_CAPTURE(signing, sign, Part::sign, cr::signer::never_compress)->Apply(sizes);
BENCHMARK_CAPTURE(signing, unsign, Part::unsign, cr::signer::never_compress)->Apply(sizes);
BENCHMARK_CAPTURE(signing, sign_unsign, Part::both, cr::signer::never_compress)->Apply(sizes);
BENCHMARK_CAPTURE(signing, sign_compressing_like_django, Part::sign, cr::signer::compress_like_django)
    ->Apply(sizes);
BENCHMARK_CAPTURE(signing, sign_unsign_compressing_like_django, Part::both, cr::signer::compress_like_django)
    ->Apply(sizes);

} // namespace
