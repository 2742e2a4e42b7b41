// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_ITEM_PATH_HPP
#define CLOAKROOM_SESSION_ITEM_PATH_HPP

#include <cloakroom/core/value.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloakroom::inline v0 {

/// The way from the session's dictionary to a value within: the name of an item, then names and indices.
class ItemPath {
public:
    /// A name within an object, or an index within an array.
    struct Step {
        Step(std::string_view name) : key{name} {}
        Step(std::size_t place) : index{place} {}

        std::string key;
        std::optional<std::size_t> index;

        friend bool operator==(Step const&, Step const&) = default;
    };

    ItemPath() = default;
    explicit ItemPath(std::string_view key) : key_{key} {}
    ItemPath(ItemPath parent, Step step) : ItemPath{std::move(parent)} { steps_.push_back(std::move(step)); }

    std::string const& key() const noexcept { return key_; }
    bool is_item() const noexcept { return steps_.empty(); }

    bool ends_with_index() const noexcept { return !steps_.empty() && steps_.back().index; }

    /// "cart[2].price"
    std::string text() const;

    /// Whether the path is `other` or leads on from there.
    bool is_within(ItemPath const& other) const
    {
        return key_ == other.key_ && steps_.size() >= other.steps_.size() &&
               std::equal(other.steps_.begin(), other.steps_.end(), steps_.begin());
    }

    /// The way to the array that the first index of the path leads into; nothing without an index.
    std::optional<ItemPath> up_to_index() const;

    /// The first place on the way that is missing in `items` or no container for the next step; the path
    /// itself if there is none.
    template <class Items>
    ItemPath first_obstacle(Items const& items) const;

    // In the items of a session: Dict, or what looks up its items as a Dict does.

    /// The value there or nullptr.
    template <class Items>
    auto* find_in(Items& items) const
    {
        auto* const item = items.find(key_);
        return const_cast<decltype(item)>(follow(item, steps_.size()));
    }

    /// The value there, made null if only its last step was missing; nullptr where the way does not lead
    /// there.
    template <class Items>
    Value* find_or_add_in(Items& items) const
    {
        return is_item() ? &items[key_] : find_or_add_within(items.find(key_));
    }

    /// Sets the value there. False, nothing changed, where the way does not lead there.
    template <class Items>
    bool assign_in(Items& items, Value value) const
    {
        auto* const target = find_or_add_in(items);
        if (target != nullptr)
            *target = std::move(value);
        return target != nullptr;
    }

    /// Removes the value there: whether there was one. Nothing where the way does not lead there.
    template <class Items>
    std::optional<bool> erase_from(Items& items) const
    {
        return is_item() ? items.erase(key_) : erase_within(items.find(key_));
    }

    friend bool operator==(ItemPath const&, ItemPath const&) = default;

private:
    ItemPath beginning(std::size_t steps) const
    {
        auto path = *this;
        path.steps_.resize(steps, Step{std::size_t{0}});
        return path;
    }
    static bool is_container(Value const& value, Step const& step)
    {
        return step.index ? value.is_array() : value.is_dict();
    }
    static Value const* follow(Value const& value, Step const& step);
    Value const* follow(Value const* item, std::size_t steps) const;
    Value* parent_within(Value* item) const;
    Value* find_or_add_within(Value* item) const;
    std::optional<bool> erase_within(Value* item) const;

    std::string key_;
    std::vector<Step> steps_;
};

inline std::string ItemPath::text() const
{
    auto text = key_;
    for (auto const& step : steps_) {
        if (step.index)
            text +=
                "[" + std::to_string(static_cast<std::ptrdiff_t>(*step.index)) + "]"; // -1 as it was given
        else
            text += "." + step.key;
    }
    return text;
}

inline std::optional<ItemPath> ItemPath::up_to_index() const
{
    for (std::size_t i = 0; i < steps_.size(); ++i)
        if (steps_[i].index)
            return beginning(i);
    return std::nullopt;
}

template <class Items>
ItemPath ItemPath::first_obstacle(Items const& items) const
{
    auto const* value = items.find(key_);
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        if (value == nullptr || !is_container(*value, steps_[i]))
            return beginning(i);
        value = follow(*value, steps_[i]);
    }
    return *this;
}

inline Value const* ItemPath::follow(Value const& value, Step const& step)
{
    if (step.index) {
        auto const* const array = value.get_if<Array>();
        return array != nullptr && *step.index < array->size() ? &(*array)[*step.index] : nullptr;
    }
    auto const* const dict = value.get_if<Dict>();
    return dict != nullptr ? dict->find(step.key) : nullptr;
}

/// Where the first `steps` steps lead from an item, nullptr being a missing one.
inline Value const* ItemPath::follow(Value const* item, std::size_t steps) const
{
    for (std::size_t i = 0; item != nullptr && i < steps; ++i)
        item = follow(*item, steps_[i]);
    return item;
}

/// The container that the last step leads out of. Precondition of these three: !is_item().
inline Value* ItemPath::parent_within(Value* item) const
{
    return const_cast<Value*>(follow(item, steps_.size() - 1));
}

inline Value* ItemPath::find_or_add_within(Value* item) const
{
    auto* const parent = parent_within(item);
    if (parent == nullptr)
        return nullptr;
    auto const& step = steps_.back();
    if (auto* const object = parent->get_if<Dict>(); object != nullptr && !step.index)
        return &(*object)[step.key];
    return const_cast<Value*>(follow(*parent, step));
}

inline std::optional<bool> ItemPath::erase_within(Value* item) const
{
    auto* const parent = parent_within(item);
    if (parent == nullptr)
        return std::nullopt;
    auto const& step = steps_.back();
    if (!step.index) {
        auto* const object = parent->get_if<Dict>();
        return object != nullptr ? std::optional{object->erase(step.key)} : std::nullopt;
    }
    auto* const array = parent->get_if<Array>();
    if (array == nullptr)
        return std::nullopt;
    if (*step.index >= array->size())
        return false;
    array->erase(array->begin() + static_cast<std::ptrdiff_t>(*step.index));
    return true;
}

} // namespace cloakroom::inline v0

#endif
