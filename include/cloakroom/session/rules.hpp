// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_RULES_HPP
#define CLOAKROOM_SESSION_RULES_HPP

#include <cloakroom/core/conversion.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/path.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/session/field_value.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <set>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cloakroom::inline v0::rules {

// Rules: what becomes of a field that two requests have set, `field<"cart", Cart, merge<&Cart::join>>`. Each
// has for a field of type T
//   check<T>()      does not compile, with a sentence, where the rule means nothing for a T
//   uses_base<T>    whether it wants to know the value that both requests began with
//   apply(where, [base,] theirs, ours)    the value that stands
// A base that was missing or is no T is T{}. What check() asks goes through a constant, for compilers tell a
// page of a concept that fails.

/// The base of all rules.
struct Rule {
    template <class T>
    static constexpr bool uses_base = false;
    template <class T>
    static constexpr void check()
    {
    }
};

template <class R>
concept AnyRule = std::derived_from<R, Rule>;

struct LastWins : Rule {};
struct Reject : Rule {};

struct Sum : Rule {
    template <class T>
    static constexpr bool uses_base = true;
    template <class T>
    static constexpr void check();
    template <class T>
    static T apply(Where const& where, T base, T theirs, T ours);
};

struct Max : Rule {
    template <class T>
    static constexpr void check();
    template <class T>
    static T apply(Where const&, T theirs, T ours)
    {
        return theirs < ours ? std::move(ours) : std::move(theirs);
    }
};

struct Min : Rule {
    template <class T>
    static constexpr void check();
    template <class T>
    static T apply(Where const&, T theirs, T ours)
    {
        return ours < theirs ? std::move(ours) : std::move(theirs);
    }
};

struct SetUnion : Rule {
    template <class T>
    static constexpr void check();
    template <class T>
    static T apply(Where const&, T theirs, T ours);
};

template <auto Function>
struct Merge : Rule {
    template <class T>
    static constexpr bool uses_base = requires(T value) {
        { std::invoke(Function, T{}, std::move(value), std::move(value)) } -> FieldValue<T>;
    };
    template <class T>
    static constexpr void check();
    template <class T, std::same_as<T>... Values>
    // NOLINTNEXTLINE(performance-unnecessary-value-param): moved where that helps
    static T apply(Where const& where, T first, Values... others)
    {
        return to_field_value<T>(where, std::invoke(Function, std::move(first), std::move(others)...));
    }
};

template <class T>
concept Addable = !std::same_as<T, bool> && std::default_initializable<T> && requires(T const& value) {
    { value + (value - value) } -> std::convertible_to<T>;
};

template <class T>
constexpr void Sum::check()
{
    constexpr bool is_known = Addable<T>;
    static_assert(is_known, "cloakroom: cr::sum is for fields of numbers, and of types with T{}, + and -");
}

template <class T>
T Sum::apply(Where const& where, T base, T theirs, T ours)
{
    if constexpr (std::integral<T>) {
        // In 64 bits that wrap, the distance of two values is exact.
        auto const wide = [](T value) { return static_cast<std::uint64_t>(value); };
        using Limits = std::numeric_limits<T>;
        auto const is_rise = ours >= base;
        auto const change = is_rise ? wide(ours) - wide(base) : wide(base) - wide(ours);
        auto const space = is_rise ? wide(Limits::max()) - wide(theirs) : wide(theirs) - wide(Limits::min());
        if (change > space)
            throw TypeError{where.prefix() + "what two requests add leaves the type of the field"};
        return static_cast<T>(is_rise ? wide(theirs) + change : wide(theirs) - change);
    } else {
        return static_cast<T>(std::move(theirs) + (std::move(ours) - std::move(base)));
    }
}

template <class T>
concept Ordered = requires(T const& a, T const& b) {
    { a < b } -> std::convertible_to<bool>;
};

template <class T>
constexpr void Max::check()
{
    constexpr bool is_known = Ordered<T>;
    static_assert(is_known, "cloakroom: cr::max is for fields whose values can be compared with <");
}

template <class T>
constexpr void Min::check()
{
    constexpr bool is_known = Ordered<T>;
    static_assert(is_known, "cloakroom: cr::min is for fields whose values can be compared with <");
}

/// A container whose elements stand for themselves: neither a text nor a map.
template <class T>
concept Collection =
    requires(T& all, typename T::value_type element) {
        all.begin() == all.end();
        { element == element } -> std::convertible_to<bool>;
    } && !std::is_convertible_v<T const&, std::string_view> && !requires { typename T::mapped_type; } &&
    (
        requires(T& all, typename T::value_type element) { all.push_back(element); } ||
        requires(T& all, typename T::value_type element, typename T::key_type) { all.insert(element); });

template <class T>
constexpr void SetUnion::check()
{
    constexpr bool is_known = Collection<T>;
    static_assert(is_known, "cloakroom: cr::set_union is for fields of containers, such as std::vector "
                            "or std::set, whose elements can be compared with ==");
}

template <class T>
T SetUnion::apply(Where const&, T theirs, T ours)
{
    using Element = typename T::value_type;
    if constexpr (requires { typename T::key_type; }) {
        theirs.insert(ours.begin(), ours.end());
    } else if constexpr (std::totally_ordered<Element> && !std::floating_point<Element>) { // no NaN in a set
        std::set<Element> known(theirs.begin(), theirs.end());
        for (auto const& element : ours)
            if (known.insert(element).second)
                theirs.push_back(element);
    } else {
        for (auto const& element : ours)
            if (std::find(theirs.begin(), theirs.end(), element) == theirs.end())
                theirs.push_back(element);
    }
    return theirs;
}

template <auto Function>
template <class T>
constexpr void Merge<Function>::check()
{
    constexpr bool is_known = uses_base<T> || requires(T value) {
        { std::invoke(Function, std::move(value), std::move(value)) } -> FieldValue<T>;
    };
    static_assert(
        is_known,
        "cloakroom: a merge function of a field of type T is T(base, theirs, ours), which takes a T that "
        "can be made without arguments, or T(theirs, ours)");
}

} // namespace cloakroom::inline v0::rules

namespace cloakroom::inline v0 {

/// The later request's value stands, as with an item that is no field.
inline constexpr rules::LastWins last_wins{};

/// The later request's save() throws ConflictError naming the field; nothing of that request is written. Also
/// where both have done the same: of two requests that spend one token, one has it. The session keeps its
/// changes and throws again; open it anew to begin with what is there now.
inline constexpr rules::Reject reject{};

/// What both have added to the value is added: theirs + (ours - base). For numbers and whatever has + and -.
/// TypeError for an integer that leaves its type.
inline constexpr rules::Sum sum{};

/// The larger or the smaller of the two stands.
inline constexpr rules::Max max{};
inline constexpr rules::Min min{};

/// Theirs, and behind it what only ours has. For vectors, sets and the like. Nothing is removed: what one
/// request has taken out and the other still has is in it. Takes n log n steps where the elements have an
/// order, else as many as the product of both sizes.
inline constexpr rules::SetUnion set_union{};

/// What the function makes of them: `T(base, theirs, ours)` or `T(theirs, ours)`; of a member function the
/// first is the object. It may run several times, must be repeatable and must not use the session; what it
/// throws ends save() with nothing written.
template <auto Function>
inline constexpr rules::Merge<Function> merge{};

} // namespace cloakroom::inline v0

#endif
