// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTS_TESTING_BROKEN_STORAGES_HPP
#define CLOAKROOM_TESTS_TESTING_BROKEN_STORAGES_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/storage/concept.hpp>

#include "testing/map_storage.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

/// MapStorage with one mistake each, of the kinds that session libraries really make. None takes the lock:
/// they are for the laws, which use one thread.
namespace broken {

struct CommitInserts : MapStorage {
    WriteResult commit(Key const& key, Stored const& seen, Record const& record, TimePoint now)
    {
        if (find(key) == nullptr) {
            records_[text(key)] = stored(record);
            return WriteResult::committed;
        }
        return MapStorage::commit(key, seen, record, now);
    }
};

struct CommitInsertsAndSaysAbsent : MapStorage {
    WriteResult commit(Key const& key, Stored const& seen, Record const& record, TimePoint now)
    {
        if (find(key) == nullptr) {
            records_[text(key)] = stored(record);
            return WriteResult::absent;
        }
        return MapStorage::commit(key, seen, record, now);
    }
};

struct CommitIgnoresTheVersion : MapStorage {
    WriteResult commit(Key const& key, Stored const&, Record const& record, TimePoint now)
    {
        auto const newest = load(key, now);
        return newest ? MapStorage::commit(key, *newest, record, now) : WriteResult::absent;
    }
};

struct CommitWritesBeforeItCompares : MapStorage {
    WriteResult commit(Key const& key, Stored const& seen, Record const& record, TimePoint now)
    {
        auto const answer = MapStorage::commit(key, seen, record, now);
        if (answer == WriteResult::conflict)
            *find(key) = stored(record);
        return answer;
    }
};

struct CommitRevivesTheExpired : MapStorage {
    WriteResult commit(Key const& key, Stored const& seen, Record const& record, TimePoint)
    {
        return MapStorage::commit(key, seen, record, cloakroom::earliest_time);
    }
};

struct CommitKeepsTheExpiry : MapStorage {
    WriteResult commit(Key const& key, Stored const& seen, Record const& record, TimePoint now)
    {
        return MapStorage::commit(key, seen, {record.payload, seen.expires}, now);
    }
};

struct CommitOfTheSameConflicts : MapStorage { // as an UPDATE that counts changed rows
    WriteResult commit(Key const& key, Stored const& seen, Record const& record, TimePoint now)
    {
        auto const same = record.payload == seen.payload && record.expires == seen.expires;
        return same ? WriteResult::conflict : MapStorage::commit(key, seen, record, now);
    }
};

struct TouchResurrects : MapStorage {
    WriteResult touch(Key const& key, Stored const& seen, TimePoint expires, TimePoint now)
    {
        if (find(key) == nullptr)
            records_[text(key)] = stored({seen.payload, seen.expires});
        return MapStorage::touch(key, seen, expires, now);
    }
};

struct TouchRevivesTheExpired : MapStorage {
    WriteResult touch(Key const& key, Stored const& seen, TimePoint expires, TimePoint)
    {
        return MapStorage::touch(key, seen, expires, cloakroom::earliest_time);
    }
};

struct TouchUndoesAnothersExpiry : MapStorage {
    WriteResult touch(Key const& key, Stored const& seen, TimePoint expires, TimePoint now)
    {
        auto const answer = compare(key, seen, now);
        if (answer == WriteResult::committed)
            find(key)->expires = expires;
        return answer;
    }
};

struct TouchUndoesACommit : MapStorage {
    WriteResult touch(Key const& key, Stored const& seen, TimePoint expires, TimePoint now)
    {
        auto const answer = MapStorage::touch(key, seen, expires, now);
        if (answer == WriteResult::conflict)
            find(key)->payload = seen.payload;
        return answer;
    }
};

struct TouchIgnoresAForeignCommit : MapStorage {
    WriteResult touch(Key const& key, Stored const& seen, TimePoint expires, TimePoint now)
    {
        auto const answer = MapStorage::touch(key, seen, expires, now);
        return answer == WriteResult::conflict ? WriteResult::committed : answer;
    }
};

struct RotateLeavesTheOldKey : MapStorage {
    WriteResult rotate(Key const& key, Stored const& seen, Key const& fresh, Record const& record,
                       TimePoint now)
    {
        auto const answer = compare(key, seen, now);
        if (answer != WriteResult::committed)
            return answer;
        return create(fresh, record, now) ? WriteResult::committed : WriteResult::taken;
    }
};

struct RotateLosesAForeignCommit : MapStorage {
    WriteResult rotate(Key const& key, Stored const&, Key const& fresh, Record const& record, TimePoint now)
    {
        auto const newest = load(key, now);
        return newest ? MapStorage::rotate(key, *newest, fresh, record, now) : WriteResult::absent;
    }
};

struct RotateOverwritesATakenKey : MapStorage {
    WriteResult rotate(Key const& key, Stored const& seen, Key const& fresh, Record const& record,
                       TimePoint now)
    {
        auto const answer = compare(key, seen, now);
        if (answer != WriteResult::committed)
            return answer;
        records_.erase(text(key));
        records_[text(fresh)] = stored(record);
        return answer;
    }
};

struct RotateToATakenKeyLosesTheOld : MapStorage {
    WriteResult rotate(Key const& key, Stored const& seen, Key const& fresh, Record const& record,
                       TimePoint now)
    {
        auto const answer = MapStorage::rotate(key, seen, fresh, record, now);
        if (answer == WriteResult::taken)
            erase(key);
        return answer;
    }
};

struct RotateBringsBackTheErased : MapStorage {
    WriteResult rotate(Key const& key, Stored const& seen, Key const& fresh, Record const& record,
                       TimePoint now)
    {
        return find(key) == nullptr && create(fresh, record, now)
                   ? WriteResult::committed
                   : MapStorage::rotate(key, seen, fresh, record, now);
    }
};

struct RotateForgetsTheFreshKeyOnConflict
    : MapStorage { // two steps, the second refused, the first not undone
    WriteResult rotate(Key const& key, Stored const& seen, Key const& fresh, Record const& record,
                       TimePoint now)
    {
        auto const answer = MapStorage::rotate(key, seen, fresh, record, now);
        if (answer == WriteResult::conflict)
            create(fresh, record, now);
        return answer;
    }
};

struct EraseLeavesATombstone : MapStorage {
    bool erase(Key const& key)
    {
        auto const found = find(key);
        if (found == nullptr)
            return false;
        found->payload.clear();
        return true;
    }
};

struct EraseSaysYesAlways : MapStorage {
    bool erase(Key const& key)
    {
        MapStorage::erase(key);
        return true;
    }
};

struct EraseSparesTheExpired : MapStorage {
    bool erase(Key const& key)
    {
        auto const found = find(key);
        return found != nullptr && found->expires > latest_ && MapStorage::erase(key);
    }
    std::optional<Stored> load(Key const& key, TimePoint now)
    {
        latest_ = now;
        return MapStorage::load(key, now);
    }
    TimePoint latest_ = cloakroom::earliest_time;
};

struct LoadReturnsTheExpiredAtTheBoundary : MapStorage {
    std::optional<Stored> load(Key const& key, TimePoint now)
    {
        return MapStorage::load(key, now - cloakroom::Duration{1});
    }
};

struct LoadHidesTheLastMicrosecond : MapStorage {
    std::optional<Stored> load(Key const& key, TimePoint now)
    {
        return MapStorage::load(key, now + cloakroom::Duration{1});
    }
};

struct LoadRoundsTheExpiry : MapStorage {
    std::optional<Stored> load(Key const& key, TimePoint now)
    {
        auto found = MapStorage::load(key, now);
        if (found)
            found->expires = std::chrono::floor<std::chrono::milliseconds>(found->expires);
        return found;
    }
};

struct PayloadsEndAtNul : MapStorage {
    bool create(Key const& key, Record const& record, TimePoint now)
    {
        return MapStorage::create(key, {record.payload.c_str(), record.expires}, now);
    }
};

struct PayloadsEndAt64KiB : MapStorage {
    bool create(Key const& key, Record const& record, TimePoint now)
    {
        return MapStorage::create(key, {record.payload.substr(0, 65535), record.expires}, now);
    }
};

struct CreateOverwrites : MapStorage {
    bool create(Key const& key, Record const& record, TimePoint)
    {
        return std::exchange(records_[text(key)], stored(record)).version == 0;
    }
};

struct CreateOverwritesTheExpired : MapStorage {
    bool create(Key const& key, Record const& record, TimePoint now)
    {
        if (auto const found = find(key); found != nullptr && found->expires <= now)
            erase(key);
        return MapStorage::create(key, record, now);
    }
};

struct ClearsTheLiving : MapStorage {
    std::size_t clear_expired(TimePoint now, std::size_t budget)
    {
        return MapStorage::clear_expired(now + cloakroom::Duration{5}, budget);
    }
};

struct ClearsAtTheDeadline : MapStorage {
    std::size_t clear_expired(TimePoint now, std::size_t budget)
    {
        return MapStorage::clear_expired(now + cloakroom::Duration{1}, budget);
    }
};

struct ClearsBeyondItsBudget : MapStorage {
    std::size_t clear_expired(TimePoint now, std::size_t budget)
    {
        auto const cleared = MapStorage::clear_expired(now, budget);
        MapStorage::clear_expired(now, records_.size());
        return cleared;
    }
};

struct ClearStopsEarly : MapStorage {
    std::size_t clear_expired(TimePoint now, std::size_t budget)
    {
        return MapStorage::clear_expired(now, budget / 2);
    }
};

struct ClearAnswersItsBudget : MapStorage { // instead of how many it removed
    std::size_t clear_expired(TimePoint now, std::size_t budget)
    {
        MapStorage::clear_expired(now, budget);
        return budget;
    }
};

struct ClearAnswersOne : MapStorage { // as a statement that was carried out
    std::size_t clear_expired(TimePoint now, std::size_t budget)
    {
        MapStorage::clear_expired(now, budget);
        return budget == 0 ? 0 : 1;
    }
};

struct VersionsStartAgain : MapStorage { // a counter per record, so that erase and create make the same one
    bool create(Key const& key, Record const& record, TimePoint now)
    {
        auto const created = MapStorage::create(key, record, now);
        if (created)
            find(key)->version = 1;
        return created;
    }
    WriteResult commit(Key const& key, Stored const& seen, Record const& record, TimePoint now)
    {
        auto const answer = MapStorage::commit(key, seen, record, now);
        if (answer == WriteResult::committed)
            find(key)->version = seen.version + 1;
        return answer;
    }
};

struct KeysAreCutTo32 : MapStorage {
    static Key cut(Key const& key) { return *Key::parse(key.reveal().substr(0, 32)); }
    bool create(Key const& key, Record const& record, TimePoint now)
    {
        return MapStorage::create(cut(key), record, now);
    }
    std::optional<Stored> load(Key const& key, TimePoint now) { return MapStorage::load(cut(key), now); }
};

struct WalkShowsTheExpired : MapStorage {
    template <class Visit>
    void for_each(TimePoint, Visit visit)
    {
        MapStorage::for_each(cloakroom::earliest_time, visit);
    }
};

struct WalkMissesTheLast : MapStorage {
    template <class Visit>
    void for_each(TimePoint now, Visit visit)
    {
        for (auto each = records_.begin(); each != records_.end() && std::next(each) != records_.end();
             ++each)
            if (each->second.expires > now)
                visit(*Key::parse(each->first), each->second);
    }
};

struct WalkEndsAfterAPage : MapStorage {
    template <class Visit>
    void for_each(TimePoint now, Visit visit)
    {
        std::size_t page = 100;
        MapStorage::for_each(now, [&](Key const& key, Stored const& found) {
            if (page > 0)
                visit(key, found);
            page -= page > 0 ? 1U : 0U;
        });
    }
};

struct WalkShowsNoPayloads : MapStorage {
    template <class Visit>
    void for_each(TimePoint now, Visit visit)
    {
        MapStorage::for_each(now, [&](Key const& key, Stored const& found) {
            visit(key, Stored{"", found.expires, found.version});
        });
    }
};

struct CommitStripsBlanks : MapStorage {
    WriteResult commit(Key const& key, Stored const& seen, Record const& record, TimePoint now)
    {
        auto const end = record.payload.find_last_not_of(' ') + 1;
        return MapStorage::commit(key, seen, {record.payload.substr(0, end), record.expires}, now);
    }
};

struct RotateKeepsThePayload : MapStorage { // a key that is renamed
    WriteResult rotate(Key const& key, Stored const& seen, Key const& fresh, Record const& record,
                       TimePoint now)
    {
        return MapStorage::rotate(key, seen, fresh, {seen.payload, record.expires}, now);
    }
};

struct TouchOnlyExtends : MapStorage {
    WriteResult touch(Key const& key, Stored const& seen, TimePoint expires, TimePoint now)
    {
        return MapStorage::touch(key, seen, std::max(expires, seen.expires), now);
    }
};

struct LoadExtends : MapStorage { // sliding expiry, as other libraries have it
    std::optional<Stored> load(Key const& key, TimePoint now)
    {
        auto const found = MapStorage::load(key, now);
        if (found)
            find(key)->expires = std::max(found->expires, now + std::chrono::minutes{30});
        return found;
    }
};

struct VersionsAreTimes : MapStorage { // a column "updated at"
    bool create(Key const& key, Record const& record, TimePoint now)
    {
        auto const created = MapStorage::create(key, record, now);
        if (created)
            find(key)->version = static_cast<std::uint64_t>(now.time_since_epoch().count());
        return created;
    }
    WriteResult commit(Key const& key, Stored const& seen, Record const& record, TimePoint now)
    {
        auto const answer = MapStorage::commit(key, seen, record, now);
        if (answer == WriteResult::committed)
            find(key)->version = static_cast<std::uint64_t>(now.time_since_epoch().count());
        return answer;
    }
};

struct HasItsOwnClock : MapStorage {
    std::optional<Stored> load(Key const& key, TimePoint)
    {
        return MapStorage::load(key, cloakroom::system_now());
    }
};

struct LosesAllWhenMoved : MapStorage {
    LosesAllWhenMoved() = default;
    LosesAllWhenMoved(LosesAllWhenMoved&&) noexcept : MapStorage() {}
    LosesAllWhenMoved& operator=(LosesAllWhenMoved&&) = default;
};

struct LosesAllWhenAssigned : MapStorage {
    LosesAllWhenAssigned() = default;
    LosesAllWhenAssigned(LosesAllWhenAssigned&&) = default;
    LosesAllWhenAssigned& operator=(LosesAllWhenAssigned&& other) noexcept
    {
        mutex_ = std::move(other.mutex_);
        return *this;
    }
};

} // namespace broken

#endif
