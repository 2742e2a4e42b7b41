// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_MEMORY_HPP
#define CLOAKROOM_STORAGE_MEMORY_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/storage/concept.hpp>
#include <cloakroom/storage/memory_index.hpp>
#include <cloakroom/storage/memory_shard.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::storage {

/// How much a Memory may hold.
struct MemoryOptions {
    /// At least 1.
    std::size_t max_records = 1'000'000;
    /// Payloads, and 160 bytes for each record. At least 1.
    std::size_t max_bytes = std::size_t{256} << 20;
};

/// Records in this process's memory: the fastest storage, gone when the process ends.
///
/// Bounded: a full Memory lets the least recently used session go and never refuses a new one. Up to 64
/// shards with a lock each hold the records; bounds and order of use are each shard's own, an equal share of
/// the whole. A shard's share is at least 1024 records, so a Memory of fewer than 2048 records is one shard
/// and exact. Keys spread evenly but not perfectly: a large Memory begins to let sessions go when it is about
/// 97 % full. A record larger than its shard's share of the bytes is still stored, alone.
///
/// Expired records leave by themselves: every create takes a few with it. A moved-from Memory may only be
/// destroyed or assigned to. After fork() each process has its own copy; no other thread may be inside a call
/// while forking.
class Memory {
public:
    static constexpr std::string_view display_name = "Memory";
    /// Django's cache sessions have no salt of their own; the records here are signed as rows are (S-010).
    static constexpr std::string_view purpose = session_store_purpose;
    static constexpr Content accepts = Content::bytes;

    Memory() : Memory(MemoryOptions{}) {}

    /// Throws ImproperlyConfigured for a bound of 0.
    explicit Memory(MemoryOptions options);

    std::optional<Stored> load(SessionKey const& key, TimePoint now);
    bool create(SessionKey const& key, Record const& record, TimePoint now);

    /// A touch in between is no conflict: the version is of the payload.
    WriteResult commit(SessionKey const& key, Stored const& seen, Record const& record, TimePoint now);
    WriteResult touch(SessionKey const& key, Stored const& seen, TimePoint expires, TimePoint now);
    WriteResult rotate(SessionKey const& key, Stored const& seen, SessionKey const& fresh,
                       Record const& record, TimePoint now);
    bool erase(SessionKey const& key);
    std::size_t clear_expired(TimePoint now, std::size_t budget);

    /// Calls visit(key, stored) for every live record. No lock is held meanwhile: `visit` may use this
    /// storage, and sees each record as it was shortly before. Needs memory for a copy of one shard.
    template <class Visit>
    void for_each(TimePoint now, Visit&& visit);

private:
    using Shard = detail::MemoryShard;

    /// A key with what is made of it once per call.
    struct Place {
        std::string_view key;
        std::uint64_t spread;
        Shard& shard;

        Shard::Number find() const noexcept { return shard.find(key, spread); }
    };

    Place place(SessionKey const& key) const noexcept
    {
        auto const text = key.reveal();
        auto const spread = detail::spread_key(text);
        return {text, spread, shards_[(spread >> 58) & shard_mask_]};
    }

    /// `committed` if the record may be written, else the answer.
    static WriteResult check(Shard const& shard, Shard::Number number, Stored const& seen,
                             TimePoint now) noexcept
    {
        if (number == Shard::none || shard.expires(number) <= now)
            return WriteResult::absent;
        return shard.version(number) == seen.version ? WriteResult::committed : WriteResult::conflict;
    }

    std::size_t shard_mask_;
    std::unique_ptr<Shard[]> shards_;
};

inline Memory::Memory(MemoryOptions options)
{
    if (options.max_records == 0)
        throw ImproperlyConfigured{"MemoryOptions::max_records is 0: allow at least one record"};
    if (options.max_bytes == 0)
        throw ImproperlyConfigured{"MemoryOptions::max_bytes is 0: allow at least one record's bytes"};
    auto const count = std::clamp<std::size_t>(std::bit_floor(options.max_records / 1024), 1, 64);
    shard_mask_ = count - 1;
    shards_ = std::make_unique<Shard[]>(count);
    for (std::size_t i = 0; i < count; ++i)
        shards_[i].open(options.max_records / count, options.max_bytes / count, std::uint64_t{i} << 56);
}

inline std::optional<Stored> Memory::load(SessionKey const& key, TimePoint now)
{
    auto const at = place(key);
    std::lock_guard const lock{at.shard.mutex};
    auto const number = at.find();
    if (number == Shard::none || at.shard.expires(number) <= now)
        return std::nullopt;
    at.shard.use(number);
    std::optional<Stored> stored{std::in_place};
    stored->payload = at.shard.payload(number);
    stored->expires = at.shard.expires(number);
    stored->version = at.shard.version(number);
    return stored;
}

inline bool Memory::create(SessionKey const& key, Record const& record, TimePoint now)
{
    if (!key.is_storable()) // nobody may hand one in, and there is room for 40 characters
        return false;
    auto const at = place(key);
    auto payload = record.payload;
    std::lock_guard const lock{at.shard.mutex};
    if (at.find() != Shard::none)
        return false;
    at.shard.add(at.key, at.spread, std::move(payload), record.expires, now);
    return true;
}

inline WriteResult Memory::commit(SessionKey const& key, Stored const& seen, Record const& record,
                                  TimePoint now)
{
    auto const at = place(key);
    std::lock_guard const lock{at.shard.mutex};
    auto const number = at.find();
    auto const answer = check(at.shard, number, seen, now);
    if (answer == WriteResult::committed)
        at.shard.replace(number, record.payload, record.expires);
    return answer;
}

inline WriteResult Memory::touch(SessionKey const& key, Stored const& seen, TimePoint expires, TimePoint now)
{
    auto const at = place(key);
    std::lock_guard const lock{at.shard.mutex};
    auto const number = at.find();
    auto const answer = check(at.shard, number, seen, now);
    if (answer != WriteResult::committed)
        return answer;
    if (at.shard.expires(number) != seen.expires)
        return WriteResult::conflict;
    at.shard.set_expires(number, expires);
    at.shard.use(number);
    return WriteResult::committed;
}

inline WriteResult Memory::rotate(SessionKey const& key, Stored const& seen, SessionKey const& fresh,
                                  Record const& record, TimePoint now)
{
    if (key == fresh)
        return commit(key, seen, record, now);
    if (!fresh.is_storable())
        return WriteResult::taken;
    auto const from = place(key);
    auto const to = place(fresh);
    auto payload = record.payload;
    std::unique_lock from_lock{from.shard.mutex, std::defer_lock};
    std::unique_lock to_lock{to.shard.mutex, std::defer_lock};
    if (&from.shard == &to.shard)
        from_lock.lock();
    else
        std::lock(from_lock, to_lock);
    auto const answer = check(from.shard, from.find(), seen, now);
    if (answer != WriteResult::committed)
        return answer;
    if (to.find() != Shard::none)
        return WriteResult::taken;
    // In one shard the old record makes room for the new one; in two the new one is there before the old one
    // goes, so that running out of memory changes nothing.
    auto const same_shard = &from.shard == &to.shard;
    if (same_shard)
        from.shard.remove(from.find());
    to.shard.add(to.key, to.spread, std::move(payload), record.expires, now);
    if (!same_shard)
        from.shard.remove(from.find());
    return WriteResult::committed;
}

inline bool Memory::erase(SessionKey const& key)
{
    auto const at = place(key);
    std::lock_guard const lock{at.shard.mutex};
    auto const number = at.find();
    if (number == Shard::none)
        return false;
    at.shard.remove(number);
    return true;
}

inline std::size_t Memory::clear_expired(TimePoint now, std::size_t budget)
{
    std::size_t removed = 0;
    for (std::size_t i = 0; i <= shard_mask_ && removed < budget; ++i) {
        std::lock_guard const lock{shards_[i].mutex};
        removed += shards_[i].clear_expired(now, budget - removed, SIZE_MAX);
    }
    return removed;
}

template <class Visit>
void Memory::for_each(TimePoint now, Visit&& visit)
{
    for (std::size_t i = 0; i <= shard_mask_; ++i) {
        auto& shard = shards_[i];
        std::vector<std::pair<SessionKey, Stored>> live;
        {
            std::lock_guard const lock{shard.mutex};
            shard.for_each([&](std::string_view key, Shard::Number number) {
                if (auto parsed = SessionKey::parse(key); parsed && shard.expires(number) > now)
                    live.emplace_back(std::move(*parsed), Stored{shard.payload(number), shard.expires(number),
                                                                 shard.version(number)});
            });
        }
        for (auto const& [key, stored] : live)
            visit(key, stored);
    }
}

static_assert(EnumerablePolicy<Memory>);

} // namespace cloakroom::inline v0::storage

#endif
