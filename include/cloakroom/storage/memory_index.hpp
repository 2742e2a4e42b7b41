// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_MEMORY_INDEX_HPP
#define CLOAKROOM_STORAGE_MEMORY_INDEX_HPP

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace cloakroom::inline v0::storage::detail {

/// Spreads a key of 8 or more characters over 64 bits. Keys are random already, so the first and the last
/// eight characters are enough; the multiplications bring the five random bits of each character to where
/// they are used.
inline std::uint64_t spread_key(std::string_view key) noexcept
{
    std::uint64_t first;
    std::uint64_t last;
    std::memcpy(&first, key.data(), sizeof first);
    std::memcpy(&last, key.data() + key.size() - sizeof last, sizeof last);
    std::uint64_t mixed = first * 0x9e37'79b9'7f4a'7c15;
    mixed = ((mixed ^ (mixed >> 32)) + last) * 0xd6e8'feb8'6659'fd93;
    mixed = (mixed ^ (mixed >> 32)) * 0xd6e8'feb8'6659'fd93;
    return mixed ^ (mixed >> 32);
}

/// Finds numbered records by their keys: open addressing with linear probing, at most half full. A cell holds
/// 32 bits of the spread key beside the number, so that a record is looked at only when it is nearly surely
/// the one. Not thread-safe.
class MemoryIndex {
public:
    using Record = std::uint32_t;
    static constexpr Record none = 0xffff'ffff;

    /// Makes room for `count` records, so that add() cannot fail.
    void reserve(std::size_t count)
    {
        std::size_t size = 16;
        while (size < 2 * count)
            size *= 2;
        if (size <= cells_.size())
            return;
        std::vector<Cell> old(size);
        old.swap(cells_);
        for (auto const cell : old)
            if (cell.record != none)
                put(cell);
    }

    /// The record with this tag for which `is_it(record)` holds, or none.
    template <class IsIt>
    Record find(std::uint32_t tag, IsIt is_it) const noexcept
    {
        if (cells_.empty())
            return none;
        for (std::size_t i = tag & mask();; i = (i + 1) & mask()) {
            auto const cell = cells_[i];
            if (cell.record == none || (cell.tag == tag && is_it(cell.record)))
                return cell.record;
        }
    }

    /// Enters a record that is not there yet.
    void add(std::uint32_t tag, Record record) noexcept { put({tag, record}); }

    /// Forgets a record that is there. The cells behind it close up, so that nothing ever has to be cleaned.
    void remove(std::uint32_t tag, Record record) noexcept
    {
        std::size_t hole = tag & mask();
        while (cells_[hole].record != record)
            hole = (hole + 1) & mask();
        for (std::size_t i = (hole + 1) & mask(); cells_[i].record != none; i = (i + 1) & mask()) {
            auto const distance_from_home = (i - cells_[i].tag) & mask();
            if (distance_from_home >= ((i - hole) & mask())) {
                cells_[hole] = cells_[i];
                hole = i;
            }
        }
        cells_[hole] = Cell{};
    }

private:
    struct Cell {
        std::uint32_t tag = 0;
        Record record = none;
    };

    std::size_t mask() const noexcept { return cells_.size() - 1; }

    void put(Cell cell) noexcept
    {
        std::size_t i = cell.tag & mask();
        while (cells_[i].record != none)
            i = (i + 1) & mask();
        cells_[i] = cell;
    }

    std::vector<Cell> cells_;
};

} // namespace cloakroom::inline v0::storage::detail

#endif
