// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_FIELD_VALUE_HPP
#define CLOAKROOM_SESSION_FIELD_VALUE_HPP

#include <cloakroom/core/conversion.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/path.hpp>
#include <cloakroom/core/value.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cloakroom::inline v0 {

template <class Given, class T>
constexpr bool is_field_value()
{
    using Bare = std::remove_cvref_t<Given>;
    if constexpr (is_optional<T> && is_optional<Bare>)
        return is_field_value<typename Bare::value_type, typename T::value_type>();
    else if constexpr (is_optional<T>)
        return std::same_as<Bare, std::nullopt_t> || is_field_value<Given, typename T::value_type>();
    else if constexpr (std::is_arithmetic_v<T>)
        return std::same_as<Bare, T> || (IntegerNumber<Bare> && !std::same_as<T, bool>) ||
               (std::floating_point<Bare> && std::floating_point<T>);
    else if constexpr (std::same_as<T, std::string>)
        return std::is_convertible_v<Given, std::string_view> && !std::same_as<Bare, std::nullptr_t>;
    else
        return std::is_convertible_v<Given, T>;
}

/// What can be given where a field wants a T. Among numbers stricter than C++: no fraction for an integer, no
/// number for a bool or the other way round. For std::string every text, for an optional also what its type
/// takes, else whatever converts by itself.
template <class Given, class T>
concept FieldValue = is_field_value<Given, T>();

/// It as a T. TypeError for an integer that does not fit.
template <class T, class Given>
requires FieldValue<Given, T>
T to_field_value(Where const& where, Given&& given)
{
    if constexpr (is_optional<T> && is_optional<std::remove_cvref_t<Given>>) {
        return given ? T{to_field_value<typename T::value_type>(where, *std::forward<Given>(given))} : T{};
    } else if constexpr (is_optional<T>) {
        if constexpr (std::same_as<std::remove_cvref_t<Given>, std::nullopt_t>)
            return T{};
        else
            return T{to_field_value<typename T::value_type>(where, std::forward<Given>(given))};
    } else if constexpr (IntegerNumber<T>) {
        if (!std::in_range<T>(given))
            integer_out_of_range(where);
        return static_cast<T>(given);
    } else if constexpr (std::is_arithmetic_v<T>) {
        return static_cast<T>(given);
    } else if constexpr (std::is_convertible_v<Given, T>) {
        return std::forward<Given>(given);
    } else {
        return T{std::string_view{given}};
    }
}

} // namespace cloakroom::inline v0

#endif
