// SPDX-License-Identifier: MIT
//
// A Redis storage's load and commit beside the same commands through hiredis and nothing else, on one server
// and on a cluster of three, which this program starts. The raw half knows beforehand which server has a key.

#include <cloakroom/storage/redis.hpp>

#include "keys.hpp"
#include "payloads.hpp"
#include "raw_redis.hpp"
#include "side_by_side.hpp"
#include "support/redis_cluster.hpp"
#include "support/redis_server.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace cr = cloakroom;
using namespace std::chrono_literals;

namespace {

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
    auto const now = cr::system_now();
    auto const later = now + 24h;
    std::string const prefix = cr::storage::RedisOptions{}.key_prefix;
    OneProcessor const here;
    Servers servers;
    cr::storage::Redis ours{servers.url()};
    std::vector<std::unique_ptr<RawRedis>> connections;
    for (std::size_t i = 0; i < Servers::size; ++i)
        connections.push_back(std::make_unique<RawRedis>(servers.port(i)));
    std::vector<RawRedis*> owners;
    for (auto const& key : keys(count)) {
        ours.create(key, {payload_b(), later}, now);
        owners.push_back(connections[Servers::owner(prefix + std::string{key.reveal()})].get());
    }
    std::uint64_t serial = 0;

    auto const our_request = [&] {
        auto const& key = keys(count)[++serial % count];
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
    };
    auto const raw_request = [&] {
        auto const key = prefix + std::string{keys(count)[++serial % count].reveal()};
        auto& raw = *owners[serial % count];
        auto const value = raw.load(key);
        if constexpr (work == Work::load_and_commit) {
            auto next = value;
            change(next, serial);
            raw.commit(key, "001780000000123456", std::string_view{value}.substr(23), next, "1880000000123");
        }
        benchmark::DoNotOptimize(value);
    };
    side_by_side(state, our_request, raw_request);
}

BENCHMARK(redis<OneServer, Work::load>)->UseManualTime()->MinTime(2);
BENCHMARK(redis<OneServer, Work::load_and_commit>)->UseManualTime()->MinTime(2);
BENCHMARK(redis<ThreeServers, Work::load>)->UseManualTime()->MinTime(2);
BENCHMARK(redis<ThreeServers, Work::load_and_commit>)->UseManualTime()->MinTime(2);

} // namespace
