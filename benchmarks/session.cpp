// SPDX-License-Identifier: MIT
//
// A whole request: open, visit += 1, close. Each beside the floor of the same work, so that `x_floor` is what
// cloakroom costs over it:
//   Memory + Unsigned   finding, splicing and replacing the text in a hash map under a mutex
//   Memory + Hmac       two HMAC-SHA256 of the signed bytes with a kept Botan object
//   SignedCookie + Hmac the same two HMACs, taking turns
//   SignedCookie + Aead the same request with Hmac, taking turns
//   Sqlite + Hmac       the same two SQL statements through the C API
#include "allocations.hpp"
#include "payloads.hpp"
#include "raw_sqlite.hpp"
#include "side_by_side.hpp"

#include <cloakroom.hpp>
#include <cloakroom/storage/sqlite.hpp>

#include <benchmark/benchmark.h>
#include <botan/mac.h>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace cr = cloakroom;

namespace {

using Unsigned = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;
using Signed = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Hmac>;
using InCookie = cr::Session<cr::storage::SignedCookie, cr::serializer::Json, cr::signer::Hmac>;
using Durable = cr::Session<cr::storage::Sqlite, cr::serializer::Json, cr::signer::Hmac>;

/// Seconds per call of `function`, for the ratio to a floor measured in the same run.
template <class Function>
double seconds_per_call(Function function)
{
    using Clock = std::chrono::steady_clock;
    auto best = std::chrono::duration<double>::max().count();
    for (int round = 0; round < 5; ++round) {
        int calls = 0;
        auto const start = Clock::now();
        auto elapsed = Clock::duration::zero();
        for (; elapsed < std::chrono::milliseconds{60}; elapsed = Clock::now() - start)
            for (int i = 0; i < 64; ++i, ++calls)
                function();
        best = std::min(best, std::chrono::duration<double>(elapsed).count() / calls);
    }
    return best;
}

/// What a program without a library would do: find the text, change the number in it, put it back.
class RawMap {
public:
    explicit RawMap(std::string text) { map_.emplace("0123456789abcdefghijklmnopqrstuv", std::move(text)); }

    void cycle()
    {
        std::string text;
        {
            std::lock_guard const lock{mutex_};
            text = map_.find(key_)->second;
        }
        auto const at = text.find(R"("visit":)") + 8;
        int count = 0;
        auto const end = std::from_chars(text.data() + at, text.data() + text.size(), count).ptr;
        char digits[12];
        auto const digits_end = std::to_chars(digits, digits + sizeof digits, count + 1).ptr;
        text.replace(at, static_cast<std::size_t>(end - text.data()) - at, digits,
                     static_cast<std::size_t>(digits_end - digits));
        std::lock_guard const lock{mutex_};
        map_.find(key_)->second = std::move(text);
    }

private:
    std::string key_ = "0123456789abcdefghijklmnopqrstuv";
    std::mutex mutex_;
    std::unordered_map<std::string, std::string> map_;
};

/// A stored session with that payload; its Cookie header.
template <class Session>
std::string stored_cookie(typename Session::Backend& backend, std::string const& payload)
{
    Session session{backend};
    session.update(*cr::serializer::Json{}.load(payload));
    session.save();
    return "sessionid=" + std::string{session.session_key()->reveal()};
}

template <class Session>
void count_visit(cr::http::Middleware<Session> const& middleware, std::string_view cookie)
{
    auto session = middleware.open(cookie);
    session["visit"] += 1;
    benchmark::DoNotOptimize(middleware.close(session, 200));
}

template <class Session>
void count_visit(typename Session::Backend& backend, std::optional<cr::SessionKey> const& key)
{
    Session session{backend, key};
    session["visit"] += 1;
    session.save();
}

template <class Session>
void run(benchmark::State& state, typename Session::Backend& backend, std::string const& payload,
         double floor)
{
    auto const cookie = stored_cookie<Session>(backend, payload);
    auto const key = cr::SessionKey::parse(std::string_view{cookie}.substr(10));
    for (auto _ : state)
        count_visit<Session>(backend, key);
    state.counters["x_floor"] = seconds_per_call([&] { count_visit<Session>(backend, key); }) / floor;
    cr::http::Middleware<Session> const middleware{backend};
    state.counters["http_x_floor"] = seconds_per_call([&] { count_visit(middleware, cookie); }) / floor;
    std::size_t const before = allocations();
    count_visit<Session>(backend, key);
    state.counters["allocations"] = static_cast<double>(allocations() - before);
}

void memory_unsigned(benchmark::State& state, std::string const& payload)
{
    RawMap raw{payload};
    auto const floor = seconds_per_call([&] { raw.cycle(); });
    Unsigned::Backend backend{cr::storage::Memory{}};
    run<Unsigned>(state, backend, payload, floor);
}

/// The two HMACs of a cycle, over as many bytes as the payload's signature covers.
class TwoHmacs {
public:
    explicit TwoHmacs(std::string const& payload) : bytes_((payload.size() * 4 + 2) / 3 + 7, 'x')
    {
        mac_->set_key(std::vector<std::uint8_t>(32, 7));
    }

    void operator()()
    {
        std::uint8_t digest[32];
        for (int i = 0; i < 2; ++i) {
            mac_->update(reinterpret_cast<std::uint8_t const*>(bytes_.data()), bytes_.size());
            mac_->final(digest);
            benchmark::DoNotOptimize(digest);
        }
    }

private:
    std::unique_ptr<Botan::MessageAuthenticationCode> mac_ =
        Botan::MessageAuthenticationCode::create_or_throw("HMAC(SHA-256)");
    std::string bytes_;
};

void memory_hmac(benchmark::State& state, std::string const& payload)
{
    auto const floor = seconds_per_call(TwoHmacs{payload});
    Signed::Backend backend{cr::storage::Memory{}, {}, cr::signer::Hmac{"a secret of the benchmark"}};
    run<Signed>(state, backend, payload, floor);
}

void signed_cookie(benchmark::State& state, std::string const& payload)
{
    InCookie::Backend backend{cr::storage::SignedCookie{}, {}, cr::signer::Hmac{"a secret of the benchmark"}};
    auto const cookie = stored_cookie<InCookie>(backend, payload);
    auto const key = cr::SessionKey::parse(std::string_view{cookie}.substr(10));
    side_by_side(state, [&] { count_visit<InCookie>(backend, key); }, TwoHmacs{payload});
    std::size_t const before = allocations();
    count_visit<InCookie>(backend, key);
    state.counters["allocations"] = static_cast<double>(allocations() - before);
}

void signed_cookie_http(benchmark::State& state, std::string const& payload)
{
    InCookie::Backend backend{cr::storage::SignedCookie{}, {}, cr::signer::Hmac{"a secret of the benchmark"}};
    auto const cookie = stored_cookie<InCookie>(backend, payload);
    cr::http::Middleware<InCookie> const middleware{backend};
    side_by_side(state, [&] { count_visit(middleware, cookie); }, TwoHmacs{payload});
}

/// Encrypted sessions beside signed ones.
template <class Signer>
void beside_signed(benchmark::State& state, std::string const& payload)
{
    using Session = cr::Session<cr::storage::SignedCookie, cr::serializer::Json, Signer>;
    cr::Secret const secret{"a secret of the benchmark, long enough"};
    typename Session::Backend backend{
        cr::storage::SignedCookie{}, {}, Signer{secret, {.compress_from = 1024}}};
    InCookie::Backend signing{cr::storage::SignedCookie{}, {}, cr::signer::Hmac{secret}};
    auto const key = cr::SessionKey::parse(stored_cookie<Session>(backend, payload).substr(10));
    auto const signed_key = cr::SessionKey::parse(stored_cookie<InCookie>(signing, payload).substr(10));
    side_by_side(
        state, [&] { count_visit<Session>(backend, key); },
        [&] { count_visit<InCookie>(signing, signed_key); });
    std::size_t const before = allocations();
    count_visit<Session>(backend, key);
    state.counters["allocations"] = static_cast<double>(allocations() - before);
}

void aes_gcm_cookie(benchmark::State& state, std::string const& payload)
{
    beside_signed<cr::signer::Aead>(state, payload);
}

void chacha20_cookie(benchmark::State& state, std::string const& payload)
{
    beside_signed<cr::signer::AeadChaCha20>(state, payload);
}

void sqlite_hmac(benchmark::State& state, std::string const& payload)
{
    auto const folder = std::filesystem::temp_directory_path() / "cloakroom-benchmark-session";
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    {
        cr::storage::Sqlite storage{(folder / "db.sqlite3").string()};
        storage.migrate();
        Durable::Backend backend{std::move(storage), {}, cr::signer::Hmac{"a secret of the benchmark"}};
        auto const cookie = stored_cookie<Durable>(backend, payload);
        auto const key = cookie.substr(10);
        RawSqlite raw{(folder / "db.sqlite3").string()};
        auto const floor = seconds_per_call([&, seen = std::string{}, expires = std::string{}]() mutable {
            raw.load(key, seen, expires);
            expires.back() = expires.back() == '1' ? '2' : '1'; // SQLite writes nothing where nothing changes
            raw.commit(key, seen, "2000-01-01 00:00:00", seen, expires);
        });
        run<Durable>(state, backend, payload, floor);
    }
    std::filesystem::remove_all(folder);
}

/// A request that looks at no session.
void untouched(benchmark::State& state)
{
    Signed::Backend backend{cr::storage::Memory{}, {}, cr::signer::Hmac{"a secret of the benchmark"}};
    auto const cookie = stored_cookie<Signed>(backend, payload_a());
    cr::http::Middleware<Signed> const middleware{backend};
    std::size_t const before = allocations();
    for (auto _ : state) {
        auto session = middleware.open(cookie);
        benchmark::DoNotOptimize(middleware.close(session, 200));
    }
    state.counters["allocations"] =
        static_cast<double>(allocations() - before) / static_cast<double>(state.iterations());
}

void new_key(benchmark::State& state)
{
    for (auto _ : state)
        benchmark::DoNotOptimize(cr::SessionKey::generate());
}

} // namespace

BENCHMARK(untouched);
BENCHMARK(new_key);
BENCHMARK_CAPTURE(memory_unsigned, a, payload_a());
BENCHMARK_CAPTURE(memory_unsigned, b, payload_b());
BENCHMARK_CAPTURE(memory_unsigned, c, payload_c());
BENCHMARK_CAPTURE(memory_hmac, a, payload_a());
BENCHMARK_CAPTURE(memory_hmac, b, payload_b());
BENCHMARK_CAPTURE(signed_cookie, a, payload_a())->UseManualTime();
BENCHMARK_CAPTURE(signed_cookie, b, payload_b())->UseManualTime();
BENCHMARK_CAPTURE(signed_cookie, c, payload_c())->UseManualTime();
BENCHMARK_CAPTURE(signed_cookie_http, a, payload_a())->UseManualTime();
BENCHMARK_CAPTURE(signed_cookie_http, b, payload_b())->UseManualTime();
BENCHMARK_CAPTURE(aes_gcm_cookie, a, payload_a())->UseManualTime();
BENCHMARK_CAPTURE(aes_gcm_cookie, b, payload_b())->UseManualTime();
BENCHMARK_CAPTURE(aes_gcm_cookie, c, payload_c())->UseManualTime();
BENCHMARK_CAPTURE(chacha20_cookie, a, payload_a())->UseManualTime();
BENCHMARK_CAPTURE(chacha20_cookie, b, payload_b())->UseManualTime();
BENCHMARK_CAPTURE(chacha20_cookie, c, payload_c())->UseManualTime();
BENCHMARK_CAPTURE(sqlite_hmac, a, payload_a());
BENCHMARK_CAPTURE(sqlite_hmac, b, payload_b());
