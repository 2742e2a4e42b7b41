// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_MEMORY_SHARD_HPP
#define CLOAKROOM_STORAGE_MEMORY_SHARD_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/core/spinning_mutex.hpp>
#include <cloakroom/storage/memory_deadlines.hpp>
#include <cloakroom/storage/memory_index.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::storage::detail {

/// One part of a Memory: a bounded table of records in the order of their last use. Whoever calls a function
/// other than the constructor holds `mutex`. Alone on its cache lines, so that shards do not slow each other.
class alignas(64) MemoryShard {
public:
    /// A record's number; stays the same until the record is removed.
    using Number = std::uint32_t;
    static constexpr Number none = MemoryIndex::none;

    /// What a record counts against max_bytes besides its payload: key, links, index, heap entry.
    static constexpr std::size_t record_overhead = 160;

    SpinningMutex mutex;

    /// Versions count from `first_version` on: no two shards ever give the same one.
    void open(std::size_t max_records, std::size_t max_bytes, std::uint64_t first_version) noexcept
    {
        last_version_ = first_version;
        max_records_ = max_records;
        max_bytes_ = max_bytes;
    }

    /// The record under the key, live or expired, or none.
    Number find(std::string_view key, std::uint64_t spread) const noexcept
    {
        return index_.find(tag(spread), [&](Number number) { return records_[number].key() == key; });
    }

    std::string const& payload(Number number) const noexcept { return records_[number].payload; }
    TimePoint expires(Number number) const noexcept { return records_[number].expires; }
    std::uint64_t version(Number number) const noexcept { return records_[number].version; }

    /// Makes a record the most recently used one.
    void use(Number number) noexcept
    {
        if (links_[number].newer == none)
            return;
        unlink(number);
        link_newest(number);
    }

    /// Adds a record under a key that is not there. Others leave if the shard is full: a few of the expired
    /// ones, then the least recently used. If memory runs out it throws and has not added anything.
    void add(std::string_view key, std::uint64_t spread, std::string payload, TimePoint expires,
             TimePoint now)
    {
        clear_expired(now, 4, 8);
        while (size_ >= max_records_)
            remove(oldest_);
        auto const number = free_slot();
        records_[number].set_key(key, tag(spread));
        records_[number].payload = std::move(payload);
        records_[number].expires = expires;
        records_[number].version = ++last_version_;
        ++size_;
        bytes_ += cost(number);
        index_.add(tag(spread), number);
        deadlines_.add(number, expires);
        link_newest(number);
        shrink_to_bounds();
    }

    /// Replaces content and expiry, which makes a new version. The payload keeps its memory where it can.
    void replace(Number number, std::string_view payload, TimePoint expires)
    {
        auto& record = records_[number];
        auto const old_cost = cost(number);
        if (record.payload.capacity() > 1024 && payload.size() < record.payload.capacity() / 4)
            std::string{payload}.swap(record.payload); // an assignment may keep the memory
        else
            record.payload.assign(payload);
        bytes_ += cost(number) - old_cost;
        record.version = ++last_version_;
        set_expires(number, expires);
        use(number);
        shrink_to_bounds();
    }

    /// Moves the expiry alone; the version stays.
    void set_expires(Number number, TimePoint expires) noexcept
    {
        records_[number].expires = expires;
        deadlines_.reschedule(number, expires);
    }

    void remove(Number number) noexcept
    {
        index_.remove(records_[number].tag, number);
        deadlines_.remove(number);
        unlink(number);
        bytes_ -= cost(number);
        --size_;
        std::string{}.swap(records_[number].payload);
        links_[number].newer = free_;
        free_ = number;
    }

    /// Removes up to `budget` records that expired before `now`, and looks at no more than `steps`.
    std::size_t clear_expired(TimePoint now, std::size_t budget, std::size_t steps) noexcept
    {
        std::size_t removed = 0;
        auto const expires_of = [this](Number number) { return expires(number); };
        while (removed < budget) {
            auto const expired = deadlines_.first_before(now, expires_of, steps);
            if (!expired)
                break;
            remove(*expired);
            ++removed;
        }
        return removed;
    }

    /// Calls visit(key, number) for every record, the most recently used first.
    template <class Visit>
    void for_each(Visit visit) const
    {
        for (auto number = newest_; number != none; number = links_[number].older)
            visit(records_[number].key(), number);
    }

private:
    struct Slot {
        std::string payload;
        TimePoint expires;
        std::uint64_t version;
        std::uint32_t tag;
        std::uint8_t key_size;
        std::array<char, SessionKey::max_storable_length> key_text;

        std::string_view key() const noexcept { return {key_text.data(), key_size}; }

        void set_key(std::string_view key, std::uint32_t key_tag) noexcept
        {
            tag = key_tag;
            key_size = static_cast<std::uint8_t>(key.size());
            std::memcpy(key_text.data(), key.data(), key.size());
        }
    };

    /// Apart from the records, so that using a record does not fetch its neighbours' lines.
    struct Links {
        Number newer;
        Number older;
    };

    static std::uint32_t tag(std::uint64_t spread) noexcept { return static_cast<std::uint32_t>(spread); }

    std::size_t cost(Number number) const noexcept
    {
        return record_overhead + records_[number].payload.capacity();
    }

    void shrink_to_bounds() noexcept
    {
        while (bytes_ > max_bytes_ && oldest_ != newest_)
            remove(oldest_);
    }

    Number free_slot()
    {
        if (free_ != none)
            return std::exchange(free_, links_[free_].newer);
        auto const number = static_cast<Number>(records_.size());
        if (records_.size() == records_.capacity()) {
            auto const count = std::max<std::size_t>(16, 2 * records_.size());
            index_.reserve(count);
            deadlines_.reserve(count);
            links_.reserve(count);
            records_.reserve(count);
        }
        links_.emplace_back();
        records_.emplace_back();
        return number;
    }

    void link_newest(Number number) noexcept
    {
        links_[number] = {.newer = none, .older = newest_};
        (newest_ == none ? oldest_ : links_[newest_].newer) = number;
        newest_ = number;
    }

    void unlink(Number number) noexcept
    {
        auto const [newer, older] = links_[number];
        (newer == none ? newest_ : links_[newer].older) = older;
        (older == none ? oldest_ : links_[older].newer) = newer;
    }

    std::size_t max_records_ = 0;
    std::size_t max_bytes_ = 0;
    std::size_t size_ = 0;
    std::size_t bytes_ = 0;
    std::uint64_t last_version_ = 0;
    Number newest_ = none;
    Number oldest_ = none;
    Number free_ = none; // the first slot without a record; `newer` leads to the next
    std::vector<Slot> records_;
    std::vector<Links> links_;
    MemoryIndex index_;
    MemoryDeadlines deadlines_;
};

} // namespace cloakroom::inline v0::storage::detail

#endif
