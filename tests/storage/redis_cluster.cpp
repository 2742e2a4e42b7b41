// SPDX-License-Identifier: MIT
#include <cloakroom/storage/redis.hpp>

#include <cloakroom/core/error.hpp>
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/testing/session_laws.hpp>
#include <cloakroom/testing/storage_laws.hpp>
#include <cloakroom/testing/storage_stress.hpp>

#include "support/catch.hpp"
#include "support/error_text.hpp"
#include "support/in_child.hpp"
#include "support/redis_cluster.hpp"
#include "support/rude_server.hpp"
#include "support/storage.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace cr = cloakroom;
using cr::WriteResult;
using cr::storage::Redis;
using cr::storage::RedisFormat;
using cr::storage::RedisOptions;
using cr::storage::detail::redis_slot;
using Servers = RedisClusterServers;
using namespace std::chrono_literals;

namespace {

// The examples of the cluster's specification.
static_assert(redis_slot("123456789") == 0x31c3);
static_assert(redis_slot("foo") == 12182);
static_assert(redis_slot("{user1000}.following") == redis_slot("user1000"));
static_assert(redis_slot("foo{}{bar}") != redis_slot("bar"));
static_assert(redis_slot("foo{{bar}}zap") == redis_slot("{bar"));
static_assert(redis_slot("foo{bar}{zap}") == redis_slot("bar"));
static_assert(redis_slot("{foo") != redis_slot("foo"));

/// Some minutes back, as if the tests before had taken that long.
auto const now = cr::system_now() - 10min;
auto const later = now + 1h;
std::string const prefix = RedisOptions{}.key_prefix;

cr::Record record(std::string payload)
{
    return {std::move(payload), later};
}

/// Whole seconds from now on, for comparing with what the server has just said.
long seconds_until(cr::TimePoint moment)
{
    return std::chrono::floor<std::chrono::seconds>(moment - cr::system_now()).count();
}

std::string full(cr::SessionKey const& key)
{
    return prefix + std::string{key.reveal()};
}

/// Servers for the tests that leave them whole.
Servers& shared_servers()
{
    static Servers servers{{"--cluster-require-full-coverage", "no", "--cluster-node-timeout", "5000"}};
    for (std::size_t i = 0; i < Servers::masters; ++i)
        servers.at(i)({"FLUSHALL"});
    return servers;
}

/// The key with that number among those whose slot a master has at first.
cr::SessionKey key_at(std::size_t master, std::size_t number = 0)
{
    for (std::size_t i = 0;; ++i)
        if (Servers::master_of(full(numbered_key(i))) == master && number-- == 0)
            return numbered_key(i);
}

/// The number behind a word of INFO, or 0.
long info_of(RedisServer const& server, std::string const& section, std::string const& word)
{
    auto const info = server({"INFO", section});
    auto const place = info.find(word);
    return place == std::string::npos ? 0 : std::stol(info.substr(place + word.size()));
}

/// How often all servers together have done, and refused, what.
long calls_of(Servers& servers, std::string const& command)
{
    long sum = 0;
    for (std::size_t i = 0; i < Servers::masters; ++i)
        sum += info_of(servers.at(i), "commandstats", "cmdstat_" + command + ":calls=");
    return sum;
}
long errors_of(Servers& servers, std::string const& word)
{
    long sum = 0;
    for (std::size_t i = 0; i < Servers::masters; ++i)
        sum += info_of(servers.at(i), "errorstats", "errorstat_" + word + ":count=");
    return sum;
}
void reset_counts(Servers& servers)
{
    for (std::size_t i = 0; i < Servers::masters; ++i)
        REQUIRE(servers.at(i)({"CONFIG", "RESETSTAT"}) == "OK");
}

/// Threads that add 1 to numbers in records, and what became of it.
class Counters {
public:
    Counters(Redis& storage, std::vector<cr::SessionKey> keys, int threads)
        : storage_(storage), keys_(std::move(keys)), counts_(keys_.size())
    {
        for (auto const& key : keys_)
            if (!storage_.create(key, record("0"), now))
                throw std::runtime_error{"a record is there already"};
        for (int i = 0; i < threads; ++i)
            threads_.emplace_back([this, i] { work(static_cast<std::size_t>(i)); });
    }
    Counters(Counters const&) = delete;
    Counters& operator=(Counters const&) = delete;
    ~Counters() { stop(); }

    void stop()
    {
        stopping_ = true;
        for (auto& thread : threads_)
            thread.join();
        threads_.clear();
    }

    long acknowledged(std::size_t key) const { return counts_[key].acknowledged; }
    long uncertain(std::size_t key) const { return counts_[key].uncertain; }
    bool is_lost() const { return is_lost_; }
    long all() const { return total_; }

    /// Waits for that many more acknowledged ones, of a key or of all.
    void await(long more, std::optional<std::size_t> key = {}) const
    {
        auto const count = [&] { return key ? acknowledged(*key) : all(); };
        Servers::until("the counters go on", [&, goal = count() + more] { return count() >= goal; });
    }

private:
    struct Count {
        std::atomic<long> acknowledged{0};
        std::atomic<long> uncertain{0};
    };

    void work(std::size_t turn)
    {
        for (; !stopping_; ++turn) {
            auto const& key = keys_[turn % keys_.size()];
            auto& count = counts_[turn % keys_.size()];
            try {
                auto const seen = storage_.load(key, now);
                if (!seen) {
                    is_lost_ = true;
                    return;
                }
                auto const next = std::to_string(std::stol(seen->payload) + 1);
                try {
                    if (storage_.commit(key, *seen, record(next), now) == WriteResult::committed) {
                        ++count.acknowledged;
                        ++total_;
                    }
                } catch (cr::StorageError const&) {
                    ++count.uncertain;
                }
            } catch (cr::StorageError const&) {
                std::this_thread::sleep_for(1ms);
            }
        }
    }

    Redis& storage_;
    std::vector<cr::SessionKey> keys_;
    std::vector<Count> counts_;
    std::atomic<long> total_{0};
    std::atomic<bool> is_lost_{false};
    std::atomic<bool> stopping_{false};
    std::vector<std::thread> threads_;
};

/// What a cluster's server at port # says that does not know its own name and has all slots.
std::string const all_slots = "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$0\r\n\r\n:#\r\n";

} // namespace

TEST_CASE("Redis Cluster: keys live on three masters, and moved slots are followed")
{
    auto& servers = shared_servers();
    auto const format = GENERATE(RedisFormat::record, RedisFormat::bare);
    Redis storage{servers.url(), {.format = format}};

    SECTION("each operation goes to the right server at once, in one round trip, a rotation in three")
    {
        REQUIRE(contains(servers.at(0)({"CLUSTER", "KEYSLOT", full(numbered_key(7))}),
                         std::to_string(redis_slot(full(numbered_key(7))))));
        for (std::size_t i = 0; i < Servers::masters; ++i) // the scripts
            CHECK_FALSE(storage.erase(key_at(i, 900)));
        reset_counts(servers);
        constexpr std::size_t count = 30;
        for (std::size_t i = 0; i < count; ++i)
            REQUIRE(storage.create(numbered_key(i), record(std::to_string(i)), now));
        for (std::size_t i = 0; i < Servers::masters; ++i)
            CHECK(servers.at(i)({"DBSIZE"}) != "0");
        for (std::size_t i = 0; i < count; ++i)
            CHECK(storage.load(numbered_key(i), now)->payload == std::to_string(i));
        if (format == RedisFormat::record) {
            CHECK(calls_of(servers, "get") == count);
            CHECK(calls_of(servers, "evalsha") <= 30 + 3);
        }
        CHECK(errors_of(servers, "MOVED") == 0);
        auto const seen = storage.load(numbered_key(0), now).value();
        CHECK(storage.touch(numbered_key(0), seen, later + 1min, now) == WriteResult::committed);
        CHECK(storage.erase(numbered_key(1)));
        std::map<std::string, int> visits;
        storage.for_each(now, [&](cr::SessionKey const& key, cr::Stored const& stored) {
            CHECK(key == numbered_key(std::stoul(stored.payload)));
            ++visits[stored.payload];
        });
        CHECK(visits.size() == count - 1);

        storage.rotate(key_at(0, 901), {"x", later}, key_at(1, 901), record("y"), now); // the script
        storage.rotate(key_at(1, 901), {"x", later}, key_at(0, 901), record("y"), now);
        auto const a = key_at(0, 300);
        auto const b = key_at(1, 300);
        REQUIRE(storage.create(a, record("old"), now));
        auto const old = storage.load(a, now).value();
        reset_counts(servers);
        CHECK(storage.rotate(a, old, b, {"new", later + 1min}, now) == WriteResult::committed);
        CHECK(calls_of(servers, "set") == 1);
        CHECK(calls_of(servers, "evalsha") == 1);
        CHECK(calls_of(servers, "pexpireat") == 1);
        CHECK(errors_of(servers, "MOVED") == 0);
        CHECK(errors_of(servers, "NOSCRIPT") == 0);
        CHECK(servers.at(0)({"EXISTS", full(a)}) == "0");
        auto const found = storage.load(b, now).value();
        CHECK(found.payload == "new");
        CHECK(std::chrono::floor<std::chrono::milliseconds>(found.expires) ==
              std::chrono::floor<std::chrono::milliseconds>(later + 1min));
        CHECK(std::stol(servers.at(1)({"TTL", full(b)})) >= seconds_until(later + 1min));

        // What does not happen leaves nothing behind.
        CHECK(storage.rotate(b, {"other", found.expires}, a, record("no"), now) == WriteResult::conflict);
        CHECK(storage.rotate(a, found, key_at(2, 300), record("no"), now) == WriteResult::absent);
        CHECK(storage.rotate(b, found, b, record("no"), now) == WriteResult::taken);
        CHECK(servers.at(0)({"EXISTS", full(a)}) == "0");
        CHECK(servers.at(2)({"EXISTS", full(key_at(2, 300))}) == "0");
        CHECK(storage.load(b, now) == found);
    }
    SECTION("a server that has forgotten the scripts is told them again, also behind ASKING")
    {
        auto const key = key_at(0);
        auto const slot = redis_slot(full(key));
        REQUIRE(storage.create(key, record("1"), now));
        servers.begin_move(slot, 0, 1);
        for (std::size_t i = 0; i < Servers::masters; ++i)
            REQUIRE(servers.at(i)({"SCRIPT", "FLUSH"}) == "OK");
        auto const first = storage.load(key, now); // still where it was
        REQUIRE(first);
        CHECK(storage.commit(key, *first, record("2"), now) == WriteResult::committed);
        REQUIRE(servers.move_keys(slot, 0, 1, 1));
        reset_counts(servers);
        auto const second = storage.load(key, now);
        REQUIRE(second);
        CHECK(second->payload == "2");
        CHECK(storage.commit(key, *second, record("3"), now) == WriteResult::committed);
        CHECK(errors_of(servers, "ASK") >= 2);
        CHECK(errors_of(servers, "MOVED") == 0);
        auto const third = storage.load(key, now).value();
        CHECK(storage.touch(key, third, later + 1min, now) == WriteResult::committed);
        CHECK(servers.at(1)({"SCRIPT", "FLUSH"}) == "OK");
        CHECK(storage.erase(key));
        CHECK(storage.create(key, record("4"), now));
        auto const fourth = storage.load(key, now).value();
        CHECK(storage.rotate(key, fourth, key_at(2), record("5"), now) == WriteResult::committed);
        auto const fifth = storage.load(key_at(2), now).value();
        CHECK(storage.rotate(key_at(2), fifth, key, record("6"), now) == WriteResult::committed);
        int visits = 0;
        storage.for_each(now, [&](auto const&, cr::Stored const& stored) {
            CHECK(stored.payload == "6");
            ++visits;
        });
        CHECK(visits == 1);
        servers.end_move(slot, 1);
        CHECK(storage.load(key, now)->payload == "6");
        servers.begin_move(slot, 1, 0);
        CHECK_FALSE(servers.move_keys(slot, 1, 0, 9));
        servers.end_move(slot, 0);
    }
    SECTION("a slot that has moved is looked for once")
    {
        auto const key = key_at(0, 5);
        auto const slot = redis_slot(full(key));
        REQUIRE(storage.create(key, record("1"), now));
        auto const seen = storage.load(key, now).value();
        servers.begin_move(slot, 0, 2);
        servers.move_keys(slot, 0, 2, 100);
        servers.end_move(slot, 2);
        reset_counts(servers);
        CHECK(storage.commit(key, seen, record("2"), now) == WriteResult::committed);
        CHECK(errors_of(servers, "MOVED") == 1);
        for (int i = 0; i < 10; ++i)
            CHECK(storage.load(key, now)->payload == "2");
        CHECK(errors_of(servers, "MOVED") == 1);
        servers.begin_move(slot, 2, 0);
        servers.move_keys(slot, 2, 0, 100);
        servers.end_move(slot, 0);
        CHECK(storage.load(key, now)->payload == "2");
    }
    SECTION("a slot that moves there and back under load loses no increment and costs no error")
    {
        Redis tagged{servers.url(), {.key_prefix = "{tag}", .format = format}};
        auto const slot = redis_slot("tag");
        auto const home = Servers::master_of("tag");
        auto const away = (home + 1) % Servers::masters;
        std::vector<cr::SessionKey> keys;
        for (std::size_t i = 0; i < 40; ++i)
            keys.push_back(numbered_key(i));
        Counters counters{tagged, keys, 4};
        auto rotating = keys.front();
        long rotations = 0;
        auto const rotate = [&] {
            auto const fresh = cr::SessionKey::generate();
            auto const from = rotations == 0 ? cr::SessionKey::generate() : rotating;
            if (rotations == 0)
                REQUIRE(tagged.create(from, record("r"), now));
            auto const seen = tagged.load(from, now).value();
            REQUIRE(tagged.rotate(from, seen, fresh, record("r"), now) == WriteResult::committed);
            REQUIRE_FALSE(tagged.load(from, now));
            rotating = fresh;
            ++rotations;
        };
        for (auto const& [from, to] : {std::pair{home, away}, std::pair{away, home}}) {
            counters.await(50);
            servers.begin_move(slot, from, to);
            rotate();
            do {
                counters.await(20);
                rotate();
            } while (servers.move_keys(slot, from, to, 7));
            rotate();
            servers.end_move(slot, to);
            rotate();
        }
        counters.await(50);
        counters.stop();
        CHECK_FALSE(counters.is_lost());
        for (std::size_t i = 0; i < keys.size(); ++i) {
            CHECK(counters.uncertain(i) == 0);
            CHECK(std::stol(tagged.load(keys[i], now).value().payload) == counters.acknowledged(i));
        }
        CHECK(tagged.load(rotating, now)->payload == "r");
        CHECK(rotations > 10);
        int visits = 0;
        tagged.for_each(now, [&](auto const&, auto const&) { ++visits; });
        CHECK(visits == 41);
    }
    SECTION("a child process uses no connection of its parent, and takes none away")
    {
        for (std::size_t i = 0; i < 3; ++i)
            REQUIRE(storage.create(key_at(i), record("0"), now));
        auto const count_everywhere = [&] {
            for (int step = 0; step < 30; ++step)
                for (std::size_t i = 0; i < 3; ++i)
                    if (!count_up(storage, key_at(i), now))
                        return false;
            return true;
        };
        std::thread beside{[&] { count_everywhere(); }};
        CHECK(in_child(count_everywhere) == 0);
        beside.join();
        CHECK(count_everywhere());
        for (std::size_t i = 0; i < 3; ++i)
            CHECK(storage.load(key_at(i), now)->payload == "90");
    }
    SECTION("a storage for one server says what to set, one for a cluster what not to set")
    {
        Redis single{servers.at(0).url(), {.format = format}};
        REQUIRE(single.create(key_at(0), record("1"), now)); // by luck
        auto const seen = single.load(key_at(0), now).value();
        for (auto const& [name, operation] : std::vector<std::pair<std::string, std::function<void()>>>{
                 {"load", [&] { single.load(key_at(1), now); }},
                 {"create", [&] { single.create(key_at(1), record("1"), now); }},
                 {"commit", [&] { single.commit(key_at(1), seen, record("1"), now); }},
                 {"touch", [&] { single.touch(key_at(1), seen, later, now); }},
                 {"rotate", [&] { single.rotate(key_at(0), seen, key_at(1), record("1"), now); }},
                 {"erase", [&] { single.erase(key_at(1)); }}}) {
            auto const error = error_of(operation);
            INFO(name << ": " << error);
            CHECK(contains(error, "set RedisOptions::cluster"));
        }
        CHECK(single.load(key_at(0), now) == seen);
        Redis one_of_them{servers.at(0).url(), {.format = format, .cluster = true}};
        CHECK(one_of_them.create(key_at(1), record("1"), now));
        Redis some_dead{"redis://127.0.0.1:1,127.0.0.1:" + std::to_string(servers.at(2).port()) + "/0",
                        {.format = format}};
        CHECK(some_dead.load(key_at(1), now));
        CHECK(error_of([&] {
                  Redis{"redis://127.0.0.1:1,127.0.0.1:2"}.load(key_at(1), now);
              }).find("Check that the server runs") != std::string::npos);

        RedisServer alone;
        auto const error = error_of([&] { Redis{alone.url(), {.cluster = true}}.load(key_at(0), now); });
        INFO(error);
        CHECK(contains(error, "cluster support disabled"));
        CHECK(contains(error, "do not set RedisOptions::cluster"));
        CHECK(contains(error_of<cr::ImproperlyConfigured>([] { Redis{"redis://a,b/1"}; }), "databases"));
        CHECK(contains(
            error_of<cr::ImproperlyConfigured>([] { Redis{"unix:///run/redis.sock", {.cluster = true}}; }),
            "socket"));
        CHECK(contains(error_of<cr::ImproperlyConfigured>([] { Redis{"redis://a:1,b:x"}; }), "port"));
    }
    SECTION("8 threads that begin at once count in shared records and lose nothing")
    {
        for (std::size_t i = 0; i < 6; ++i)
            REQUIRE(Redis{servers.url(), {.format = format}}.create(numbered_key(i), record("0"), now));
        CHECK(run_threads(8, [&](int thread) {
                  for (int step = 0; step < 60; ++step)
                      if (!count_up(storage, numbered_key(static_cast<std::size_t>(step + thread) % 6), now))
                          throw std::runtime_error{"a record has gone"};
              }) == 0);
        long sum = 0;
        for (std::size_t i = 0; i < 6; ++i)
            sum += std::stol(storage.load(numbered_key(i), now).value().payload);
        CHECK(sum == 8 * 60);
    }
    SECTION("a server that hangs is an error for its keys alone, and passes with its pause")
    {
        Redis hurried{servers.url(), {.format = format, .command_timeout = 400ms}};
        for (std::size_t i = 0; i < 3; ++i)
            REQUIRE(hurried.create(key_at(i), record("1"), now));
        servers.at(1).pause();
        for (int round = 0; round < 2; ++round) {
            auto const start = std::chrono::steady_clock::now();
            CHECK(contains(error_of([&] { hurried.load(key_at(1), now); }),
                           "no answer within command_timeout"));
            CHECK(std::chrono::steady_clock::now() - start < 3s);
            CHECK(hurried.load(key_at(0), now));
            CHECK(hurried.load(key_at(2), now));
        }
        servers.at(1).resume();
        CHECK_FALSE(hurried.load(key_at(1, 7), now)); // not the late answer to something else
        CHECK(hurried.load(key_at(1), now));
        servers.wait_until_whole();
    }
}

TEST_CASE("Redis Cluster: a master is killed while a slot moves, another one fails over, nothing is lost")
{
    Servers servers{
        {"--cluster-require-full-coverage", "no", "--appendonly", "yes", "--appendfsync", "always"}, 1};
    Redis storage{servers.url(), {.connect_timeout = 3s, .command_timeout = 3s}};
    std::vector<cr::SessionKey> keys;
    for (std::size_t i = 0; i < 9; ++i)
        keys.push_back(key_at(i % 3, i / 3));
    Counters counters{storage, keys, 4};
    counters.await(100);

    // Master 1 dies in the middle of a slot's way from 2 to 0; then it runs again with what it has kept.
    auto const moving = redis_slot(full(keys[2]));
    servers.begin_move(moving, 2, 0);
    servers.at(1).kill();
    for (auto const key : std::initializer_list<std::size_t>{0, 2, 3, 5})
        counters.await(10, key);
    CHECK(contains(error_of([&] { storage.load(keys[1], now); }), "Connection refused"));
    CHECK(contains(error_of([&] { storage.rotate(keys[1], {"0", later}, key_at(0, 50), record("1"), now); }),
                   "Connection refused"));
    servers.move_keys(moving, 2, 0, 10);
    for (auto const key : std::initializer_list<std::size_t>{0, 2, 3, 5})
        counters.await(10, key);

    for (std::size_t key = 0; key < keys.size(); ++key)
        CHECK((key % 3 == 1 || counters.uncertain(key) == 0));

    // A cluster that wants to be whole is waited for, but not for ever.
    for (auto const i : std::initializer_list<std::size_t>{0, 2})
        REQUIRE(servers.at(i)({"CONFIG", "SET", "cluster-require-full-coverage", "yes"}) == "OK");
    Servers::until("the others stop, too", [&] {
        for (auto const i : std::initializer_list<std::size_t>{0, 2}) {
            auto const slot = std::to_string(Servers::first_slot(i));
            servers.at(i)({"CLUSTER", "SETSLOT", slot, "STABLE"}); // which makes it look at its state again
            if (!contains(servers.at(i)({"CLUSTER", "INFO"}), "cluster_state:fail"))
                return false;
        }
        return true;
    });
    Redis hurried{servers.url(), {.command_timeout = 500ms}};
    auto const start = std::chrono::steady_clock::now();
    CHECK(contains(error_of([&] { hurried.load(keys[2], now); }), "CLUSTERDOWN"));
    CHECK(std::chrono::steady_clock::now() - start >= 450ms);
    CHECK(std::chrono::steady_clock::now() - start < 5s);
    std::atomic<bool> has_come_back{false};
    std::thread waiting{[&] {
        Redis patient{servers.url(), {.command_timeout = 20s}};
        try {
            has_come_back = patient.create(key_at(0, 70), record("1"), now);
        } catch (cr::StorageError const&) {
        }
    }};
    servers.at(1).start();
    waiting.join();
    CHECK(has_come_back);
    servers.wait_until_whole();
    servers.end_move(moving, 0);
    for (auto const i : std::initializer_list<std::size_t>{0, 2, 3})
        REQUIRE(servers.at(i)({"CONFIG", "SET", "cluster-require-full-coverage", "no"}) == "OK");
    for (std::size_t key = 0; key < 9; ++key)
        counters.await(10, key);

    // Master 0 dies for good, and its replica takes over, with the moved slot, too. It has got all that was
    // acknowledged before the load ended.
    counters.stop();
    CHECK_FALSE(counters.is_lost());
    for (std::size_t key = 0; key < keys.size(); ++key) {
        auto const count = std::stol(storage.load(keys[key], now).value().payload);
        INFO(key << ": " << count << " of " << counters.acknowledged(key));
        CHECK(count >= counters.acknowledged(key));
        CHECK(count <= counters.acknowledged(key) + counters.uncertain(key));
    }
    Servers::until("the replica has got everything", [&] {
        return info_of(servers.at(0), "replication", "master_repl_offset:") ==
               info_of(servers.at(3), "replication", "master_repl_offset:");
    });
    auto const before = std::stol(storage.load(keys[0], now).value().payload);
    servers.at(0).kill();
    CHECK(count_up(storage, keys[4], now));
    Servers::until("a replica takes over", [&] {
        try {
            return count_up(storage, keys[0], now);
        } catch (cr::StorageError const&) {
            return false;
        }
    });
    CHECK(std::stol(storage.load(keys[0], now).value().payload) == before + 1);
    for (auto const& key : keys)
        CHECK(count_up(storage, key, now));
    CHECK(storage.rotate(keys[0], storage.load(keys[0], now).value(), keys[0], record("x"), now) ==
          WriteResult::taken);
    CHECK(storage.rotate(keys[0], storage.load(keys[0], now).value(), key_at(1, 60), record("x"), now) ==
          WriteResult::committed);
}

TEST_CASE("Redis Cluster keeps the laws of storages and of sessions")
{
    auto& servers = shared_servers();
    constexpr cr::testing::Freedom server_expires{.expired_may_leave = true, .sweeps = false};
    Redis storage{servers.url()};
    auto const use = [&]() -> auto& { return storage; };
    CHECK(cr::testing::storage_laws(use, {.depth = 5, .clients = 2, .freedom = server_expires}).schedules >
          4000);
    CHECK(cr::testing::storage_laws(use, {.depth = 4, .clients = 3, .freedom = server_expires}).schedules >
          800);
    CHECK_NOTHROW(cr::testing::storage_stress(storage, {.threads = 4, .rounds = 100}));
    Redis bare{servers.url(), {.format = RedisFormat::bare}};
    CHECK_NOTHROW(cr::testing::storage_stress(bare, {.threads = 4, .rounds = 50}));

    using Session = cr::Session<Redis, cr::serializer::Json, cr::signer::Hmac>;
    auto const open = [&] { return Redis{servers.url()}; };
    auto const report =
        cr::testing::session_laws<Session>(open, cr::signer::Hmac{"a secret for tests"}, {.clients = 2});
    CHECK(report.schedules > 500);
    CHECK(report.complete);
}

TEST_CASE("Redis Cluster: every step of a rotation may be the last one")
{
    std::vector<std::string_view> const user{
        "ACL",   "SETUSER", "web",          "on",       ">secret-for-tests",
        "~*",    "+auth",   "+get",         "+set",     "+setrange",
        "+del",  "+scan",   "+eval",        "+evalsha", "+pexpireat",
        "+pttl", "+time",   "+pexpiretime", "+asking",  "+cluster|slots"};
    auto& servers = shared_servers();
    for (std::size_t i = 0; i < Servers::masters; ++i)
        REQUIRE(servers.at(i).ask(user) == "OK");
    auto const format = GENERATE(RedisFormat::record, RedisFormat::bare);
    RedisOptions const options{.format = format, .user = "web", .password = "secret-for-tests"};
    Redis storage{servers.url(), options};
    auto const old = key_at(0);
    auto const fresh = key_at(1);
    REQUIRE(storage.create(old, record("old"), now));
    auto const seen = storage.load(old, now).value();
    auto const rotate = [&] { return storage.rotate(old, seen, fresh, record("new"), now); };
    auto const lease_of = [&] { return std::stol(servers.at(1)({"TTL", full(fresh)})); };

    REQUIRE(servers.at(1)({"ACL", "SETUSER", "web", "-set"}) == "OK"); // not even the first
    CHECK(contains(error_of(rotate), "NOPERM"));
    CHECK(storage.load(old, now) == seen);
    CHECK_FALSE(storage.load(fresh, now));
    REQUIRE(servers.at(1)({"ACL", "SETUSER", "web", "+set"}) == "OK");

    REQUIRE(servers.at(0)({"ACL", "SETUSER", "web", "-evalsha"}) == "OK"); // the first alone
    CHECK(contains(error_of(rotate), "cluster|slots"));
    REQUIRE(servers.at(0)({"ACL", "SETUSER", "web", "+evalsha"}) == "OK");
    CHECK(storage.load(old, now) == seen);
    CHECK(lease_of() > 60);
    CHECK(lease_of() < 300);
    CHECK(rotate() == WriteResult::taken);
    CHECK(storage.load(old, now) == seen);
    CHECK(servers.at(1)({"DEL", full(fresh)}) == "1"); // as the lease ends

    REQUIRE(servers.at(1)({"ACL", "SETUSER", "web", "-pexpireat"}) == "OK"); // the first two
    CHECK(contains(error_of(rotate), "NOPERM"));
    CHECK_FALSE(storage.load(old, now));
    CHECK(lease_of() > 60);
    CHECK(lease_of() < 300);
    REQUIRE(servers.at(1)({"ACL", "SETUSER", "web", "+pexpireat"}) == "OK");
    CHECK(rotate() == WriteResult::taken);
    CHECK(servers.at(1)({"DEL", full(fresh)}) == "1");
    CHECK(rotate() == WriteResult::absent);
    CHECK(servers.at(1)({"EXISTS", full(fresh)}) == "0");

    REQUIRE(storage.create(old, record("old"), now));
    CHECK(rotate() == WriteResult::committed);
    CHECK(lease_of() >= seconds_until(later));
    CHECK(storage.erase(fresh));

    Redis stranger{servers.url(), {.user = "web", .password = "battery staple"}};
    auto const error = error_of([&] { stranger.load(old, now); });
    CHECK(contains(error, "WRONGPASS"));
    CHECK_FALSE(contains(error, "battery"));
}

TEST_CASE("Redis Cluster by TLS, where hiredis has it")
{
    TemporaryFolder folder;
    auto const file = [&](std::string const& name) { return folder.path(name); };
    auto const command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout " +
                         file("key") + " -out " + file("pem") + " 2>/dev/null";
    REQUIRE(std::system(command.c_str()) == 0);
    try {
        Redis{"rediss://127.0.0.1:1,127.0.0.1:2", {.tls = {{.authority = file("pem")}}}};
    } catch (cr::ImproperlyConfigured const& error) {
        CHECK(contains(error.what(), "TLS needs hiredis 1.0 or newer"));
        return;
    }
    Servers servers{{"--tls-cert-file", file("pem"), "--tls-key-file", file("key"), "--tls-ca-cert-file",
                     file("pem"), "--tls-auth-clients", "no", "--tls-port", std::string{Servers::any_port}}};
    std::string ports;
    for (std::size_t i = 0; i < Servers::masters; ++i) {
        auto const port = servers.at(i)({"CONFIG", "GET", "tls-port"}).substr(9);
        ports += (i == 0 ? "127.0.0.1:" : ",127.0.0.1:") + port;
    }
    Redis storage{"rediss://" + ports, {.tls = {{.authority = file("pem")}}}};
    for (std::size_t i = 0; i < 3; ++i)
        REQUIRE(storage.create(key_at(i), record("1"), now));
    CHECK(storage.rotate(key_at(0), {"1", later}, key_at(1, 1), record("2"), now) == WriteResult::committed);
    auto const slot = redis_slot(full(key_at(1)));
    servers.begin_move(slot, 1, 2);
    servers.move_keys(slot, 1, 2, 9);
    CHECK(storage.load(key_at(1), now));
    servers.end_move(slot, 2);
    CHECK(storage.load(key_at(1), now));
    CHECK(info_of(servers.at(2), "stats", "total_connections_received:") > 0);
}

TEST_CASE("Redis Cluster: what a server says that makes no sense is an error, and so is what never ends")
{
    struct Case {
        std::string slots; ///< answers CLUSTER SLOTS; empty for a good answer. # is the server's port.
        std::string others;
        std::string words;
        bool is_slow = false; ///< It is tried again until command_timeout.
    };
    auto const [slots, others, words, is_slow] = GENERATE(catch_::values<Case>({
        {"", "-TRYAGAIN Multiple keys request during rehashing of slot\r\n", "try again soon", true},
        {"", "-LOADING Redis is loading the dataset in memory\r\n", "LOADING", true},
        {"", "-CLUSTERDOWN The cluster is down\r\n", "CLUSTER INFO", true},
        {"", "-MOVED 7 :#\r\n", "MOVED", true},
        {"", "-ASK 7 :#\r\n", "ASK", true},
        {"", "-MOVED 7\r\n", "MOVED"},
        {"", "-MOVED x 127.0.0.1:7\r\n", "MOVED"},
        {"", "-MOVED 16384 127.0.0.1:7\r\n", "MOVED"},
        {"", "-ASK 7 127.0.0.1:x\r\n", "ASK"},
        {"", "*0\r\n", "not of the kind"},
        {"*0\r\n", "", "CLUSTERDOWN", true},
        {"*-1\r\n", "", "not of the kind"},
        {"+OK\r\n", "", "not of the kind"},
        {"-MOVED 7 :#\r\n", "", "MOVED", true},
        {"*1\r\n:1\r\n", "", "not of the kind"},
        {"*1\r\n*3\r\n:5\r\n:3\r\n*2\r\n$1\r\na\r\n:1\r\n", "", "not of the kind"},
        {"*1\r\n*3\r\n:0\r\n:16384\r\n*2\r\n$1\r\na\r\n:1\r\n", "", "not of the kind"},
        {"*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$1\r\na\r\n:65536\r\n", "", "not of the kind"},
        {"*1\r\n*3\r\n:9\r\n:9\r\n*2\r\n$0\r\n\r\n:#\r\n", "", "no server has the slot", true},
    }));
    std::atomic<int> port{0};
    std::atomic<int> asked{0};
    RudeServer server{RudeServer::Answers{[&, slots = slots, others = others](std::string_view request) {
        auto const is_slots = contains(request, "SLOTS");
        asked += is_slots ? 0 : 1;
        auto text = !is_slots ? others : !slots.empty() ? slots : all_slots;
        if (auto const place = text.find('#'); place != std::string::npos)
            text.replace(place, 1, std::to_string(port));
        return (contains(request, "ASKING") ? "+OK\r\n" : "") + text;
    }}};
    port = server.port();
    Redis storage{server.url(), {.cluster = true, .command_timeout = is_slow ? 300ms : 5s}};
    auto const start = std::chrono::steady_clock::now();
    auto const error = error_of([&] { storage.erase(key_at(0)); });
    INFO(slots << others << ": " << error);
    CHECK(contains(error, words));
    CHECK((asked > 1) == (is_slow && slots.empty()));
    CHECK((!is_slow || std::chrono::steady_clock::now() - start >= 250ms));
}
