// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_JSON_READER_HPP
#define CLOAKROOM_SERIALIZER_JSON_READER_HPP

#include <cloakroom/core/limits.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/core/wtf8.hpp>
#include <cloakroom/serializer/concept.hpp>
#include <cloakroom/serializer/json_plain_text.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace cloakroom::inline v0::serializer {

/// Reads what Python's json.loads reads, and refuses what it refuses (S-446 to S-449): NaN and Infinity are
/// words, the last of repeated names wins, a byte from 0x80 up is the Latin-1 character of that number.
/// Nothing is allocated that the text does not pay for. Used once.
class JsonReader {
public:
    explicit JsonReader(std::string_view text) : begin_{text.data()}, at_{begin_}, end_{begin_ + text.size()}
    {
    }

    /// The one value that the whole text is, of any kind.
    Result<Value, DecodeError> read() { return read_whole<Value>(&JsonReader::read_value); }

    /// The same for a text that is known to be a value.
    Value read_known()
    {
        Value value;
        read_value(value);
        return value;
    }

    /// The object that the whole text is.
    Result<Dict, DecodeError> read_object() { return read_whole<Dict>(&JsonReader::read_only_dict); }

private:
    template <class T>
    Result<T, DecodeError> read_whole(bool (JsonReader::*read_part)(T&));
    bool read_value(Value& value);
    bool read_only_dict(Dict& dict)
    {
        ++depth_;
        return peek() == '{' ? read_dict(dict) : fail("not an object");
    }
    bool read_dict(Dict& dict);
    bool read_array(Array& array);
    bool read_number(Value& value);
    bool read_word(Value& value);
    std::optional<std::string_view> read_string();
    std::optional<std::string_view> read_long_string(char const* start);
    bool read_escape(std::string& text);
    std::optional<std::int32_t> read_unit();

    bool fail(std::string_view reason)
    {
        if (reason_.empty())
            reason_ = reason;
        return false;
    }
    char peek() const { return at_ != end_ ? *at_ : '\0'; }
    bool take(char expected)
    {
        if (at_ == end_ || *at_ != expected)
            return false;
        ++at_;
        return true;
    }
    bool take_digits()
    {
        auto const* const start = at_;
        while (at_ != end_ && *at_ >= '0' && *at_ <= '9')
            ++at_;
        return at_ != start;
    }
    void skip_space()
    {
        while (at_ != end_ && static_cast<unsigned char>(*at_) <= ' ' &&
               (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t'))
            ++at_;
    }
    std::string_view rest() const { return {at_, end_}; }

    char const* begin_;
    char const* at_;
    char const* end_;
    std::size_t depth_ = 0;
    std::string_view reason_;
    std::string string_; // what read_string() had to put together
};

template <class T>
Result<T, DecodeError> JsonReader::read_whole(bool (JsonReader::*read_part)(T&))
{
    if (rest().size() > max_payload_size)
        return DecodeError{"more than 16 MiB", 0};
    Result<T, DecodeError> result{T{}};
    skip_space();
    if ((this->*read_part)(*result)) {
        skip_space();
        if (at_ == end_)
            return result;
        fail("something follows the value");
    }
    return DecodeError{reason_, static_cast<std::size_t>(at_ - begin_)};
}

inline bool JsonReader::read_value(Value& value)
{
    switch (peek()) {
    case '{':
    case '[': {
        if (++depth_ > max_depth)
            return fail("nested deeper than 512 levels");
        auto const done =
            peek() == '{' ? read_dict(value.emplace<Dict>()) : read_array(value.emplace<Array>());
        --depth_;
        return done;
    }
    case '"':
        if (auto const text = read_string()) {
            value.emplace<std::string>(*text);
            return true;
        }
        return false;
    case '-':
        if (rest().starts_with("-Infinity"))
            return read_word(value);
        return read_number(value);
    default:
        return peek() >= '0' && peek() <= '9' ? read_number(value) : read_word(value);
    }
}

inline bool JsonReader::read_dict(Dict& dict)
{
    ++at_;
    skip_space();
    if (!take('}'))
        do {
            skip_space();
            if (peek() != '"')
                return fail("a name in double quotes is missing");
            auto key = read_string();
            if (!key)
                return false;
            skip_space();
            if (!take(':'))
                return fail("the colon after a name is missing");
            skip_space();
            // A new entry is read in its place; of repeated names the first keeps the place, the last the
            // value.
            if (!read_value(dict[*key]))
                return false;
            skip_space();
        } while (take(',') || (!take('}') && fail("a comma or the closing brace is missing")));
    return reason_.empty();
}

inline bool JsonReader::read_array(Array& array)
{
    ++at_;
    skip_space();
    if (!take(']'))
        do {
            skip_space();
            if (!read_value(array.emplace_back()))
                return false;
            skip_space();
        } while (take(',') || (!take(']') && fail("a comma or the closing bracket is missing")));
    return reason_.empty();
}

inline bool JsonReader::read_word(Value& value)
{
    auto const word = [&](std::string_view name, auto meaning) {
        if (!rest().starts_with(name))
            return false;
        at_ += name.size();
        value = meaning;
        return true;
    };
    constexpr auto infinity = std::numeric_limits<double>::infinity();
    return word("null", nullptr) || word("true", true) || word("false", false) ||
           word("NaN", std::numeric_limits<double>::quiet_NaN()) || word("Infinity", infinity) ||
           word("-Infinity", -infinity) || fail("a value is missing");
}

inline bool JsonReader::read_number(Value& value)
{
    auto const* const first = at_;
    take('-');
    auto const* const whole = at_;
    if (!take('0') && !take_digits())
        return fail("a digit is missing");
    auto const* const whole_end = at_;
    // As in Python a fraction or exponent without digits is not part of the number; what is left is then
    // refused.
    if (take('.') && !take_digits())
        at_ = whole_end;
    auto const* const mantissa_end = at_;
    if (take('e') || take('E')) {
        if (!take('+'))
            take('-');
        if (!take_digits())
            at_ = mantissa_end;
    }
    auto const* const last = at_;
    if (last != whole_end) {
        double number = 0;
        if (std::from_chars(first, last, number).ec == std::errc::result_out_of_range) {
            // Too large or too small: the exponent of the first digit that counts tells which.
            std::string_view const text{whole, last};
            auto const point = static_cast<std::int64_t>(whole_end - whole);
            auto const digit = static_cast<std::int64_t>(text.find_first_of("123456789"));
            auto const place = digit < point ? point - digit : point - digit + 1;
            std::int64_t exponent = 0;
            if (auto const e = text.find_first_of("eE"); e != std::string_view::npos) {
                auto const* digits = whole + e + 1;
                if (*digits == '+')
                    ++digits;
                if (std::from_chars(digits, last, exponent).ec == std::errc::result_out_of_range)
                    exponent = *digits == '-' ? std::numeric_limits<std::int64_t>::min()
                                              : std::numeric_limits<std::int64_t>::max();
                exponent = std::clamp(exponent, std::numeric_limits<std::int64_t>::min() / 2,
                                      std::numeric_limits<std::int64_t>::max() / 2);
            }
            number = exponent + place > 0 ? std::numeric_limits<double>::infinity() : 0.0;
            if (*first == '-')
                number = -number;
        }
        value.emplace<double>(number);
        return true;
    }
    if (static_cast<std::size_t>(last - whole) > max_integer_digits)
        return fail("an integer of more than 4300 digits");
    std::int64_t number = 0;
    if (last - whole <= std::numeric_limits<std::int64_t>::digits10) {
        for (auto const* digit = whole; digit != last; ++digit)
            number = 10 * number + (*digit - '0');
        value.emplace<std::int64_t>(first == whole ? number : -number);
    } else if (std::from_chars(first, last, number).ec == std::errc{})
        value.emplace<std::int64_t>(number);
    else
        value = *BigInteger::parse({first, last});
    return true;
}

/// The string that begins here; valid until the next one is read.
inline std::optional<std::string_view> JsonReader::read_string()
{
    auto const* const start = ++at_;
    at_ = skip_plain(at_, end_);
    if (!take('"'))
        return read_long_string(start);
    return std::string_view{start, at_ - 1};
}

/// The same for a string that is not all plain ASCII; `at_` is where that ends.
inline std::optional<std::string_view> JsonReader::read_long_string(char const* start)
{
    string_.clear();
    while (at_ != end_) {
        string_.append(start, at_);
        auto const byte = static_cast<std::uint8_t>(*at_);
        if (byte < 0x20) {
            fail("a control character in a string");
            return std::nullopt;
        }
        ++at_;
        if (byte == '"')
            return string_;
        if (byte >= 0x7F)
            append_code_point(string_, byte);
        else if (!read_escape(string_))
            return std::nullopt;
        start = at_;
        at_ = skip_plain(at_, end_);
    }
    fail("a string without its closing quote");
    return std::nullopt;
}

inline bool JsonReader::read_escape(std::string& text)
{
    if (at_ == end_)
        return fail("an escape without its character");
    auto const kind = *at_++;
    switch (kind) {
    case '"':
    case '\\':
    case '/':
        text += kind;
        return true;
    case 'b':
        text += '\b';
        return true;
    case 'f':
        text += '\f';
        return true;
    case 'n':
        text += '\n';
        return true;
    case 'r':
        text += '\r';
        return true;
    case 't':
        text += '\t';
        return true;
    case 'u':
        break;
    default:
        return fail("an unknown escape in a string");
    }
    auto unit = read_unit();
    if (!unit)
        return fail("\\u without four hexadecimal digits");
    if (is_high_surrogate(*unit) && rest().starts_with("\\u")) {
        auto const* const before = at_;
        at_ += 2;
        if (auto const low = read_unit(); low && is_low_surrogate(*low))
            unit = join_surrogates(*unit, *low);
        else
            at_ = before;
    }
    append_code_point(text, *unit);
    return true;
}

inline std::optional<std::int32_t> JsonReader::read_unit()
{
    constexpr std::size_t digits = 4;
    auto const hex = rest().substr(0, digits);
    std::int32_t unit = 0;
    if (hex.size() < digits || hex.front() == '-' ||
        std::from_chars(hex.data(), hex.data() + digits, unit, 16).ptr != hex.data() + digits)
        return std::nullopt;
    at_ += digits;
    return unit;
}

} // namespace cloakroom::inline v0::serializer

#endif
