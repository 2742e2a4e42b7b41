// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTS_SUPPORT_REDIS_CLUSTER_HPP
#define CLOAKROOM_TESTS_SUPPORT_REDIS_CLUSTER_HPP

#include "support/redis_server.hpp"

#include <cloakroom/storage/redis_slot.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

/// A Redis Cluster of three masters on 127.0.0.1, each with a third of the slots, and replicas of the first.
class RedisClusterServers {
public:
    using Words = RedisServer::Words;

    /// Stands in the options for a port that each server has for itself.
    static constexpr std::string_view any_port = "any port";

    explicit RedisClusterServers(Words const& options = {}, std::size_t replicas = 0)
    {
        for (std::size_t i = 0; i < masters + replicas; ++i) {
            Words words{"--cluster-enabled",
                        "yes",
                        "--cluster-port",
                        std::to_string(free_port()),
                        "--cluster-node-timeout",
                        "1000",
                        "--repl-diskless-sync-delay",
                        "0"};
            for (auto const& option : options)
                words.push_back(option == any_port ? std::to_string(free_port()) : option);
            ports_.push_back(words[3]);
            servers_.push_back(std::make_unique<RedisServer>(words));
        }
        for (std::size_t i = 0; i < servers_.size(); ++i)
            at(i)({"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(i + 1)});
        for (std::size_t i = 0; i < masters; ++i)
            at(i)({"CLUSTER", "ADDSLOTSRANGE", std::to_string(first_slot(i)),
                   std::to_string(first_slot(i + 1) - 1)});
        for (std::size_t i = 1; i < servers_.size(); ++i)
            for (std::size_t k = 0; k < i; ++k)
                at(k)({"CLUSTER", "MEET", "127.0.0.1", std::to_string(at(i).port()), ports_[i]});
        for (std::size_t i = masters; i < servers_.size(); ++i)
            until("a replica knows its master",
                  [&] { return at(i)({"CLUSTER", "REPLICATE", id(0)}) == "OK"; });
        wait_until_whole();
        for (std::size_t i = masters; i < servers_.size(); ++i)
            until("a replica has its data", [&] {
                return at(i)({"INFO", "replication"}).find("master_link_status:up") != std::string::npos;
            });
    }

    static constexpr std::size_t masters = 3;

    RedisServer& at(std::size_t index) { return *servers_[index]; }
    std::size_t size() const { return servers_.size(); }

    /// Where the masters are, as a URL says it.
    std::string url() const
    {
        std::string text = "redis://";
        for (std::size_t i = 0; i < masters; ++i)
            text += (i == 0 ? "127.0.0.1:" : ",127.0.0.1:") + std::to_string(servers_[i]->port());
        return text;
    }

    std::string id(std::size_t index) { return at(index)({"CLUSTER", "MYID"}); }

    static std::size_t first_slot(std::size_t master)
    {
        return (cloakroom::storage::detail::redis_slots * master + masters - 1) / masters;
    }
    /// Which master has the slot of a key at first.
    static std::size_t master_of(std::string_view full_key)
    {
        std::size_t master = 0;
        while (first_slot(master + 1) <= cloakroom::storage::detail::redis_slot(full_key))
            ++master;
        return master;
    }

    /// The steps of moving a slot: tell both masters, move its keys one by one, tell all.
    void begin_move(std::size_t slot, std::size_t from, std::size_t to)
    {
        auto const number = std::to_string(slot);
        expect_ok(at(to)({"CLUSTER", "SETSLOT", number, "IMPORTING", id(from)}));
        expect_ok(at(from)({"CLUSTER", "SETSLOT", number, "MIGRATING", id(to)}));
    }
    /// At most `count` keys. False when there was none.
    bool move_keys(std::size_t slot, std::size_t from, std::size_t to, int count)
    {
        for (int i = 0; i < count; ++i) {
            auto const key = at(from)({"CLUSTER", "GETKEYSINSLOT", std::to_string(slot), "1"});
            if (key.empty())
                return false;
            at(from)({"MIGRATE", "127.0.0.1", std::to_string(at(to).port()), key, "0", "5000"});
        }
        return true;
    }
    void end_move(std::size_t slot, std::size_t to)
    {
        auto const number = std::to_string(slot);
        auto const owner = id(to);
        expect_ok(at(to)({"CLUSTER", "SETSLOT", number, "NODE", owner}));
        for (std::size_t i = 0; i < masters; ++i)
            if (i != to)
                expect_ok(at(i)({"CLUSTER", "SETSLOT", number, "NODE", owner}));
    }

    /// Until every server that runs sees every master and all is well.
    void wait_until_whole()
    {
        auto const count = std::to_string(servers_.size());
        for (std::size_t i = 0; i < servers_.size(); ++i)
            until("the cluster is whole", [&] {
                auto const info = at(i)({"CLUSTER", "INFO"});
                return info.find("cluster_state:ok") != std::string::npos &&
                       info.find("cluster_slots_ok:16384") != std::string::npos &&
                       info.find("cluster_known_nodes:" + count) != std::string::npos &&
                       info.find("cluster_size:3") != std::string::npos;
            });
    }

    static void until(std::string const& what, std::function<bool()> const& is_so)
    {
        for (int i = 0; i < 1500; ++i) {
            if (is_so())
                return;
            std::this_thread::sleep_for(std::chrono::milliseconds{10});
        }
        throw std::runtime_error{"it takes too long until " + what};
    }

private:
    static void expect_ok(std::string const& answer)
    {
        if (answer != "OK")
            throw std::runtime_error{"a cluster's server refuses: " + answer};
    }

    std::vector<std::string> ports_;
    std::vector<std::unique_ptr<RedisServer>> servers_;
};

#endif
