// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTS_TESTING_MAP_STORAGE_HPP
#define CLOAKROOM_TESTS_TESTING_MAP_STORAGE_HPP

#include <cloakroom/core/record.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/storage/concept.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

/// The smallest storage that keeps the contract: one map, one lock. The broken ones derive from it.
class MapStorage {
public:
    static constexpr std::string_view purpose = cloakroom::storage::session_store_purpose;
    static constexpr cloakroom::Content accepts = cloakroom::Content::bytes;

    using Key = cloakroom::SessionKey;
    using Record = cloakroom::Record;
    using Stored = cloakroom::Stored;
    using TimePoint = cloakroom::TimePoint;
    using WriteResult = cloakroom::WriteResult;

    std::optional<Stored> load(Key const& key, TimePoint now)
    {
        std::scoped_lock const lock{*mutex_};
        auto const found = find(key);
        return found && found->expires > now ? std::optional{*found} : std::nullopt;
    }

    bool create(Key const& key, Record const& record, TimePoint)
    {
        std::scoped_lock const lock{*mutex_};
        return records_.try_emplace(text(key), stored(record)).second;
    }

    WriteResult commit(Key const& key, Stored const& seen, Record const& record, TimePoint now)
    {
        std::scoped_lock const lock{*mutex_};
        auto const answer = compare(key, seen, now);
        if (answer == WriteResult::committed)
            *find(key) = stored(record);
        return answer;
    }

    WriteResult touch(Key const& key, Stored const& seen, TimePoint expires, TimePoint now)
    {
        std::scoped_lock const lock{*mutex_};
        auto const answer = compare(key, seen, now);
        if (answer != WriteResult::committed)
            return answer;
        if (find(key)->expires != seen.expires)
            return WriteResult::conflict;
        find(key)->expires = expires;
        return answer;
    }

    WriteResult rotate(Key const& key, Stored const& seen, Key const& fresh, Record const& record,
                       TimePoint now)
    {
        std::scoped_lock const lock{*mutex_};
        auto const answer = compare(key, seen, now);
        if (answer != WriteResult::committed)
            return answer;
        if (!records_.try_emplace(text(fresh), stored(record)).second)
            return WriteResult::taken;
        records_.erase(text(key));
        return answer;
    }

    bool erase(Key const& key)
    {
        std::scoped_lock const lock{*mutex_};
        return records_.erase(text(key)) != 0;
    }

    std::size_t clear_expired(TimePoint now, std::size_t budget)
    {
        std::scoped_lock const lock{*mutex_};
        std::size_t cleared = 0;
        for (auto each = records_.begin(); each != records_.end() && cleared < budget;) {
            auto const dead = each->second.expires < now;
            each = dead ? records_.erase(each) : std::next(each);
            cleared += dead ? 1U : 0U;
        }
        return cleared;
    }

    template <class Visit>
    void for_each(TimePoint now, Visit visit)
    {
        std::scoped_lock const lock{*mutex_};
        for (auto const& [key, found] : records_)
            if (found.expires > now)
                visit(*Key::parse(key), found);
    }

protected:
    static std::string text(Key const& key) { return std::string{key.reveal()}; }

    Stored stored(Record const& record) { return {record.payload, record.expires, ++last_version_}; }

    Stored* find(Key const& key)
    {
        auto const found = records_.find(text(key));
        return found == records_.end() ? nullptr : &found->second;
    }

    /// committed: the version is the one that was seen.
    WriteResult compare(Key const& key, Stored const& seen, TimePoint now)
    {
        auto const found = find(key);
        if (found == nullptr || found->expires <= now)
            return WriteResult::absent;
        return found->version == seen.version ? WriteResult::committed : WriteResult::conflict;
    }

    std::map<std::string, Stored, std::less<>> records_;
    std::uint64_t last_version_ = 0;
    std::unique_ptr<std::mutex> mutex_ = std::make_unique<std::mutex>();
};

static_assert(cloakroom::EnumerablePolicy<MapStorage>);

#endif
