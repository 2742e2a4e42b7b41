// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_CHANGE_LOG_HPP
#define CLOAKROOM_SESSION_CHANGE_LOG_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/session/addition.hpp>
#include <cloakroom/session/item_path.hpp>
#include <cloakroom/session/item_resolver.hpp>
#include <cloakroom/session/ruled_items.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
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
/// for it by then, or what the item's rule makes of that and theirs. So is an array in which a change went by
/// index: an index means nothing in somebody else's array.
class ChangeLog {
public:
    using Update = std::function<void(Value&)>;

    bool empty() const noexcept
    {
        return edits_.empty() && replaced_.empty() && !has_rules() && !is_cleared_;
    }
    void forget() noexcept
    {
        edits_.clear();
        replaced_.clear();
        ruled_.reset();
        arrays_ = 0;
        is_cleared_ = false;
    }

    /// A resolver only counts for a whole item. The last one of an item does, nullptr being none.
    void set(ItemPath const& path, Value const& value, ItemResolver resolver = nullptr);
    void add(ItemPath const& path, Value const& operand, ItemCheck check = nullptr);
    void erase(ItemPath const& path, ItemResolver resolver = nullptr);
    void set_default(ItemPath const& path, Value const& value);
    void make_object(ItemPath const& path, Value const& object);
    void update(ItemPath const& path, Update function);
    void clear();

    /// Before the first change of an item in data that were saved since they were loaded: what was saved of
    /// it, nullptr being nothing. It is the item's base.
    void keep_base(std::string_view key, Value const* saved);

    /// Whether replay() has to know what the item was when the data were loaded.
    bool wants_base(std::string_view key) const { return ruled_ && ruled_->wants_base(key); }
    bool has_rules() const noexcept { return ruled_ && !ruled_->empty(); }

    /// Does the changes again on `newest`, the data that another request left. On different keys both
    /// requests' changes stand. On the same key a set or erasure wins over theirs, sums and updates apply to
    /// theirs, a default yields to theirs, and a change by index makes the array ours. Where a change cannot
    /// be done any more, because what it changed within is gone or of another type, the innermost part that
    /// is in the way becomes what `ours`, the data of this request, have there; the whole item, if an update
    /// follows. `base` has the items that wants_base() asks for, as they were when `ours` were loaded.
    /// TypeError for a sum that leaves 64 bits; what functions, rules and checks throw comes out; this log
    /// has not changed.
    void replay(Dict& newest, Dict const& ours, Dict const& base);

private:
    enum class Kind { set, add, erase, set_default, make_object, update, replace_array };

    struct Edit {
        Edit(Kind what, ItemPath where) : kind{what}, path{std::move(where)} {}
        Edit(Kind what, ItemPath where, Value with, ItemCheck limit = nullptr)
            : kind{what}, path{std::move(where)}, operand{std::move(with)}, check{limit}
        {
        }
        Edit(ItemPath where, Update how)
            : kind{Kind::update}, path{std::move(where)}, function{std::move(how)}
        {
        }

        Kind kind;
        ItemPath path;
        Value operand;
        Update function;
        ItemCheck check = nullptr;
    };

    void replace(std::string const& key, ItemResolver resolver);
    bool wants_edit(ItemPath const& path);
    bool is_ours(ItemPath const& path) const;
    bool is_array(ItemPath const& path) const;
    bool is_in_array(ItemPath const& path) const;
    bool has_array_in(std::string_view item) const;
    bool is_updated_after(Edit const& edit) const;
    bool replace_array(ItemPath const& path);
    void drop_arrays_within(ItemPath const& path);
    static bool apply(Edit const& edit, Dict& newest, Dict const& ours);
    ItemPath replace_obstacle(Edit const& edit, Dict& newest, Dict const& ours) const;

    std::vector<Edit> edits_;
    BasicDict<bool> replaced_;          // the names of items that become ours; edits of them do not count
    std::unique_ptr<RuledItems> ruled_; // of items of which a rule decides that; none is in both
    std::size_t arrays_ = 0;            // how many edits are replace_array
    bool is_cleared_ = false;           // everything becomes ours
};

inline void ChangeLog::set(ItemPath const& path, Value const& value, ItemResolver resolver)
{
    if (path.is_item()) {
        replace(path.key(), resolver);
    } else if (wants_edit(path) && !is_in_array(path) && !replace_array(path)) {
        edits_.emplace_back(Kind::set, path, value);
        drop_arrays_within(path);
    }
}

inline void ChangeLog::add(ItemPath const& path, Value const& operand, ItemCheck check)
{
    if (!wants_edit(path) || is_in_array(path) || is_array(path) || replace_array(path))
        return;
    if (!edits_.empty() && edits_.back().kind == Kind::add && edits_.back().path == path &&
        edits_.back().check == check && operand.is_integer() && edits_.back().operand.is_integer())
        if (auto both = added(edits_.back().operand, operand)) {
            edits_.back().operand = std::move(*both);
            return;
        }
    edits_.emplace_back(Kind::add, path, operand, check);
}

inline void ChangeLog::erase(ItemPath const& path, ItemResolver resolver)
{
    if (path.is_item()) {
        replace(path.key(), resolver);
    } else if (wants_edit(path) && !is_in_array(path) && !replace_array(path)) {
        edits_.emplace_back(Kind::erase, path);
        drop_arrays_within(path);
    }
}

inline void ChangeLog::set_default(ItemPath const& path, Value const& value)
{
    if (wants_edit(path))
        edits_.emplace_back(Kind::set_default, path, value);
}

inline void ChangeLog::make_object(ItemPath const& path, Value const& object)
{
    if (wants_edit(path))
        edits_.emplace_back(Kind::make_object, path, object);
}

inline void ChangeLog::update(ItemPath const& path, Update function)
{
    if (!wants_edit(path))
        return;
    // An array within that is taken from our data would bring what the function did, and then it would run
    // again.
    if (has_array_in(path.key()))
        replaced_[path.key()] = true;
    else
        edits_.emplace_back(path, std::move(function));
}

inline void ChangeLog::clear()
{
    forget();
    is_cleared_ = true;
}

inline void ChangeLog::keep_base(std::string_view key, Value const* saved)
{
    if (!ruled_)
        ruled_ = std::make_unique<RuledItems>();
    ruled_->keep_base(key, saved);
}

/// From now on the whole item is ours, or what the rule makes of it.
inline void ChangeLog::replace(std::string const& key, ItemResolver resolver)
{
    if (is_cleared_)
        return;
    if (resolver == nullptr) {
        replaced_[key] = true;
        if (ruled_)
            ruled_->erase(key);
        return;
    }
    if (!ruled_)
        ruled_ = std::make_unique<RuledItems>();
    ruled_->set(key, resolver);
    replaced_.erase(key);
}

/// Whether the item becomes ours anyway, alone or with all others.
inline bool ChangeLog::is_ours(ItemPath const& path) const
{
    return is_cleared_ || replaced_.contains(path.key()) || (ruled_ && ruled_->contains(path.key()));
}

/// Asked once by each change: whether it has to be noted as an edit. Not in an item that becomes ours anyway.
inline bool ChangeLog::wants_edit(ItemPath const& path)
{
    if (ruled_)
        ruled_->change(path.key());
    return !is_ours(path);
}

/// Whether the array that is there becomes ours.
inline bool ChangeLog::is_array(ItemPath const& path) const
{
    return arrays_ > 0 && std::any_of(edits_.begin(), edits_.end(), [&](Edit const& edit) {
               return edit.kind == Kind::replace_array && edit.path == path;
           });
}

/// Whether an array that the path leads into does.
inline bool ChangeLog::is_in_array(ItemPath const& path) const
{
    auto const array = path.up_to_index();
    return array && is_array(*array);
}

/// Whether an array that lies within the item does.
inline bool ChangeLog::has_array_in(std::string_view item) const
{
    return arrays_ > 0 && std::any_of(edits_.begin(), edits_.end(), [&](Edit const& edit) {
               return edit.kind == Kind::replace_array && edit.path.key() == item;
           });
}

/// Whether a function changes the whole item later on.
inline bool ChangeLog::is_updated_after(Edit const& edit) const
{
    return std::any_of(&edit + 1, edits_.data() + edits_.size(), [&](Edit const& later) {
        return later.kind == Kind::update && later.path.key() == edit.path.key();
    });
}

/// If the path leads through an array by index, that array becomes ours: whether it does.
inline bool ChangeLog::replace_array(ItemPath const& path)
{
    auto array = path.up_to_index();
    if (!array)
        return false;
    edits_.emplace_back(Kind::replace_array, std::move(*array));
    ++arrays_;
    return true;
}

/// What lies within a place that is set or erased is not taken from our data before that.
inline void ChangeLog::drop_arrays_within(ItemPath const& path)
{
    if (arrays_ > 0)
        arrays_ -= std::erase_if(edits_, [&](Edit const& edit) {
            return edit.kind == Kind::replace_array && edit.path.is_within(path);
        });
}

inline void ChangeLog::replay(Dict& newest, Dict const& ours, Dict const& base)
{
    if (is_cleared_) {
        newest = ours;
        return;
    }
    std::vector<ItemPath> replaced;
    for (auto const& edit : edits_) {
        auto const is_done = is_ours(edit.path) ||
                             std::any_of(replaced.begin(), replaced.end(),
                                         [&](ItemPath const& place) { return edit.path.is_within(place); });
        if (!is_done && !apply(edit, newest, ours))
            replaced.push_back(replace_obstacle(edit, newest, ours));
    }
    for (auto const& [key, unused] : replaced_) {
        if (auto const* const value = ours.find(key))
            newest.insert_or_assign(key, *value);
        else
            newest.erase(key);
    }
    if (ruled_)
        ruled_->apply(newest, ours, base);
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
    case Kind::make_object: {
        auto const* const value = edit.path.find_in(newest);
        return (value != nullptr && value->is_dict()) || edit.path.assign_in(newest, edit.operand);
    }
    case Kind::add: {
        auto* const value = edit.path.find_in(newest);
        auto total = value != nullptr ? added(*value, edit.operand) : std::optional{edit.operand};
        if (!total && value->is_number() && edit.operand.is_number())
            throw TypeError{no_sum(edit.path, *value, edit.operand)};
        if (!total)
            return false;
        if (edit.check != nullptr)
            edit.check(*total);
        return edit.path.assign_in(newest, *std::move(total));
    }
    case Kind::update:
        edit.function(*edit.path.find_or_add_in(newest)); // of an item, so there is a place
        return true;
    case Kind::replace_array: {
        auto const* const value = edit.path.find_in(ours);
        return value == nullptr || edit.path.assign_in(newest, *value);
    }
    }
    return false;
}

/// Gives `newest` what `ours` have at the first place on the way that is missing or of another type, and
/// returns that place. If a function changes the item later on, that is the whole item: what the function did
/// is in our data already.
inline ItemPath ChangeLog::replace_obstacle(Edit const& edit, Dict& newest, Dict const& ours) const
{
    auto place = is_updated_after(edit) ? ItemPath{edit.path.key()} : edit.path.first_obstacle(newest);
    if (auto const* const value = place.find_in(ours))
        place.assign_in(newest, *value);
    return place;
}

} // namespace cloakroom::inline v0

#endif
