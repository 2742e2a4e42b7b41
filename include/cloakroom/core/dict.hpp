// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_DICT_HPP
#define CLOAKROOM_CORE_DICT_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/core/siphash.hpp>
#include <cloakroom/core/wtf8.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloakroom::inline v0 {

/// A dictionary that remembers the order of insertion, as Python's does (S-011). `Dict` is the one of Values.
///
/// Up to 12 entries are searched one by one; more have a hash index, so that a look-up stays flat. Entries
/// are read only while iterating; to change a value use find() or operator[]. Pointers and iterators are
/// invalid after any insertion or erasure. Equality does not look at the order.
template <class Value>
class BasicDict {
    struct Slot;

public:
    struct Entry {
        std::string key;
        Value value;
    };
    class const_iterator;
    using iterator = const_iterator;
    using value_type = Entry;

    BasicDict() = default;
    BasicDict(BasicDict const& other);
    BasicDict(BasicDict&&) noexcept = default;
    BasicDict& operator=(BasicDict const& other) { return *this = BasicDict{other}; }
    BasicDict& operator=(BasicDict&&) noexcept = default;
    ~BasicDict() = default;
    /// Later entries of the same name win, in the place of the first.
    BasicDict(std::initializer_list<Entry> entries);

    std::size_t size() const noexcept { return index_ ? index_->live : slots_.size(); }
    bool empty() const noexcept { return size() == 0; }
    const_iterator begin() const noexcept { return {slots_.data(), slots_.data() + slots_.size()}; }
    const_iterator end() const noexcept
    {
        auto const* const last = slots_.data() + slots_.size();
        return {last, last};
    }

    /// The value of that name or nullptr.
    Value* find(std::string_view key);
    Value const* find(std::string_view key) const;
    bool contains(std::string_view key) const { return find(key) != nullptr; }
    /// Throws KeyError naming the key.
    Value& at(std::string_view key);
    Value const& at(std::string_view key) const;

    /// The value of that name, null and last if it was missing. The three inserting functions throw
    /// TypeError, changing nothing, for a key that is no WTF-8.
    Value& operator[](std::string_view key);
    /// Sets the value; an existing entry keeps its place.
    Value& insert_or_assign(std::string_view key, Value value);
    /// Sets the value only where the name is missing. Returns the entry's value and whether it was inserted.
    std::pair<Value*, bool> try_insert(std::string_view key, Value value);

    /// Whether there was an entry to remove. Amortised constant time.
    bool erase(std::string_view key);
    void clear() noexcept;
    void reserve(std::size_t entries) { slots_.reserve(entries); }

    friend bool operator==(BasicDict const& a, BasicDict const& b)
    {
        return a.size() == b.size() && std::all_of(a.begin(), a.end(), [&](Entry const& entry) {
                   auto const* const other = b.find(entry.key);
                   return other != nullptr && *other == entry.value;
               });
    }

private:
    static constexpr std::size_t searched_in_line = 12;
    static constexpr std::size_t npos = static_cast<std::size_t>(-1);

    struct Slot : Entry {
        explicit Slot(std::string name) : Entry{std::move(name), Value{}} {}

        bool vacant =
            false; // erased, only while there is an index; its bucket leads past it until the next rebuild
    };
    struct Bucket {
        std::uint32_t hash = 0;
        std::uint32_t slot_plus_1 = 0; // 0 is free
    };
    struct Index {
        std::vector<Bucket> buckets; // a power of two, at most half full
        std::size_t live = 0;
    };

    std::size_t slot_of(std::string_view key) const;
    Value& append(std::string_view key);
    void enter(std::size_t slot);
    void rebuild();

    std::vector<Slot> slots_;
    std::unique_ptr<Index> index_; // none while the slots are few
};

template <class Value>
class BasicDict<Value>::const_iterator {
public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = Entry;
    using difference_type = std::ptrdiff_t;
    using reference = Entry const&;
    using pointer = Entry const*;

    const_iterator() = default;
    const_iterator(Slot const* slot, Slot const* end) : slot_{slot}, end_{end} { skip_vacant(); }

    reference operator*() const { return *slot_; }
    pointer operator->() const { return slot_; }
    const_iterator& operator++()
    {
        ++slot_;
        skip_vacant();
        return *this;
    }
    const_iterator operator++(int)
    {
        auto const before = *this;
        ++*this;
        return before;
    }
    friend bool operator==(const_iterator const& a, const_iterator const& b) { return a.slot_ == b.slot_; }

private:
    void skip_vacant()
    {
        while (slot_ != end_ && slot_->vacant)
            ++slot_;
    }

    Slot const* slot_ = nullptr;
    Slot const* end_ = nullptr;
};

template <class Value>
BasicDict<Value>::BasicDict(BasicDict const& other) : slots_{other.slots_}
{
    if (other.index_)
        rebuild();
}

template <class Value>
BasicDict<Value>::BasicDict(std::initializer_list<Entry> entries)
{
    reserve(entries.size());
    for (auto const& entry : entries)
        insert_or_assign(entry.key, entry.value);
}

template <class Value>
Value* BasicDict<Value>::find(std::string_view key)
{
    auto const slot = slot_of(key);
    return slot == npos ? nullptr : &slots_[slot].value;
}

template <class Value>
Value const* BasicDict<Value>::find(std::string_view key) const
{
    auto const slot = slot_of(key);
    return slot == npos ? nullptr : &slots_[slot].value;
}

template <class Value>
Value& BasicDict<Value>::at(std::string_view key)
{
    return const_cast<Value&>(std::as_const(*this).at(key));
}

template <class Value>
Value const& BasicDict<Value>::at(std::string_view key) const
{
    if (auto const* const value = find(key))
        return *value;
    missing_item(key);
}

template <class Value>
Value& BasicDict<Value>::operator[](std::string_view key)
{
    if (auto* const value = find(key))
        return *value;
    return append(key);
}

template <class Value>
Value& BasicDict<Value>::insert_or_assign(std::string_view key, Value value)
{
    if (auto* const existing = find(key))
        return *existing = std::move(value);
    return append(key) = std::move(value);
}

template <class Value>
std::pair<Value*, bool> BasicDict<Value>::try_insert(std::string_view key, Value value)
{
    if (auto* const existing = find(key))
        return {existing, false};
    return {&(append(key) = std::move(value)), true};
}

template <class Value>
bool BasicDict<Value>::erase(std::string_view key)
{
    auto const slot = slot_of(key);
    if (slot == npos)
        return false;
    if (!index_) {
        slots_.erase(slots_.begin() + static_cast<std::ptrdiff_t>(slot));
        return true;
    }
    slots_[slot].vacant = true;
    slots_[slot].key = {};
    slots_[slot].value = {};
    if (--index_->live <= slots_.size() / 2)
        try {
            rebuild();
        } catch (std::bad_alloc const&) { // NOLINT(bugprone-empty-catch): it is only larger than it has to be
        }
    return true;
}

template <class Value>
void BasicDict<Value>::clear() noexcept
{
    slots_.clear();
    index_.reset();
}

template <class Value>
std::size_t BasicDict<Value>::slot_of(std::string_view key) const
{
    if (!index_) {
        for (std::size_t slot = 0; slot < slots_.size(); ++slot)
            if (slots_[slot].key == key)
                return slot;
        return npos;
    }
    auto const& buckets = index_->buckets;
    auto const mask = buckets.size() - 1;
    auto const hash = static_cast<std::uint32_t>(keyed_hash(key));
    for (auto at = hash & mask; buckets[at].slot_plus_1 != 0; at = (at + 1) & mask)
        if (buckets[at].hash == hash) {
            auto const slot = buckets[at].slot_plus_1 - 1;
            if (slots_[slot].key == key && !slots_[slot].vacant)
                return slot;
        }
    return npos;
}

template <class Value>
Value& BasicDict<Value>::append(std::string_view key)
{
    if (!is_wtf8(key))
        throw TypeError{"the name of an item is not UTF-8"};
    std::string name{key}; // before anything moves: the key may be a part of a value in here
    if (index_ ? 2 * (slots_.size() + 1) > index_->buckets.size() : slots_.size() == searched_in_line) {
        slots_.reserve(2 * slots_.size());
        rebuild();
    }
    if (!index_ && slots_.size() == slots_.capacity())
        slots_.reserve(slots_.empty() ? 4 : searched_in_line);
    slots_.emplace_back(std::move(name));
    if (index_)
        enter(slots_.size() - 1);
    return slots_.back().value;
}

template <class Value>
void BasicDict<Value>::enter(std::size_t slot)
{
    auto& buckets = index_->buckets;
    auto const mask = buckets.size() - 1;
    auto const hash = static_cast<std::uint32_t>(keyed_hash(slots_[slot].key));
    auto at = hash & mask;
    while (buckets[at].slot_plus_1 != 0)
        at = (at + 1) & mask;
    buckets[at] = {hash, static_cast<std::uint32_t>(slot + 1)};
    ++index_->live;
}

/// Leaves out what is vacant and makes the index anew. If it throws, nothing has changed.
template <class Value>
void BasicDict<Value>::rebuild()
{
    std::unique_ptr<Index> index;
    if (size() >= searched_in_line) {
        index = std::make_unique<Index>();
        index->buckets.resize(std::bit_ceil(4 * size()));
    }
    std::erase_if(slots_, [](Slot const& slot) { return slot.vacant; });
    index_ = std::move(index);
    if (index_)
        for (std::size_t slot = 0; slot < slots_.size(); ++slot)
            enter(slot);
}

} // namespace cloakroom::inline v0

#endif
