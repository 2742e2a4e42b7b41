// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_REDIS_NODES_HPP
#define CLOAKROOM_STORAGE_REDIS_NODES_HPP

#include <cloakroom/adapters/hiredis.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/storage/redis_client.hpp>
#include <cloakroom/storage/redis_redirection.hpp>
#include <cloakroom/storage/redis_slot.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::storage::detail {

/// One server of a cluster, which stays as long as its RedisNodes.
struct RedisNode {
    RedisNode(std::shared_ptr<RedisLogin const> login, adapters::hiredis::Endpoint where)
        : clients(std::move(login), where), endpoint(std::move(where))
    {
    }

    RedisClients clients;
    RedisNode* next = nullptr;
    adapters::hiredis::Endpoint const endpoint;
    std::atomic<bool> is_master{false};
};

/// Which server of a cluster has which slot, as far as known. No lock is taken: a fork() at any moment leaves
/// the child with something whole.
class RedisNodes {
public:
    explicit RedisNodes(std::shared_ptr<RedisLogin const> login) : login_(std::move(login))
    {
        for (auto const& endpoint : login_->url.endpoints)
            at(endpoint);
    }
    RedisNodes(RedisNodes const&) = delete;
    RedisNodes& operator=(RedisNodes const&) = delete;
    ~RedisNodes()
    {
        for (auto* node = first_.load(); node != nullptr;)
            delete std::exchange(node, node->next);
    }

    /// The server at an endpoint.
    RedisNode& at(adapters::hiredis::Endpoint const& endpoint);

    /// The server that has a slot. Asks, if that is not known. Throws StorageError, or RedisRedirected when
    /// no server has it.
    RedisNode& owner(std::size_t slot);
    /// The same without asking; nullptr if it is not known.
    RedisNode* known_owner(std::size_t slot) const noexcept
    {
        return owners_[slot].load(std::memory_order_acquire);
    }
    void set_owner(std::size_t slot, RedisNode& node) noexcept
    {
        owners_[slot].store(&node, std::memory_order_release);
    }

    std::vector<RedisNode*> masters() const;

    /// Asks a server for the owners of all slots, another one than `doubtful` if possible. Throws
    /// StorageError when none answers.
    void refresh(RedisNode const* doubtful);
    bool try_refresh(RedisNode const* doubtful)
    {
        try {
            refresh(doubtful);
            return true;
        } catch (StorageError const&) {
            return false;
        }
    }

    /// Whether nobody was told so in the last tenth of a second.
    bool is_refresh_due() noexcept;

private:
    struct Range {
        std::size_t first;
        std::size_t last;
        adapters::hiredis::Endpoint endpoint;
    };

    std::vector<RedisNode*> all(RedisNode const* doubtful) const;
    static std::vector<Range> ask_ranges(RedisClient& client, std::string_view host);
    void adopt(std::vector<Range> const& ranges);

    std::shared_ptr<RedisLogin const> login_;
    std::atomic<RedisNode*> first_{nullptr};
    std::array<std::atomic<RedisNode*>, redis_slots> owners_{};
    std::atomic<std::int64_t> next_refresh_{0};
    mutable std::atomic<std::size_t> turn_{0};
};

inline RedisNode& RedisNodes::at(adapters::hiredis::Endpoint const& endpoint)
{
    std::unique_ptr<RedisNode> added;
    auto* first = first_.load(std::memory_order_acquire);
    for (;;) {
        for (auto* node = first; node != nullptr; node = node->next)
            if (node->endpoint.port == endpoint.port && node->endpoint.host == endpoint.host)
                return *node;
        if (!added)
            added = std::make_unique<RedisNode>(login_, endpoint);
        added->next = first;
        if (first_.compare_exchange_weak(first, added.get(), std::memory_order_acq_rel))
            return *added.release();
    }
}

inline RedisNode& RedisNodes::owner(std::size_t slot)
{
    if (auto* const node = known_owner(slot))
        return *node;
    refresh(nullptr);
    if (auto* const node = known_owner(slot))
        return *node;
    refuse_redis("a cluster", "CLUSTERDOWN no server has the slot of the key");
}

inline std::vector<RedisNode*> RedisNodes::masters() const
{
    auto nodes = all(nullptr);
    std::erase_if(nodes, [](RedisNode const* node) { return !node->is_master; });
    return nodes;
}

inline std::vector<RedisNode*> RedisNodes::all(RedisNode const* doubtful) const
{
    std::vector<RedisNode*> nodes;
    for (auto* node = first_.load(std::memory_order_acquire); node != nullptr; node = node->next)
        nodes.push_back(node);
    // Each time another one is first, lest one with an old view of the cluster be asked again and again.
    auto const turn = turn_.fetch_add(1, std::memory_order_relaxed) % nodes.size();
    std::rotate(nodes.begin(), nodes.begin() + static_cast<std::ptrdiff_t>(turn), nodes.end());
    std::stable_partition(nodes.begin(), nodes.end(),
                          [](auto const* node) { return node->is_master.load(); });
    std::stable_partition(nodes.begin(), nodes.end(), [&](auto const* node) { return node != doubtful; });
    return nodes;
}

inline void RedisNodes::refresh(RedisNode const* doubtful)
{
    auto const nodes = all(doubtful);
    for (auto* const node : nodes) {
        try {
            adopt(node->clients.read(
                [&](RedisClient& client) { return ask_ranges(client, node->endpoint.host); }));
            return;
        } catch (StorageError const&) {
            if (node == nodes.back())
                throw;
        }
    }
}

inline bool RedisNodes::is_refresh_due() noexcept
{
    using namespace std::chrono;
    auto const now = duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
    auto next = next_refresh_.load(std::memory_order_relaxed);
    return now >= next && next_refresh_.compare_exchange_strong(next, now + 100);
}

inline std::vector<RedisNodes::Range> RedisNodes::ask_ranges(RedisClient& client, std::string_view host)
{
    client.ask_first(false);
    auto& commands = client.begin();
    commands.begin(2);
    commands.add("CLUSTER");
    commands.add("SLOTS");
    client.send();
    auto const answer = client.receive();
    if (!answer.is_array())
        fail_redis_protocol(client.connection().name());
    std::vector<Range> ranges;
    for (std::size_t i = 0; i < answer.size(); ++i) {
        auto const range = answer[i];
        if (range.size() < 3 || range[2].size() < 2)
            fail_redis_protocol(client.connection().name());
        auto const first = range[0].integer().value_or(-1);
        auto const last = range[1].integer().value_or(-1);
        auto const port = range[2][1].integer().value_or(-1);
        if (first < 0 || last < first || last >= static_cast<std::int64_t>(redis_slots) || port < 0 ||
            port > 65'535)
            fail_redis_protocol(client.connection().name());
        // A server that does not know its own name leaves it out: it is where it was asked.
        auto name = range[2][0].text().value_or("");
        if (name.empty() || name == "?")
            name = host;
        ranges.push_back({static_cast<std::size_t>(first),
                          static_cast<std::size_t>(last),
                          {std::string{name}, static_cast<int>(port), {}}});
    }
    if (ranges.empty())
        refuse_redis(client.connection().name(), "CLUSTERDOWN the server knows nobody who has slots");
    return ranges;
}

inline void RedisNodes::adopt(std::vector<Range> const& ranges)
{
    std::vector<RedisNode*> owners(redis_slots);
    for (auto const& range : ranges)
        std::fill(owners.begin() + static_cast<std::ptrdiff_t>(range.first),
                  owners.begin() + static_cast<std::ptrdiff_t>(range.last) + 1, &at(range.endpoint));
    for (std::size_t slot = 0; slot < redis_slots; ++slot)
        owners_[slot].store(owners[slot], std::memory_order_release);
    for (auto* node = first_.load(std::memory_order_acquire); node != nullptr; node = node->next) {
        node->is_master = std::find(owners.begin(), owners.end(), node) != owners.end();
        if (!node->is_master)
            node->clients.clear();
    }
}

} // namespace cloakroom::inline v0::storage::detail

#endif
