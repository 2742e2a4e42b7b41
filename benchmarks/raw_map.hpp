// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_BENCHMARKS_RAW_MAP_HPP
#define CLOAKROOM_BENCHMARKS_RAW_MAP_HPP

#include <cloakroom/storage/concept.hpp>

#include <array>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

/// What somebody would write first: a hash map of records behind a lock, and the version compared.
template <std::size_t Shards>
class RawMap {
public:
    std::optional<cloakroom::Stored> load(cloakroom::SessionKey const& key, cloakroom::TimePoint time)
    {
        auto& shard = shard_of(key);
        std::lock_guard const lock{shard.mutex};
        auto const found = shard.map.find(key.reveal());
        if (found == shard.map.end() || found->second.expires <= time)
            return std::nullopt;
        return found->second;
    }

    bool create(cloakroom::SessionKey const& key, cloakroom::Record const& record, cloakroom::TimePoint)
    {
        auto& shard = shard_of(key);
        std::lock_guard const lock{shard.mutex};
        return shard.map
            .try_emplace(std::string{key.reveal()}, cloakroom::Stored{record.payload, record.expires, 1})
            .second;
    }

    cloakroom::WriteResult commit(cloakroom::SessionKey const& key, cloakroom::Stored const& seen,
                                  cloakroom::Record const& record, cloakroom::TimePoint time)
    {
        auto& shard = shard_of(key);
        std::lock_guard const lock{shard.mutex};
        auto const found = shard.map.find(key.reveal());
        if (found == shard.map.end() || found->second.expires <= time)
            return cloakroom::WriteResult::absent;
        if (found->second.version != seen.version)
            return cloakroom::WriteResult::conflict;
        found->second.payload = record.payload;
        found->second.expires = record.expires;
        ++found->second.version;
        return cloakroom::WriteResult::committed;
    }

private:
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    struct alignas(64) Shard {
        std::mutex mutex;
        std::unordered_map<std::string, cloakroom::Stored, Hash, std::equal_to<>> map;
    };

    Shard& shard_of(cloakroom::SessionKey const& key)
    {
        return shards_[static_cast<unsigned char>(key.reveal()[7]) * 7U % Shards];
    }

    std::array<Shard, Shards> shards_;
};

#endif
