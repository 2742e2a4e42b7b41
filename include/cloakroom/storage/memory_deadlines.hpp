// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_MEMORY_DEADLINES_HPP
#define CLOAKROOM_STORAGE_MEMORY_DEADLINES_HPP

#include <cloakroom/core/clock.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace cloakroom::inline v0::storage::detail {

/// Which of many numbered records expires first: a binary heap with one entry for each record.
///
/// Sessions slide: nearly every save moves an expiry later. That does not touch the heap; the entry stays
/// where it is, too early, and is put right when its turn comes. So a save costs nothing here, and a record
/// is put right at most once for each moment it was scheduled for. Not thread-safe.
class MemoryDeadlines {
public:
    using Record = std::uint32_t;

    /// Makes room for `count` records, so that add() cannot fail.
    void reserve(std::size_t count)
    {
        heap_.reserve(count);
        position_.resize(count);
    }

    /// Enters a record that is not there yet. Its number is below what was reserved.
    void add(Record record, TimePoint expires) noexcept
    {
        heap_.push_back({expires, record});
        rise(heap_.size() - 1);
    }

    /// Forgets a record that is there.
    void remove(Record record) noexcept
    {
        auto const position = position_[record];
        auto const last = heap_.back();
        heap_.pop_back();
        if (position == heap_.size())
            return;
        heap_[position] = last;
        if (position > 0 && last.at < heap_[parent(position)].at)
            rise(position);
        else
            sink(position);
    }

    /// The expiry of a record that is there changes.
    void reschedule(Record record, TimePoint expires) noexcept
    {
        auto const position = position_[record];
        if (expires >= heap_[position].at)
            return;
        heap_[position].at = expires;
        rise(position);
    }

    /// A record that expired strictly before `now` (S-129), or nothing. `expires_of(record)` is the real
    /// expiry. Takes from `steps` what it looks at, and gives up when that is used up.
    template <class ExpiresOf>
    std::optional<Record> first_before(TimePoint now, ExpiresOf expires_of, std::size_t& steps) noexcept
    {
        for (; steps > 0 && !heap_.empty() && heap_.front().at < now; --steps) {
            auto& first = heap_.front();
            if (auto const expires = expires_of(first.record); expires > first.at) {
                first.at = expires;
                sink(0);
            } else {
                return first.record;
            }
        }
        return std::nullopt;
    }

private:
    struct Entry {
        TimePoint at; // never later than the record's expiry
        Record record;
    };

    static std::size_t parent(std::size_t position) noexcept { return (position - 1) / 2; }

    void place(std::size_t position, Entry entry) noexcept
    {
        heap_[position] = entry;
        position_[entry.record] = static_cast<std::uint32_t>(position);
    }

    void rise(std::size_t position) noexcept
    {
        auto const entry = heap_[position];
        while (position > 0 && entry.at < heap_[parent(position)].at) {
            place(position, heap_[parent(position)]);
            position = parent(position);
        }
        place(position, entry);
    }

    void sink(std::size_t position) noexcept
    {
        auto const entry = heap_[position];
        for (auto child = 2 * position + 1; child < heap_.size(); child = 2 * position + 1) {
            if (child + 1 < heap_.size() && heap_[child + 1].at < heap_[child].at)
                ++child;
            if (entry.at <= heap_[child].at)
                break;
            place(position, heap_[child]);
            position = child;
        }
        place(position, entry);
    }

    std::vector<Entry> heap_;
    std::vector<std::uint32_t> position_; // by record: where in the heap it stands
};

} // namespace cloakroom::inline v0::storage::detail

#endif
