// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_VALUE_HPP
#define CLOAKROOM_CORE_VALUE_HPP

#include <cloakroom/core/big_integer.hpp>
#include <cloakroom/core/dict.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/path.hpp>
#include <cloakroom/core/wtf8.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace cloakroom::inline v0 {

class Value;

/// The dictionary of a session, and every dictionary within one.
using Dict = BasicDict<Value>;

/// How a C++ type becomes a Value and back. A specialization has
/// `static Value to_value(T const&)` and `static T from_value(Value const&, Where const&)`;
/// from_value throws through type_mismatch(). core/conversion.hpp has numbers, texts, vector, map and
/// optional.
template <class T>
struct Conversion;

template <class T>
concept Convertible = requires(T const& object, Value const& value, Where const& where) {
    Conversion<T>::to_value(object);
    { Conversion<T>::from_value(value, where) } -> std::same_as<T>;
};

/// Integers, without bool and the character types.
template <class T>
concept IntegerNumber =
    std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> && !std::same_as<T, wchar_t> &&
    !std::same_as<T, char8_t> && !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

/// What a Value holds itself. (Also keeps clang from asking Convertible of these before their conversions
/// exist.)
template <class T>
concept HeldByValue =
    std::is_arithmetic_v<T> || std::same_as<T, std::string> || std::same_as<T, std::string_view> ||
    std::same_as<T, std::vector<Value>> || std::same_as<T, Dict> || std::same_as<T, BigInteger> ||
    std::same_as<T, Value> || std::same_as<T, std::nullptr_t>;

/// Anything that a session can hold: what Python's json can write.
///
/// An integer is held in one canonical way: signed 64 bits if it fits, then unsigned 64 bits, then its
/// digits. An integer never equals a floating-point number or a bool. A copy is deep. A moved-from Value
/// holds an empty value of its kind.
class Value {
public:
    using Array = std::vector<Value>;

    Value() noexcept = default; ///< null
    Value(std::nullptr_t) noexcept {}
    template <std::same_as<bool> Bool>
    Value(Bool value) noexcept : data_{std::in_place_type<bool>, value}
    {
    }
    template <IntegerNumber Integer>
    Value(Integer value) noexcept
    {
        if constexpr (std::unsigned_integral<Integer> && sizeof(Integer) >= sizeof(std::int64_t)) {
            if (value > static_cast<Integer>(std::numeric_limits<std::int64_t>::max())) {
                data_.emplace<std::uint64_t>(value);
                return;
            }
        }
        data_.emplace<std::int64_t>(static_cast<std::int64_t>(value));
    }
    template <std::floating_point Float>
    Value(Float value) noexcept : data_{std::in_place_type<double>, static_cast<double>(value)}
    {
    }
    Value(BigInteger value);
    /// The text is WTF-8, else TypeError.
    Value(std::string value);
    Value(std::string_view value) : Value{std::string{value}} {}
    Value(char const* value) : Value{std::string{value}} {}
    Value(Array value) noexcept : data_{std::in_place_type<Array>, std::move(value)} {}
    Value(Dict value) noexcept : data_{std::in_place_type<Dict>, std::move(value)} {}
    template <class T>
    requires(!HeldByValue<T>) && Convertible<T>
    Value(T const& object) : Value{Conversion<T>::to_value(object)}
    {
    }
    template <class Pointer>
    Value(Pointer*) = delete; ///< a pointer would become true

    /// A text that is known to be WTF-8, unchecked.
    static Value from_wtf8(std::string text)
    {
        Value value;
        value.emplace<std::string>(std::move(text));
        return value;
    }

    /// Replaces the value by a T made in place, one of the types that get_if() knows. Nothing is checked: a
    /// string must be WTF-8, an integer in its canonical type. For readers that have made it so.
    template <class T, class... Arguments>
    T& emplace(Arguments&&... arguments)
    {
        return data_.template emplace<T>(std::forward<Arguments>(arguments)...);
    }

    bool is_null() const noexcept { return std::holds_alternative<std::monostate>(data_); }
    bool is_bool() const noexcept { return std::holds_alternative<bool>(data_); }
    bool is_integer() const noexcept
    {
        return std::holds_alternative<std::int64_t>(data_) || std::holds_alternative<std::uint64_t>(data_) ||
               std::holds_alternative<BigInteger>(data_);
    }
    bool is_double() const noexcept { return std::holds_alternative<double>(data_); }
    bool is_number() const noexcept { return is_integer() || is_double(); }
    bool is_string() const noexcept { return std::holds_alternative<std::string>(data_); }
    bool is_array() const noexcept { return std::holds_alternative<Array>(data_); }
    bool is_dict() const noexcept { return std::holds_alternative<Dict>(data_); }

    /// What error texts call it: null, boolean, integer, number, string, array or object.
    std::string_view kind_name() const noexcept;

    /// The value as T, or TypeError that names `where`, what is stored and what is wanted. Integers widen to
    /// double and narrow where they fit; nothing else converts.
    template <class T>
    T as(Where const& where = {}) const;

    /// The held object itself if it is exactly a T (bool, int64_t, uint64_t, BigInteger, double, std::string,
    /// Array, Dict), else nullptr.
    template <class T>
    T* get_if() noexcept
    {
        return std::get_if<T>(&data_);
    }
    template <class T>
    T const* get_if() const noexcept
    {
        return std::get_if<T>(&data_);
    }

    /// Calls `visitor` with the held object; null is std::monostate.
    template <class Visitor>
    decltype(auto) visit(Visitor&& visitor) const
    {
        return std::visit(std::forward<Visitor>(visitor), data_);
    }

    friend bool operator==(Value const&, Value const&) = default;

private:
    std::variant<std::monostate, bool, std::int64_t, std::uint64_t, BigInteger, double, std::string, Array,
                 Dict>
        data_;
};

using Array = Value::Array;

/// Throws the TypeError for a value at `where` that is not what was wanted: "cart[2].price: string where a
/// number is wanted".
[[noreturn]] inline void type_mismatch(Where const& where, Value const& stored, std::string_view wanted)
{
    throw TypeError{where.prefix() + std::string{stored.kind_name()} + " where " + std::string{wanted} +
                    " is wanted"};
}

inline Value::Value(BigInteger value)
{
    if (auto const number = value.as_int64())
        data_.emplace<std::int64_t>(*number);
    else if (auto const large = value.as_uint64())
        data_.emplace<std::uint64_t>(*large);
    else
        data_.emplace<BigInteger>(std::move(value));
}

inline Value::Value(std::string value)
{
    if (!is_wtf8(value))
        throw TypeError{"a string that is not UTF-8 cannot be stored"};
    data_.emplace<std::string>(std::move(value));
}

inline std::string_view Value::kind_name() const noexcept
{
    constexpr std::string_view names[] = {"null",   "boolean", "integer", "integer", "integer",
                                          "number", "string",  "array",   "object"};
    return names[data_.index()];
}

template <class T>
T Value::as(Where const& where) const
{
    static_assert(Convertible<T>, "cloakroom: this type has no conversion from a session value; include "
                                  "<cloakroom/core/conversion.hpp> or specialize cloakroom::Conversion<T>");
    return Conversion<T>::from_value(*this, where);
}

} // namespace cloakroom::inline v0

#endif
