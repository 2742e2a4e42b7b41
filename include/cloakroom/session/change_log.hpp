// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_CHANGE_LOG_HPP
#define CLOAKROOM_SESSION_CHANGE_LOG_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/session/item_path.hpp>
#include <cloakroom/session/sum.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloakroom::inline v0 {

/// Why `operand` cannot be added to the value at `path`.
inline std::string no_sum(ItemPath const& path, Value const& value, Value const& operand)
{
    return path.text() + ": " + std::string{operand.kind_name()} + " cannot be added to " +
           std::string{value.kind_name()} +
           (value.is_integer() && operand.is_integer() ? " within 64 bits" : "");
}

/// What one request did to the session's data, as operations that can be done again on newer data when
/// another request was faster. Done again on the data that they were first done on, they give the same
/// result.
///
/// An item that was set or erased as a whole is only marked: replaying takes what the request's own data have
/// for it by then. So is an array in which a change went by index: an index means nothing in somebody else's
/// array.
class ChangeLog {
public:
    using Update = std::function<void(Value&)>;

    bool empty() const noexcept { return edits_.empty() && replaced_.empty() && !is_cleared_; }
    void forget() noexcept
    {
        edits_.clear();
        replaced_.clear();
        is_cleared_ = false;
    }

    void set(ItemPath const& path, Value const& value);
    void add(ItemPath const& path, Value const& operand);
    void erase(ItemPath const& path);
    void set_default(ItemPath const& path, Value const& value);
    void update(ItemPath const& path, Update function);
    void clear();

    /// Does the changes again on `newest`, the data that another request left. On different keys both
    /// requests' changes stand. On the same key a set or erasure wins over theirs, sums and updates apply to
    /// theirs, a default yields to theirs, and a change by index makes the array ours. Where a change cannot
    /// be done any more, because what it changed within is gone or of another type, the innermost part that
    /// is in the way becomes what `ours`, the data of this request, have there; the whole item, if an update
    /// follows. TypeError for a sum that leaves 64 bits.
    void replay(Dict& newest, Dict const& ours) const;

private:
    enum class Kind { set, add, erase, set_default, update, take_array };

    struct Edit {
        Edit(Kind what, ItemPath where, Value with = {}, Update how = {})
            : kind{what}, path{std::move(where)}, operand{std::move(with)}, function{std::move(how)}
        {
        }

        Kind kind;
        ItemPath path;
        Value operand;
        Update function;
    };

    bool is_ours(ItemPath const& path) const;
    bool is_array(ItemPath const& path) const;
    bool is_in_array(ItemPath const& path) const;
    bool has_array_in(std::string_view item) const;
    bool is_updated_after(Edit const& edit) const;
    bool take_array(ItemPath const& path);
    void drop_arrays_within(ItemPath const& path);
    static bool apply(Edit const& edit, Dict& newest, Dict const& ours);
    ItemPath adopt(Edit const& edit, Dict& newest, Dict const& ours) const;

    std::vector<Edit> edits_;
    BasicDict<bool> replaced_; // the names of items that become ours; edits of them do not count
    std::size_t arrays_ = 0;   // how many edits are take_array
    bool is_cleared_ = false;  // everything becomes ours
};

inline void ChangeLog::set(ItemPath const& path, Value const& value)
{
    if (is_ours(path) || is_in_array(path))
        return;
    if (path.is_item()) {
        replaced_[path.key()] = true;
    } else if (!take_array(path)) {
        edits_.emplace_back(Kind::set, path, value);
        drop_arrays_within(path);
    }
}

inline void ChangeLog::add(ItemPath const& path, Value const& operand)
{
    if (is_ours(path) || is_in_array(path) || is_array(path) || take_array(path))
        return;
    if (!edits_.empty() && edits_.back().kind == Kind::add && edits_.back().path == path &&
        operand.is_integer() && edits_.back().operand.is_integer())
        if (auto both = sum(edits_.back().operand, operand)) {
            edits_.back().operand = std::move(*both);
            return;
        }
    edits_.emplace_back(Kind::add, path, operand);
}

inline void ChangeLog::erase(ItemPath const& path)
{
    if (is_ours(path) || is_in_array(path))
        return;
    if (path.is_item()) {
        replaced_[path.key()] = true;
    } else if (!take_array(path)) {
        edits_.emplace_back(Kind::erase, path);
        drop_arrays_within(path);
    }
}

inline void ChangeLog::set_default(ItemPath const& path, Value const& value)
{
    if (!is_ours(path))
        edits_.emplace_back(Kind::set_default, path, value);
}

inline void ChangeLog::update(ItemPath const& path, Update function)
{
    if (is_ours(path))
        return;
    // An array within that is taken from our data would bring what the function did, and then it would run
    // again.
    if (has_array_in(path.key()))
        replaced_[path.key()] = true;
    else
        edits_.emplace_back(Kind::update, path, Value{}, std::move(function));
}

inline void ChangeLog::clear()
{
    forget();
    is_cleared_ = true;
}

/// Whether replaying will take the item, or all of them, from our data anyway.
inline bool ChangeLog::is_ours(ItemPath const& path) const
{
    return is_cleared_ || replaced_.contains(path.key());
}

/// Whether it will take the array that is there.
inline bool ChangeLog::is_array(ItemPath const& path) const
{
    return arrays_ > 0 && std::any_of(edits_.begin(), edits_.end(), [&](Edit const& edit) {
               return edit.kind == Kind::take_array && edit.path == path;
           });
}

/// Whether it will take an array that the path leads into.
inline bool ChangeLog::is_in_array(ItemPath const& path) const
{
    auto const array = path.up_to_index();
    return array && is_array(*array);
}

/// Whether it will take an array that lies within the item.
inline bool ChangeLog::has_array_in(std::string_view item) const
{
    return arrays_ > 0 && std::any_of(edits_.begin(), edits_.end(), [&](Edit const& edit) {
               return edit.kind == Kind::take_array && edit.path.key() == item;
           });
}

/// Whether a function changes the whole item later on.
inline bool ChangeLog::is_updated_after(Edit const& edit) const
{
    return std::any_of(&edit + 1, edits_.data() + edits_.size(), [&](Edit const& later) {
        return later.kind == Kind::update && later.path.key() == edit.path.key();
    });
}

/// If the path leads through an array by index, notes that array: whether it does.
inline bool ChangeLog::take_array(ItemPath const& path)
{
    auto array = path.up_to_index();
    if (!array)
        return false;
    edits_.emplace_back(Kind::take_array, std::move(*array));
    ++arrays_;
    return true;
}

/// What lies within a place that is set or erased is not taken from our data before that.
inline void ChangeLog::drop_arrays_within(ItemPath const& path)
{
    if (arrays_ > 0)
        arrays_ -= std::erase_if(edits_, [&](Edit const& edit) {
            return edit.kind == Kind::take_array && edit.path.is_within(path);
        });
}

inline void ChangeLog::replay(Dict& newest, Dict const& ours) const
{
    if (is_cleared_) {
        newest = ours;
        return;
    }
    std::vector<ItemPath> adopted;
    for (auto const& edit : edits_) {
        auto const is_done = replaced_.contains(edit.path.key()) ||
                             std::any_of(adopted.begin(), adopted.end(),
                                         [&](ItemPath const& place) { return edit.path.is_within(place); });
        if (!is_done && !apply(edit, newest, ours))
            adopted.push_back(adopt(edit, newest, ours));
    }
    for (auto const& [key, unused] : replaced_) {
        if (auto const* const value = ours.find(key))
            newest.insert_or_assign(key, *value);
        else
            newest.erase(key);
    }
}

/// False where the edit cannot be done.
inline bool ChangeLog::apply(Edit const& edit, Dict& newest, Dict const& ours)
{
    switch (edit.kind) {
    case Kind::set:
        return edit.path.assign_in(newest, edit.operand);
    case Kind::erase:
        edit.path.erase_from(newest); // what is not there need not go
        return true;
    case Kind::set_default:
        return edit.path.find_in(newest) != nullptr || edit.path.assign_in(newest, edit.operand);
    case Kind::add: {
        auto* const value = edit.path.find_in(newest);
        if (value == nullptr)
            return edit.path.assign_in(newest, edit.operand);
        auto total = sum(*value, edit.operand);
        if (total)
            *value = std::move(*total);
        else if (value->is_number() && edit.operand.is_number())
            throw TypeError{no_sum(edit.path, *value, edit.operand)};
        return total.has_value();
    }
    case Kind::update:
        edit.function(*edit.path.find_or_add_in(newest)); // of an item, so there is a place
        return true;
    case Kind::take_array: {
        auto const* const value = edit.path.find_in(ours);
        return value == nullptr || edit.path.assign_in(newest, *value);
    }
    }
    return false;
}

/// Gives `newest` what `ours` have at the first place on the way that is missing or of another type, and
/// returns that place. If a function changes the item later on, that is the whole item: what the function did
/// is in our data already.
inline ItemPath ChangeLog::adopt(Edit const& edit, Dict& newest, Dict const& ours) const
{
    auto place = is_updated_after(edit) ? ItemPath{edit.path.key()} : edit.path.first_obstacle(newest);
    if (auto const* const value = place.find_in(ours))
        place.assign_in(newest, *value);
    return place;
}

} // namespace cloakroom::inline v0

#endif
