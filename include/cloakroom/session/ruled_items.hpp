// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_RULED_ITEMS_HPP
#define CLOAKROOM_SESSION_RULED_ITEMS_HPP

#include <cloakroom/core/value.hpp>
#include <cloakroom/session/item_resolver.hpp>

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace cloakroom::inline v0 {

/// The items that one request has set or erased and whose rules decide what becomes of them if another
/// request was faster, with what the rules have to know: the item's value without this request's changes,
/// the base, and with them.
///
/// Ordinarily neither is copied: the base is in the text that was loaded, ours in the data. Copies are taken
/// of the base when the data have been saved and change again, and of both at the first replay, which mixes
/// theirs into the data. A rule is thus asked with the same base and the same ours however many requests
/// were faster one after the other.
class RuledItems {
public:
    bool empty() const noexcept { return items_.empty(); }
    bool contains(std::string_view key) const { return items_.contains(key); }

    void set(std::string_view key, ItemResolver resolver) { items_[key] = Item{resolver, {}}; }
    void erase(std::string_view key) { items_.erase(key); }

    /// The item, if it is one, gets another value: that is ours from now on.
    void change(std::string_view key)
    {
        if (auto* const item = items_.find(key))
            item->sides.reset();
    }

    /// Before the first change of any item in data that were saved after they were loaded: what was saved of
    /// it, nullptr being nothing.
    void keep_base(std::string_view key, Value const* saved)
    {
        if (!saved_.contains(key))
            saved_[key] = copy(saved);
    }

    /// Whether apply() has to be told what the item was when the data were loaded.
    bool wants_base(std::string_view key) const
    {
        auto const* const item = items_.find(key);
        return item != nullptr && !item->sides && !saved_.contains(key);
    }

    /// Puts into `newest`, which is loaded next, what the rules make of each item; what they throw comes out,
    /// and nothing has changed here. `base` has what wants_base() asks for.
    void apply(Dict& newest, Dict const& ours, Dict const& base);

private:
    /// Nothing is a missing item.
    struct Sides {
        std::optional<Value> base;
        std::optional<Value> ours;
    };
    struct Item {
        ItemResolver resolver = nullptr;
        std::optional<Sides> sides{}; // once they are in neither text nor data
    };

    static std::optional<Value> copy(Value const* value)
    {
        return value != nullptr ? std::optional{*value} : std::nullopt;
    }
    Sides sides(std::string_view key, Dict const& ours, Dict const& base) const;
    static std::optional<Value> outcome(ItemResolver resolver, Sides const& sides, Value const* theirs);

    BasicDict<Item> items_;
    BasicDict<std::optional<Value>> saved_;
};

inline void RuledItems::apply(Dict& newest, Dict const& ours, Dict const& base)
{
    std::vector<Sides> settled;
    for (auto const& [key, item] : items_) {
        settled.push_back(item.sides ? *item.sides : sides(key, ours, base));
        if (auto value = outcome(item.resolver, settled.back(), newest.find(key)))
            newest.insert_or_assign(key, *std::move(value));
        else
            newest.erase(key);
    }
    auto next = settled.begin();
    for (auto const& [key, unused] : items_)
        items_.find(key)->sides = std::move(*next++);
    saved_.clear();
}

inline RuledItems::Sides RuledItems::sides(std::string_view key, Dict const& ours, Dict const& base) const
{
    auto const* const saved = saved_.find(key);
    return {saved != nullptr ? *saved : copy(base.find(key)), copy(ours.find(key))};
}

/// What the item becomes; without a change of theirs, ours.
inline std::optional<Value> RuledItems::outcome(ItemResolver resolver, Sides const& sides,
                                                Value const* theirs)
{
    auto const& [base, ours] = sides;
    if (theirs != nullptr ? base && *base == *theirs : !base)
        return ours;
    return resolver(base ? &*base : nullptr, theirs, ours ? &*ours : nullptr);
}

} // namespace cloakroom::inline v0

#endif
