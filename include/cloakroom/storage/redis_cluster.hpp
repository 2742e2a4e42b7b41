// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_REDIS_CLUSTER_HPP
#define CLOAKROOM_STORAGE_REDIS_CLUSTER_HPP

#include <cloakroom/adapters/hiredis.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/storage/redis_client.hpp>
#include <cloakroom/storage/redis_nodes.hpp>
#include <cloakroom/storage/redis_redirection.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::storage::detail {

/// The masters of a Redis Cluster, found by the slots of keys, with the connections to each. Slots that move
/// and replicas that take over are followed; what a server refuses because the cluster is changing is tried
/// again until command_timeout has passed. Thread-safe, and safe in a child of fork().
class RedisCluster {
public:
    explicit RedisCluster(std::shared_ptr<RedisLogin const> login) : login_(login), nodes_(std::move(login))
    {
    }

    /// Answers `operation(client)`, with a connection to the server that has the slot, which nobody else uses
    /// meanwhile. The operation is repeated only when it was refused or could not be sent.
    template <class Operation>
    auto use(std::size_t slot, Operation operation)
    {
        return perform(slot, false, std::move(operation));
    }

    /// The same for an operation that may be done twice: repeated once also when the connection is lost.
    template <class Operation>
    auto repeat(std::size_t slot, Operation operation)
    {
        return perform(slot, true, std::move(operation));
    }

    /// The servers that have slots now.
    std::vector<RedisNode*> masters()
    {
        nodes_.refresh(nullptr);
        return nodes_.masters();
    }

    /// Answers `operation(client)`, which changes nothing, with a connection to that server.
    template <class Operation>
    auto read_at(RedisNode& node, Operation operation)
    {
        return node.clients.read([&](RedisClient& client) {
            client.ask_first(false);
            return operation(client);
        });
    }

private:
    /// How long one operation is tried, and how often.
    class Patience;

    /// How far one try has come.
    enum class Progress { unsent, sent, lost };

    template <class Operation>
    auto perform(std::size_t slot, bool is_repeatable, Operation operation);
    template <class Operation>
    auto attempt(RedisNode& node, bool is_asking, Progress& progress, Operation& operation);
    /// Where a command goes that `from` has refused, or that nobody was found for: one server for this
    /// command alone, or nothing for the slot's owner.
    RedisNode* follow(RedisRedirection const& redirection, RedisNode const* from);

    std::shared_ptr<RedisLogin const> login_;
    RedisNodes nodes_;
    std::atomic<bool> is_doubtful_{false};
};

class RedisCluster::Patience {
public:
    explicit Patience(Duration time) : end_(Clock::now() + time) {}

    /// Whether there is time for another try, which begins when this returns.
    bool allows_another(bool at_once)
    {
        constexpr int quick_tries = 5;
        auto const rest = std::chrono::duration_cast<Duration>(end_ - Clock::now());
        if (rest <= Duration::zero())
            return false;
        if (at_once && tries_++ < quick_tries)
            return true;
        std::this_thread::sleep_for(std::min(pause_, rest));
        pause_ = std::min<Duration>(pause_ * 2, std::chrono::milliseconds{50});
        return true;
    }

private:
    using Clock = std::chrono::steady_clock;

    Clock::time_point end_;
    Duration pause_ = std::chrono::milliseconds{1};
    int tries_ = 0;
};

template <class Operation>
auto RedisCluster::perform(std::size_t slot, bool is_repeatable, Operation operation)
{
    if (is_doubtful_.load(std::memory_order_relaxed) && is_doubtful_.exchange(false))
        nodes_.try_refresh(nullptr);
    std::optional<Patience> patience; // from the first refusal on
    auto const allows_another = [&](bool at_once) {
        if (!patience)
            patience.emplace(login_->command_timeout);
        return patience->allows_another(at_once);
    };
    RedisNode* asked = nullptr;
    for (;;) {
        auto* node = asked;
        auto progress = Progress::unsent;
        try {
            if (node == nullptr)
                node = &nodes_.owner(slot);
            return attempt(*node, asked != nullptr, progress, operation);
        } catch (RedisRedirected const& refusal) {
            auto const& redirection = refusal.redirection();
            if (!allows_another(redirection.kind != RedisRedirection::Kind::later))
                throw;
            asked = follow(redirection, node);
        } catch (StorageError const& error) {
            auto const is_closed = dynamic_cast<adapters::hiredis::Closed const*>(&error) != nullptr;
            if (node == nullptr || progress == Progress::sent)
                throw;
            if (progress == Progress::lost && !(is_repeatable && is_closed)) {
                is_doubtful_ = true;
                throw;
            }
            nodes_.try_refresh(node);
            auto const is_elsewhere =
                std::exchange(asked, nullptr) != nullptr || nodes_.known_owner(slot) != node;
            if (progress == Progress::unsent && !is_elsewhere)
                throw;
            if (progress == Progress::lost)
                is_repeatable = false;
            if (!allows_another(true))
                throw;
        }
    }
}

template <class Operation>
auto RedisCluster::attempt(RedisNode& node, bool is_asking, Progress& progress, Operation& operation)
{
    return node.clients.use([&](RedisClient& client) {
        progress = Progress::sent;
        client.ask_first(is_asking);
        try {
            return operation(client);
        } catch (StorageError const&) {
            if (!client.connection().is_ready())
                progress = Progress::lost;
            throw;
        }
    });
}

inline RedisNode* RedisCluster::follow(RedisRedirection const& redirection, RedisNode const* from)
{
    using Kind = RedisRedirection::Kind;
    if (redirection.kind != Kind::ask && nodes_.is_refresh_due())
        nodes_.try_refresh(from);
    if (redirection.kind == Kind::later || from == nullptr)
        return nullptr;
    auto endpoint = redirection.endpoint;
    if (endpoint.host.empty())
        endpoint.host = from->endpoint.host;
    auto& node = nodes_.at(endpoint);
    if (redirection.kind == Kind::ask)
        return &node;
    nodes_.set_owner(redirection.slot, node);
    return nullptr;
}

} // namespace cloakroom::inline v0::storage::detail

#endif
