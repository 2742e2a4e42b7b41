// SPDX-License-Identifier: MIT
//
// A Redis storage's load and commit beside the same commands through hiredis and nothing else, on one server
// and on a cluster of three, which this program starts; the raw half knows beforehand which server has a key.
// Both halves take turns in one loop; `ratio` is ours / raw in the time that
// passes, which is what a request waits for, and `ratio_computed` in what the client's thread computes.

#include <cloakroom/storage/redis.hpp>

#include "payloads.hpp"
#include "support/redis_cluster.hpp"
#include "support/redis_server.hpp"

#include <benchmark/benchmark.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <hiredis/hiredis.h>

namespace cr = cloakroom;
using namespace std::chrono_literals;

namespace {

auto const now = cr::system_now();
auto const later = now + 24h;

/// What somebody would write who needs one server and never loses it: GET, and the same script.
class RawRedis {
public:
    explicit RawRedis(int port) : context_(redisConnect("127.0.0.1", port)) {}
    RawRedis(RawRedis const&) = delete;
    RawRedis& operator=(RawRedis const&) = delete;
    ~RawRedis() { redisFree(context_); }

    std::string load(std::string_view key)
    {
        auto const reply = command(std::array<std::string_view, 2>{"GET", key});
        if (reply->type != REDIS_REPLY_STRING)
            throw std::runtime_error{"the record has gone"};
        return {reply->str, reply->len};
    }

    void commit(std::string_view key, std::string_view time, std::string_view seen, std::string_view value,
                std::string_view milliseconds)
    {
        auto const& script =
            cr::storage::detail::redis_programs<cr::storage::detail::redis_read_record>.commit;
        auto const reply = command(std::array<std::string_view, 8>{"EVALSHA", script.name.text(), "1", key,
                                                                   time, seen, value, milliseconds});
        if (reply->type != REDIS_REPLY_INTEGER || reply->integer != 0)
            throw std::runtime_error{"the record was not updated"};
    }

private:
    struct Free {
        void operator()(redisReply* reply) const { freeReplyObject(reply); }
    };

    template <std::size_t size>
    std::unique_ptr<redisReply, Free> command(std::array<std::string_view, size> const& words)
    {
        std::array<char const*, size> texts{};
        std::array<std::size_t, size> sizes{};
        for (std::size_t i = 0; i < size; ++i) {
            texts[i] = words[i].data();
            sizes[i] = words[i].size();
        }
        auto* const reply = redisCommandArgv(context_, static_cast<int>(size), texts.data(), sizes.data());
        if (reply == nullptr)
            throw std::runtime_error{context_->errstr};
        return std::unique_ptr<redisReply, Free>{static_cast<redisReply*>(reply)};
    }

    redisContext* context_;
};

struct Times {
    std::chrono::nanoseconds computed{0};
    std::chrono::nanoseconds passed{0};

    static Times read()
    {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return {std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec},
                std::chrono::steady_clock::now().time_since_epoch()};
    }
    void add_since(Times const& start)
    {
        auto const end = read();
        computed += end.computed - start.computed;
        passed += end.passed - start.passed;
    }
};

double ratio(std::chrono::nanoseconds ours, std::chrono::nanoseconds raw)
{
    return static_cast<double>(ours.count()) / static_cast<double>(raw.count());
}

/// Another text for every save, of the same length.
void change(std::string& data, std::uint64_t serial)
{
    for (std::size_t i = 0; i < 8; ++i)
        data[data.size() - 10 - i] = static_cast<char>('a' + (serial >> (4 * i)) % 16);
}

enum class Work { load, load_and_commit };

/// The servers of a benchmark and which of them has a key.
struct OneServer {
    static constexpr std::size_t size = 1;
    std::string url() const { return server.url(); }
    int port(std::size_t) const { return server.port(); }
    static std::size_t owner(std::string const&) { return 0; }

    RedisServer server;
};

struct ThreeServers {
    static constexpr std::size_t size = RedisClusterServers::masters;
    std::string url() const { return servers.url(); }
    int port(std::size_t index) { return servers.at(index).port(); }
    static std::size_t owner(std::string const& key) { return RedisClusterServers::master_of(key); }

    RedisClusterServers servers;
};

template <class Servers, Work work>
void redis(benchmark::State& state)
{
    constexpr std::size_t count = 1'000;
    constexpr int turn = 50;
    std::string const prefix = cr::storage::RedisOptions{}.key_prefix;
    Servers servers;
    cr::storage::Redis ours{servers.url()};
    std::vector<std::unique_ptr<RawRedis>> connections;
    for (std::size_t i = 0; i < Servers::size; ++i)
        connections.push_back(std::make_unique<RawRedis>(servers.port(i)));
    std::vector<cr::SessionKey> keys;
    std::vector<RawRedis*> owners;
    for (std::size_t i = 0; i < count; ++i) {
        keys.push_back(cr::SessionKey::generate());
        ours.create(keys.back(), {payload_b(), later}, now);
        owners.push_back(connections[Servers::owner(prefix + std::string{keys.back().reveal()})].get());
    }
    std::uint64_t serial = 0;
    Times ours_time;
    Times raw_time;

    auto const raw_turn = [&] {
        auto const start = Times::read();
        for (int i = 0; i < turn; ++i) {
            auto const key = prefix + std::string{keys[++serial % count].reveal()};
            auto& raw = *owners[serial % count];
            auto const value = raw.load(key);
            if constexpr (work == Work::load_and_commit) {
                auto next = value;
                change(next, serial);
                raw.commit(key, "001780000000123456", std::string_view{value}.substr(23), next,
                           "1880000000123");
            }
            benchmark::DoNotOptimize(value);
        }
        raw_time.add_since(start);
    };
    auto const our_turn = [&] {
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
        ours_time.add_since(start);
    };

    bool ours_first = false;
    for (auto _ : state) {
        auto const before = ours_time.passed;
        ours_first = !ours_first;
        if (ours_first)
            our_turn();
        raw_turn();
        if (!ours_first)
            our_turn();
        state.SetIterationTime(std::chrono::duration<double>(ours_time.passed - before).count());
    }
    auto const calls = static_cast<double>(state.iterations() * turn);
    state.counters["ours_us"] = static_cast<double>(ours_time.passed.count()) / calls / 1'000;
    state.counters["raw_us"] = static_cast<double>(raw_time.passed.count()) / calls / 1'000;
    state.counters["ratio"] = ratio(ours_time.passed, raw_time.passed);
    state.counters["ratio_computed"] = ratio(ours_time.computed, raw_time.computed);
}

BENCHMARK(redis<OneServer, Work::load>)->UseManualTime()->MinTime(2);
BENCHMARK(redis<OneServer, Work::load_and_commit>)->UseManualTime()->MinTime(2);
BENCHMARK(redis<ThreeServers, Work::load>)->UseManualTime()->MinTime(2);
BENCHMARK(redis<ThreeServers, Work::load_and_commit>)->UseManualTime()->MinTime(2);

} // namespace
