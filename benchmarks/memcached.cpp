// SPDX-License-Identifier: MIT
//
// A Memcached storage's load and commit beside the same commands through libmemcached and nothing else, all
// on one server, which this program starts. They take turns in one loop; `ratio` is ours / raw in the time
// that passes, which is what a request waits for, `ratio_computed` in what the client's thread computes, the
// system included. `binary` is the same raw commands by the binary protocol, against the text one.

#include <cloakroom/storage/memcached.hpp>

#include "payloads.hpp"
#include "support/memcached_server.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <libmemcached/memcached.h>

namespace cr = cloakroom;
using namespace std::chrono_literals;

namespace {

auto const now = cr::system_now();
auto const later = now + 24h;
constexpr std::time_t server_deadline = 2'000'000'000;

/// What somebody would write who needs one server and never loses it.
class RawMemcached {
public:
    struct Found {
        std::string value;
        std::uint64_t cas;
    };

    RawMemcached(int port, bool is_binary) : handle_(memcached_create(nullptr))
    {
        memcached_behavior_set(handle_.get(), MEMCACHED_BEHAVIOR_SUPPORT_CAS, 1);
        memcached_behavior_set(handle_.get(), MEMCACHED_BEHAVIOR_TCP_NODELAY, 1);
        memcached_behavior_set(handle_.get(), MEMCACHED_BEHAVIOR_BINARY_PROTOCOL, is_binary ? 1 : 0);
        memcached_server_add(handle_.get(), "127.0.0.1", static_cast<in_port_t>(port));
        memcached_result_create(handle_.get(), &result_);
    }
    RawMemcached(RawMemcached const&) = delete;
    RawMemcached& operator=(RawMemcached const&) = delete;
    ~RawMemcached() { memcached_result_free(&result_); }

    Found load(std::string_view key)
    {
        auto const* const data = key.data();
        auto const size = key.size();
        if (memcached_mget(handle_.get(), &data, &size, 1) != MEMCACHED_SUCCESS)
            throw std::runtime_error{memcached_last_error_message(handle_.get())};
        auto code = MEMCACHED_SUCCESS;
        if (memcached_fetch_result(handle_.get(), &result_, &code) == nullptr)
            throw std::runtime_error{"the record has gone"};
        Found found{{memcached_result_value(&result_), memcached_result_length(&result_)},
                    memcached_result_cas(&result_)};
        while (memcached_fetch_result(handle_.get(), &result_, &code) != nullptr)
            continue;
        return found;
    }

    void commit(std::string_view key, std::string_view value, std::uint64_t cas)
    {
        if (memcached_cas(handle_.get(), key.data(), key.size(), value.data(), value.size(), server_deadline,
                          0, cas) != MEMCACHED_SUCCESS)
            throw std::runtime_error{"the record was not updated"};
    }

private:
    struct Free {
        void operator()(memcached_st* handle) const noexcept { memcached_free(handle); }
    };
    std::unique_ptr<memcached_st, Free> handle_;
    memcached_result_st result_{};
};

/// How long each turn took. Of them the median counts, so that what else the machine does counts little.
class Times {
public:
    struct Moment {
        std::chrono::nanoseconds computed;
        std::chrono::nanoseconds passed;
    };

    static Moment read()
    {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return {std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec},
                std::chrono::steady_clock::now().time_since_epoch()};
    }
    void add_since(Moment const& start)
    {
        auto const end = read();
        computed_.push_back(static_cast<double>((end.computed - start.computed).count()));
        passed_.push_back(static_cast<double>((end.passed - start.passed).count()));
    }
    double computed() { return median(computed_); }
    double passed() { return median(passed_); }

private:
    static double median(std::vector<double>& times)
    {
        auto const middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
        std::nth_element(times.begin(), middle, times.end());
        return *middle;
    }

    std::vector<double> computed_;
    std::vector<double> passed_;
};

/// Another text for every save, of the same length.
void change(std::string& data, std::uint64_t serial)
{
    for (std::size_t i = 0; i < 8; ++i)
        data[data.size() - 10 - i] = static_cast<char>('a' + (serial >> (4 * i)) % 16);
}

enum class Work { load, load_and_commit };

template <Work work>
void memcached(benchmark::State& state)
{
    constexpr std::size_t count = 1'000;
    constexpr int turn = 50;
    MemcachedServer server{{"-t", "1"}}; // one thread for all three, or the ratios are those of its threads
    cr::storage::Memcached ours{server.url()};
    RawMemcached text{server.port(), false};
    RawMemcached binary{server.port(), true};
    std::vector<cr::SessionKey> keys;
    for (std::size_t i = 0; i < count; ++i) {
        keys.push_back(cr::SessionKey::generate());
        ours.create(keys.back(), {payload_b(), later}, now);
    }
    std::string const prefix = cr::storage::MemcachedOptions{}.key_prefix;
    std::uint64_t serial = 0;

    auto const raw_turn = [&](RawMemcached& raw, Times& time) {
        auto const start = Times::read();
        for (int i = 0; i < turn; ++i) {
            auto const key = prefix + std::string{keys[++serial % count].reveal()};
            auto const found = raw.load(key);
            if constexpr (work == Work::load_and_commit) {
                auto next = found.value;
                change(next, serial);
                raw.commit(key, next, found.cas);
            }
            benchmark::DoNotOptimize(found);
        }
        time.add_since(start);
    };
    auto const our_turn = [&](Times& time) {
        auto const start = Times::read();
        for (int i = 0; i < turn; ++i) {
            auto const& key = keys[++serial % count];
            auto const stored = ours.load(key, now);
            if (!stored)
                throw std::runtime_error{"the record has gone"};
            if constexpr (work == Work::load_and_commit) {
                cr::Record next{stored->payload, later};
                change(next.payload, serial);
                if (ours.commit(key, *stored, next, now) != cr::WriteResult::committed)
                    throw std::runtime_error{"the record was not updated"};
            }
            benchmark::DoNotOptimize(stored);
        }
        time.add_since(start);
    };

    Times ours_time;
    Times text_time;
    Times binary_time;
    int first = 0;
    for (auto _ : state) {
        ++first;
        for (int i = 0; i < 3; ++i)
            switch ((first + i) % 3) {
            case 0:
                our_turn(ours_time);
                break;
            case 1:
                raw_turn(text, text_time);
                break;
            default:
                raw_turn(binary, binary_time);
            }
    }
    state.counters["ours_us"] = ours_time.passed() / turn / 1'000;
    state.counters["raw_us"] = text_time.passed() / turn / 1'000;
    state.counters["ratio"] = ours_time.passed() / text_time.passed();
    state.counters["ratio_computed"] = ours_time.computed() / text_time.computed();
    state.counters["binary"] = binary_time.passed() / text_time.passed();
    state.counters["binary_computed"] = binary_time.computed() / text_time.computed();
}

BENCHMARK(memcached<Work::load>)->MinTime(3);
BENCHMARK(memcached<Work::load_and_commit>)->MinTime(3);

} // namespace
