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
#include <cstring>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
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

    Value() noexcept : int64_{0}, kind_{Kind::null} {}
    Value(std::nullptr_t) noexcept : Value() {}
    Value(Value const& other) : Value() { copy_from(other); }
    Value(Value&& other) noexcept { move_from(other); }
    Value& operator=(Value const& other) { return *this = Value{other}; }
    Value& operator=(Value&& other) noexcept
    {
        if (is_scalar()) {
            move_from(other);
            return *this;
        }
        Value value{std::move(other)}; // other may be a part of this value
        destroy();
        move_from(value);
        return *this;
    }
    ~Value() { destroy(); }

    template <std::same_as<bool> Bool>
    Value(Bool value) noexcept : int64_{0}, kind_{Kind::boolean}
    {
        bool_ = value;
    }
    template <IntegerNumber Integer>
    Value(Integer value) noexcept : int64_{static_cast<std::int64_t>(value)}, kind_{Kind::int64}
    {
        if constexpr (std::unsigned_integral<Integer> && sizeof(Integer) >= sizeof(std::int64_t))
            if (int64_ < 0)
                emplace<std::uint64_t>(value);
    }
    template <std::floating_point Float>
    Value(Float value) noexcept : double_{static_cast<double>(value)}, kind_{Kind::number}
    {
    }
    Value(BigInteger value);
    /// The text is WTF-8, else TypeError.
    Value(std::string value);
    Value(std::string_view value) : Value{std::string{value}} {}
    Value(char const* value) : Value{std::string{value}} {}
    Value(Array value) noexcept : array_(std::move(value)), kind_{Kind::array} {}
    Value(Dict value) noexcept : dict_(std::move(value)), kind_{Kind::dict} {}
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
    T& emplace(Arguments&&... arguments);

    bool is_null() const noexcept { return kind_ == Kind::null; }
    bool is_bool() const noexcept { return kind_ == Kind::boolean; }
    bool is_integer() const noexcept
    {
        return kind_ == Kind::int64 || kind_ == Kind::uint64 || kind_ == Kind::big_integer;
    }
    bool is_double() const noexcept { return kind_ == Kind::number; }
    bool is_number() const noexcept { return is_integer() || is_double(); }
    bool is_string() const noexcept { return kind_ == Kind::string; }
    bool is_array() const noexcept { return kind_ == Kind::array; }
    bool is_dict() const noexcept { return kind_ == Kind::dict; }

    /// What error texts call it: null, boolean, integer, number, string, array or object.
    std::string_view kind_name() const noexcept;

    /// The value as T, or TypeError that names `where`, what is stored and what is wanted. Integers widen to
    /// double and narrow where they fit; nothing else converts.
    template <class T>
    T as(Where const& where = {}) const&;
    /// A view into a value that is about to go.
    template <std::same_as<std::string_view> T>
    T as(Where const& where = {}) && = delete;

    /// The held object itself if it is exactly a T (bool, int64_t, uint64_t, BigInteger, double, std::string,
    /// Array, Dict), else nullptr.
    template <class T>
    T* get_if() noexcept
    {
        return kind_ == kind_of<T>() ? &held<T>() : nullptr;
    }
    template <class T>
    T const* get_if() const noexcept
    {
        return const_cast<Value*>(this)->get_if<T>();
    }

    /// Calls `visitor` with the held object; with nullptr for null.
    template <class Visitor>
    decltype(auto) visit(Visitor&& visitor) const;

    friend bool operator==(Value const& a, Value const& b) { return a.equals(b); }

private:
    // A union by hand: std::variant of the same types makes every program that includes this compile twice as
    // long, and moves and destroys through tables of functions.
    enum class Kind : std::uint8_t { null, boolean, int64, uint64, number, big_integer, string, array, dict };

    template <class T>
    static constexpr Kind kind_of();
    template <class T>
    T& held() noexcept;
    bool equals(Value const& other) const;
    void copy_from(Value const& other);
    void move_from(Value& other) noexcept
    {
        if (other.is_scalar())
            copy_scalar(other);
        else
            move_object_from(other);
    }
    void move_object_from(Value& other) noexcept;
    void destroy() noexcept
    {
        if (!is_scalar())
            destroy_object();
    }
    void destroy_object() noexcept;

    /// Whether it is held in eight bytes that may be copied as they are.
    bool is_scalar() const noexcept { return kind_ <= Kind::number; }
    void copy_scalar(Value const& other) noexcept
    {
        std::memcpy(&int64_, &other.int64_, sizeof int64_);
        kind_ = other.kind_;
    }

    union {
        bool bool_;
        std::int64_t int64_;
        std::uint64_t uint64_;
        BigInteger big_integer_;
        double double_;
        std::string string_;
        Array array_;
        Dict dict_;
    };
    Kind kind_;
};

/// Within a template clang 14 takes `Array{1}`, of one integer, for an array of one null: write
/// `Array{Value{1}}` there.
using Array = Value::Array;

/// Throws the TypeError for a value at `where` that is not what was wanted: "cart[2].price: string where a
/// number is wanted".
[[noreturn]] inline void type_mismatch(Where const& where, Value const& stored, std::string_view wanted)
{
    throw TypeError{where.prefix() + std::string{stored.kind_name()} + " where " + std::string{wanted} +
                    " is wanted"};
}

/// The same for an integer that the type wanted cannot hold.
[[noreturn]] inline void integer_out_of_range(Where const& where)
{
    throw TypeError{where.prefix() + "integer out of range of the type wanted"};
}

template <class T>
constexpr Value::Kind Value::kind_of()
{
    if constexpr (std::same_as<T, bool>)
        return Kind::boolean;
    else if constexpr (std::same_as<T, std::int64_t>)
        return Kind::int64;
    else if constexpr (std::same_as<T, std::uint64_t>)
        return Kind::uint64;
    else if constexpr (std::same_as<T, BigInteger>)
        return Kind::big_integer;
    else if constexpr (std::same_as<T, double>)
        return Kind::number;
    else if constexpr (std::same_as<T, std::string>)
        return Kind::string;
    else if constexpr (std::same_as<T, Array>)
        return Kind::array;
    else {
        static_assert(std::same_as<T, Dict>,
                      "cloakroom: a Value holds bool, int64_t, uint64_t, BigInteger, double, "
                      "std::string, Array or Dict");
        return Kind::dict;
    }
}

template <class T>
T& Value::held() noexcept
{
    if constexpr (std::same_as<T, bool>)
        return bool_;
    else if constexpr (std::same_as<T, std::int64_t>)
        return int64_;
    else if constexpr (std::same_as<T, std::uint64_t>)
        return uint64_;
    else if constexpr (std::same_as<T, BigInteger>)
        return big_integer_;
    else if constexpr (std::same_as<T, double>)
        return double_;
    else if constexpr (std::same_as<T, std::string>)
        return string_;
    else if constexpr (std::same_as<T, Array>)
        return array_;
    else
        return dict_;
}

template <class T, class... Arguments>
T& Value::emplace(Arguments&&... arguments)
{
    destroy();
    kind_ = Kind::null; // should the constructor throw
    auto* const object = std::construct_at(&held<T>(), std::forward<Arguments>(arguments)...);
    kind_ = kind_of<T>();
    return *object;
}

template <class Visitor>
decltype(auto) Value::visit(Visitor&& visitor) const
{
    switch (kind_) {
    case Kind::boolean:
        return visitor(bool_);
    case Kind::int64:
        return visitor(int64_);
    case Kind::uint64:
        return visitor(uint64_);
    case Kind::big_integer:
        return visitor(big_integer_);
    case Kind::number:
        return visitor(double_);
    case Kind::string:
        return visitor(string_);
    case Kind::array:
        return visitor(array_);
    case Kind::dict:
        return visitor(dict_);
    case Kind::null:
        break;
    }
    return visitor(nullptr);
}

/// Precondition: null.
inline void Value::copy_from(Value const& other)
{
    switch (other.kind_) {
    case Kind::big_integer:
        std::construct_at(&big_integer_, other.big_integer_);
        break;
    case Kind::string:
        std::construct_at(&string_, other.string_);
        break;
    case Kind::array:
        std::construct_at(&array_, other.array_);
        break;
    case Kind::dict:
        std::construct_at(&dict_, other.dict_);
        break;
    default:
        copy_scalar(other);
    }
    kind_ = other.kind_;
}

/// Preconditions: nothing is held here, no scalar there.
inline void Value::move_object_from(Value& other) noexcept
{
    switch (other.kind_) {
    case Kind::big_integer:
        std::construct_at(&big_integer_, std::move(other.big_integer_));
        break;
    case Kind::string:
        std::construct_at(&string_, std::move(other.string_));
        break;
    case Kind::array:
        std::construct_at(&array_, std::move(other.array_));
        break;
    default:
        std::construct_at(&dict_, std::move(other.dict_));
    }
    kind_ = other.kind_;
}

/// Precondition: no scalar.
inline void Value::destroy_object() noexcept
{
    switch (kind_) {
    case Kind::big_integer:
        std::destroy_at(&big_integer_);
        break;
    case Kind::string:
        std::destroy_at(&string_);
        break;
    case Kind::array:
        std::destroy_at(&array_);
        break;
    default:
        std::destroy_at(&dict_);
    }
}

inline bool Value::equals(Value const& other) const
{
    return kind_ == other.kind_ && visit([&other]<class T>(T const& held) {
               if constexpr (std::same_as<T, std::nullptr_t>)
                   return true;
               else
                   return held == *other.get_if<T>();
           });
}

inline Value::Value(BigInteger value) : Value()
{
    if (auto const number = value.as_int64())
        emplace<std::int64_t>(*number);
    else if (auto const large = value.as_uint64())
        emplace<std::uint64_t>(*large);
    else
        emplace<BigInteger>(std::move(value));
}

inline Value::Value(std::string value) : Value()
{
    if (!is_wtf8(value))
        throw TypeError{"a string that is not UTF-8 cannot be stored"};
    emplace<std::string>(std::move(value));
}

inline std::string_view Value::kind_name() const noexcept
{
    switch (kind_) {
    case Kind::null:
        return "null";
    case Kind::boolean:
        return "boolean";
    case Kind::number:
        return "number";
    case Kind::string:
        return "string";
    case Kind::array:
        return "array";
    case Kind::dict:
        return "object";
    default:
        return "integer";
    }
}

template <class T>
T Value::as(Where const& where) const&
{
    constexpr bool converts = Convertible<T>; // of the concept itself compilers tell a page
    static_assert(converts,
                  "cloakroom: this type has no conversion from a session value; include "
                  "<cloakroom/core/conversion.hpp>, or <cloakroom/serializer/cereal.hpp> for a default "
                  "constructible type that cereal knows, such as std::set, adapt a struct with "
                  "BOOST_HANA_ADAPT_STRUCT, or specialize cloakroom::Conversion<T>");
    if constexpr (converts)
        return Conversion<T>::from_value(*this, where);
    else
        std::terminate(); // it has not compiled
}

} // namespace cloakroom::inline v0

#endif
