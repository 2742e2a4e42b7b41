// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_ADDITION_HPP
#define CLOAKROOM_SESSION_ADDITION_HPP

#include <cloakroom/core/conversion.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/core/wtf8.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace cloakroom::inline v0 {

/// `a + b` as `session[key] += b` means it: numbers are added, strings and arrays appended. Nothing where the
/// types do not go together, or an integer would leave 64 bits.
inline std::optional<Value> added(Value const& a, Value const& b)
{
    if (a.is_integer() && b.is_integer()) {
        if (a.get_if<BigInteger>() != nullptr || b.get_if<BigInteger>() != nullptr)
            return std::nullopt;
        // One 64-bit addition in the sign-and-magnitude of two words: |a| and |b| are below 2^64.
        auto const split = [](Value const& value) -> std::pair<bool, std::uint64_t> {
            if (auto const* const small = value.get_if<std::int64_t>(); small != nullptr && *small < 0)
                return {true, std::uint64_t{0} - static_cast<std::uint64_t>(*small)};
            return {false, value.as<std::uint64_t>()};
        };
        auto const [a_negative, a_size] = split(a);
        auto const [b_negative, b_size] = split(b);
        auto const same_sign = a_negative == b_negative;
        auto const size = same_sign ? a_size + b_size : a_size > b_size ? a_size - b_size : b_size - a_size;
        auto const negative = same_sign ? a_negative : a_size > b_size ? a_negative : b_negative;
        constexpr auto lowest = std::uint64_t{1} << 63;
        if ((same_sign && size < a_size) || (negative && size > lowest))
            return std::nullopt;
        if (negative)
            return Value{static_cast<std::int64_t>(std::uint64_t{0} - size)};
        return Value{size};
    }
    if (a.get_if<BigInteger>() == nullptr && b.get_if<BigInteger>() == nullptr && a.is_number() &&
        b.is_number())
        return Value{a.as<double>() + b.as<double>()};
    if (auto const *x = a.get_if<std::string>(), *y = b.get_if<std::string>(); x != nullptr && y != nullptr) {
        auto text = *x;
        append_wtf8(text, *y);
        return Value::from_wtf8(std::move(text));
    }
    if (auto const *x = a.get_if<Array>(), *y = b.get_if<Array>(); x != nullptr && y != nullptr) {
        auto array = *x;
        array.insert(array.end(), y->begin(), y->end());
        return Value{std::move(array)};
    }
    return std::nullopt;
}

/// `-a` for a number that is not a BigInteger; nothing where 64 bits do not hold it, or for other types.
inline std::optional<Value> negated(Value const& a)
{
    if (auto const* const number = a.get_if<double>())
        return Value{-*number};
    constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
    if (auto const* const number = a.get_if<std::int64_t>())
        return *number == lowest ? Value{std::uint64_t{1} << 63} : Value{-*number};
    if (auto const* const number = a.get_if<std::uint64_t>();
        number != nullptr && *number == std::uint64_t{1} << 63)
        return Value{lowest};
    return std::nullopt;
}

} // namespace cloakroom::inline v0

#endif
