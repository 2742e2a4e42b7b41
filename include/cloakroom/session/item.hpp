// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_ITEM_HPP
#define CLOAKROOM_SESSION_ITEM_HPP

#include <cloakroom/core/conversion.hpp>
#include <cloakroom/session/addition.hpp>
#include <cloakroom/session/item_path.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cloakroom::inline v0 {

/// The base of all places in a session.
struct ItemBase {};

/// What was given for an item, as a value; of a place, the value there.
template <class T>
Value to_item_value(T&& given)
{
    constexpr bool is_place = std::derived_from<std::remove_cvref_t<T>, ItemBase>;
    constexpr bool is_storable = is_place || std::is_constructible_v<Value, T>;
    static_assert(is_storable,
                  "cloakroom: this type has no conversion to a session value; include "
                  "<cloakroom/serializer/cereal.hpp> for one that cereal knows, such as std::set, adapt a "
                  "struct with BOOST_HANA_ADAPT_STRUCT, or specialize cloakroom::Conversion<T>");
    if constexpr (is_place)
        return Value{given.value()};
    else if constexpr (is_storable)
        return Value{std::forward<T>(given)};
    else
        return {};
}

/// What `session["k"]` is: a place in the session. Making one reads nothing; each operation loads the session
/// when it must. It cannot be copied and converts to nothing by itself; assigning one to another assigns the
/// value. Lives no longer than the session.
template <class Session>
class Item : public ItemBase {
public:
    Item(Session& session, std::string_view key) : session_{&session}, path_{key} {}
    Item(Session& session, ItemPath parent, ItemPath::Step step)
        : session_{&session}, path_{std::move(parent), std::move(step)}
    {
    }
    Item(Item const&) = delete;
    ~Item() = default;

    /// Sets the value (S-023). KeyError where a container on the way is missing, TypeError where it is none.
    template <class T>
    Item& operator=(T&& value)
    {
        session_->document().set(path_, to_item_value(std::forward<T>(value)));
        return *this;
    }
    Item& operator=(Item const& other) { return *this = other.value(); }

    /// The value. KeyError when it is missing (S-021). Valid until the session changes or is saved.
    Value const& value() const
    {
        if (auto const* const value = session_->document().find(path_))
            return *value;
        missing_item(path_.text());
    }

    /// The value as T. KeyError when it is missing, TypeError naming the path when it is something else.
    template <class T>
    T as() const
    {
        return path_.is_item() ? value().template as<T>(Where{path_.key()})
                               : value().template as<T>(Where{path_.text()});
    }

    /// The value as T, or nothing when it is missing.
    template <class T = Value>
    std::optional<T> get() const
    {
        return exists() ? std::optional<T>{as<T>()} : std::nullopt;
    }

    bool exists() const { return session_->document().find(path_) != nullptr; }

    /// Removes it: whether it was there.
    bool erase() { return session_->document().erase(path_); }

    /// Adds a number, or appends a string or an array. Counts from nothing where the item is missing. Two
    /// requests that add at the same time both count. TypeError where the types do not go together.
    template <class T>
    Item& operator+=(T&& operand)
    {
        session_->document().add(path_, to_item_value(std::forward<T>(operand)));
        return *this;
    }
    template <class Number>
    requires std::is_arithmetic_v<Number>
    Item& operator-=(Number operand)
    {
        auto opposite = negated(Value{operand});
        if (!opposite)
            throw TypeError{path_.text() + ": a number that large cannot be subtracted"};
        return *this += *std::move(opposite);
    }
    Item& operator++() { return *this += 1; }
    Item& operator--() { return *this += -1; }

    /// What lies within: session["cart"]["items"][2].
    Item operator[](std::string_view key) const { return {*session_, path_, key}; }
    Item operator[](char const* key) const { return (*this)[std::string_view{key}]; }
    template <IntegerNumber Index>
    Item operator[](Index index) const
    {
        return {*session_, path_, static_cast<std::size_t>(index)};
    }

    Item operator[](std::nullptr_t) const = delete;

    friend bool operator==(Item const& item, Value const& value) { return item.value() == value; }

private:
    Session* session_;
    ItemPath path_;
};

} // namespace cloakroom::inline v0

#endif
