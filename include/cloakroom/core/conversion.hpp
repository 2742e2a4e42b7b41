// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_CONVERSION_HPP
#define CLOAKROOM_CORE_CONVERSION_HPP

#include <cloakroom/core/big_integer.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/path.hpp>
#include <cloakroom/core/value.hpp>

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

namespace cloakroom::inline v0 {

/// The type in which a value of type T is kept: std::string for every kind of text.
template <class T>
using Owned = std::conditional_t<std::is_convertible_v<T const&, std::string_view>, std::string, T>;

template <>
struct Conversion<Value> {
    static Value to_value(Value const& value) { return value; }
    static Value from_value(Value const& value, Where const&) { return value; }
};

/// bool, std::string, Array, Dict: exactly what is stored.
template <class T>
requires std::same_as<T, bool> || std::same_as<T, std::string> || std::same_as<T, Array> ||
         std::same_as<T, Dict>
struct Conversion<T> {
    static Value to_value(T const& value) { return Value{value}; }
    static T from_value(Value const& value, Where const& where)
    {
        if (auto const* const held = value.get_if<T>())
            return *held;
        if constexpr (std::same_as<T, bool>)
            type_mismatch(where, value, "a boolean");
        else if constexpr (std::same_as<T, std::string>)
            type_mismatch(where, value, "a string");
        else if constexpr (std::same_as<T, Array>)
            type_mismatch(where, value, "an array");
        else
            type_mismatch(where, value, "an object");
    }
};

/// A view into the stored string; valid until the session's data change.
template <>
struct Conversion<std::string_view> {
    static Value to_value(std::string_view text) { return Value{text}; }
    static std::string_view from_value(Value const& value, Where const& where)
    {
        if (auto const* const text = value.get_if<std::string>())
            return *text;
        type_mismatch(where, value, "a string");
    }
};

/// An integer that fits the wanted type.
template <IntegerNumber Integer>
struct Conversion<Integer> {
    static Value to_value(Integer number) { return Value{number}; }
    static Integer from_value(Value const& value, Where const& where)
    {
        if (auto const* const number = value.get_if<std::int64_t>();
            number != nullptr && std::in_range<Integer>(*number))
            return static_cast<Integer>(*number);
        if (auto const* const number = value.get_if<std::uint64_t>();
            number != nullptr && std::in_range<Integer>(*number))
            return static_cast<Integer>(*number);
        if (value.is_integer())
            integer_out_of_range(where);
        type_mismatch(where, value, "an integer");
    }
};

/// Any number that the type can hold; integers beyond its precision round.
template <std::floating_point Float>
struct Conversion<Float> {
    static Value to_value(Float number) { return Value{number}; }
    static Float from_value(Value const& value, Where const& where)
    {
        if (auto const* const number = value.get_if<double>()) {
            if (std::isfinite(*number) && std::abs(*number) > std::numeric_limits<Float>::max())
                throw TypeError{where.prefix() + "number out of range of the type wanted"};
            return static_cast<Float>(*number);
        }
        if (auto const* const number = value.get_if<std::int64_t>())
            return static_cast<Float>(*number);
        if (auto const* const number = value.get_if<std::uint64_t>())
            return static_cast<Float>(*number);
        if (auto const* const integer = value.get_if<BigInteger>()) {
            auto const& digits = integer->digits();
            Float number{};
            if (std::from_chars(digits.data(), digits.data() + digits.size(), number).ec == std::errc{})
                return number;
            integer_out_of_range(where);
        }
        type_mismatch(where, value, "a number");
    }
};

template <>
struct Conversion<BigInteger> {
    static Value to_value(BigInteger const& number) { return Value{number}; }
    static BigInteger from_value(Value const& value, Where const& where)
    {
        if (auto const* const number = value.get_if<BigInteger>())
            return *number;
        if (auto const* const number = value.get_if<std::int64_t>())
            return *BigInteger::parse(std::to_string(*number));
        if (auto const* const number = value.get_if<std::uint64_t>())
            return *BigInteger::parse(std::to_string(*number));
        type_mismatch(where, value, "an integer");
    }
};

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

/// The value, or null for none. A T that reads null itself could not be told from none, and is not read.
template <Convertible T>
struct Conversion<std::optional<T>> {
    static Value to_value(std::optional<T> const& object)
    {
        return object ? Conversion<T>::to_value(*object) : Value{};
    }
    static std::optional<T> from_value(Value const& value, Where const& where)
    {
        static_assert(
            !is_optional<T> && !std::same_as<T, Value>,
            "cloakroom: an optional of an optional or of a Value cannot be read: a stored null would "
            "be the one nothing or the other");
        return value.is_null() ? std::nullopt : std::optional<T>{Conversion<T>::from_value(value, where)};
    }
};

/// What a vector holds that is converted one by one; an Array is a value itself.
template <class T>
concept ArrayElement = Convertible<T> && !std::same_as<T, Value>;

template <ArrayElement T>
struct Conversion<std::vector<T>> {
    static Value to_value(std::vector<T> const& objects)
    {
        Array array;
        array.reserve(objects.size());
        for (auto const& object : objects)
            array.push_back(Conversion<T>::to_value(object));
        return Value{std::move(array)};
    }
    static std::vector<T> from_value(Value const& value, Where const& where)
    {
        auto const* const array = value.get_if<Array>();
        if (array == nullptr)
            type_mismatch(where, value, "an array");
        std::vector<T> objects;
        if constexpr (sizeof(T) <= sizeof(Value)) // no room for large objects before one was read
            objects.reserve(array->size());
        for (std::size_t i = 0; i < array->size(); ++i)
            objects.push_back(Conversion<T>::from_value((*array)[i], Where{where, i}));
        return objects;
    }
};

/// String-keyed maps are objects.
template <Convertible T, class Compare>
struct Conversion<std::map<std::string, T, Compare>> {
    using Map = std::map<std::string, T, Compare>;

    static Value to_value(Map const& map)
    {
        Dict dict;
        dict.reserve(map.size());
        for (auto const& [key, object] : map)
            dict.insert_or_assign(key, Conversion<T>::to_value(object));
        return Value{std::move(dict)};
    }
    static Map from_value(Value const& value, Where const& where)
    {
        auto const* const dict = value.get_if<Dict>();
        if (dict == nullptr)
            type_mismatch(where, value, "an object");
        Map map;
        for (auto const& [key, item] : *dict)
            map.emplace(key, Conversion<T>::from_value(item, Where{where, key}));
        return map;
    }
};

/// For asking whether a conversion knows members.
struct AnyMembers {
    template <class... Members>
    void operator()(std::string_view, Members&...) const
    {
    }
};

/// A type whose conversion knows its members, so that they can be read and compared one by one:
/// `Conversion<T>::for_each_member(visit, objects...)` calls `visit(name, members...)` for each member in
/// order, with that member of each object. The names are static texts. serializer/struct.hpp has such
/// conversions.
template <class T>
concept Structured =
    Convertible<T> && requires(T& object) { Conversion<T>::for_each_member(AnyMembers{}, object); };

/// A T with the defaults of its members.
template <Structured T>
T make_default()
{
    constexpr bool has_default = std::default_initializable<T>;
    static_assert(has_default,
                  "cloakroom: a struct that is read from a session needs a default constructor, for the "
                  "members that are missing");
    if constexpr (has_default)
        return T{};
    else
        std::terminate(); // it has not compiled
}

/// A T whose members are what `find(name)`, a Value const*, points to; nullptr leaves the T's default.
/// TypeError names the path of a value of another type.
template <Structured T, class Find>
T read_members(Find const& find, Where const& where)
{
    auto object = make_default<T>();
    Conversion<T>::for_each_member(
        [&]<class Member>(std::string_view name, Member& member) {
            if (Value const* const value = find(name))
                member = value->as<Member>(Where{where, name});
        },
        object);
    return object;
}

} // namespace cloakroom::inline v0

#endif
