// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_JSON_WRITER_HPP
#define CLOAKROOM_SERIALIZER_JSON_WRITER_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/core/hex.hpp>
#include <cloakroom/core/limits.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/core/wtf8.hpp>
#include <cloakroom/serializer/concept.hpp>
#include <cloakroom/serializer/json_plain_text.hpp>
#include <cloakroom/serializer/text_buffer.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace cloakroom::inline v0::serializer {

/// Writes JSON, byte for byte as Python's json.dumps(value, separators=(",", ":")) writes it
/// (S-440 to S-443). Throws TypeError past max_depth and max_payload_size.
class JsonWriter {
public:
    /// What has been written. The writer starts anew.
    std::string take() { return out_.take(); }

    void write(Value const& value)
    {
        value.visit([this](auto const& held) { write(held); });
    }

    void write(Dict const& dict)
    {
        enter();
        out_.append('{');
        for (bool first = true; auto const& [key, value] : dict) {
            if (!first)
                out_.append(',');
            first = false;
            write(key);
            out_.append(':');
            write(value);
        }
        out_.append('}');
        leave();
    }

    void write(Array const& array)
    {
        enter();
        out_.append('[');
        for (bool first = true; auto const& value : array) {
            if (!first)
                out_.append(',');
            first = false;
            write(value);
        }
        out_.append(']');
        leave();
    }

    /// An object that JsonSplitter has split, with the contents of the changed items in their places.
    void write(std::string_view text, std::vector<TextItem> const& items)
    {
        enter();
        std::size_t copied = 0;
        for (auto const& item : items) {
            if (!item.is_changed)
                continue;
            out_.append(text.substr(copied, item.value - copied));
            write(item.content);
            copied = item.value + item.value_size;
        }
        out_.append(text.substr(copied));
        leave();
    }

    void write(std::string const& text);
    void write(double number);
    void write(std::int64_t number) { write_integer(number); }
    void write(std::uint64_t number) { write_integer(number); }
    void write(bool value) { out_.append(value ? std::string_view{"true"} : std::string_view{"false"}); }
    void write(std::nullptr_t) { out_.append("null"); }
    void write(BigInteger const& number)
    {
        if (number.digits().size() > max_integer_digits + (number.digits().front() == '-' ? 1U : 0U))
            throw TypeError{"an integer of more than 4300 digits cannot be stored"};
        out_.append(number.digits());
    }

private:
    void enter()
    {
        if (++depth_ > max_depth)
            throw TypeError{"the session's data nest deeper than 512 levels"};
    }
    void leave()
    {
        --depth_;
        if (out_.size() > max_payload_size)
            throw TypeError{"the session's data take more than 16 MiB"};
    }

    template <class Integer>
    void write_integer(Integer number)
    {
        std::array<char, std::numeric_limits<Integer>::digits10 + 3> buffer;
        auto const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
        out_.append(std::string_view{buffer.data(), end});
    }
    std::size_t write_escape(std::string_view text);
    void write_unit(std::int32_t unit);

    TextBuffer out_;
    std::size_t depth_ = 0;
};

inline void JsonWriter::write(std::string const& text)
{
    out_.append('"');
    auto const* at = text.data();
    auto const* const end = at + text.size();
    while (true) {
        auto const* const plain_end = skip_plain(at, end);
        out_.append(std::string_view{at, plain_end});
        if (plain_end == end)
            break;
        at = plain_end + write_escape({plain_end, end});
    }
    out_.append('"');
}

/// Writes the first character of `text`, which is not plain, and returns its length.
inline std::size_t JsonWriter::write_escape(std::string_view text)
{
    std::size_t size = 0;
    switch (text.front()) {
    case '"':
        out_.append("\\\"");
        break;
    case '\\':
        out_.append("\\\\");
        break;
    case '\n':
        out_.append("\\n");
        break;
    case '\r':
        out_.append("\\r");
        break;
    case '\t':
        out_.append("\\t");
        break;
    case '\b':
        out_.append("\\b");
        break;
    case '\f':
        out_.append("\\f");
        break;
    default:
        auto const point = next_code_point(text, size);
        if (point < 0)
            throw TypeError{"a string that is not UTF-8 cannot be stored"};
        if (point >= 0x10000) {
            write_unit(0xD800 + (point - 0x10000) / 0x400);
            write_unit(0xDC00 + (point - 0x10000) % 0x400);
        } else {
            write_unit(point);
        }
        return size;
    }
    return 1;
}

inline void JsonWriter::write_unit(std::int32_t unit)
{
    auto const digit = [unit](int shift) { return hex_digits[static_cast<std::size_t>(unit >> shift & 15)]; };
    std::array<char, 6> const escape{'\\', 'u', digit(12), digit(8), digit(4), digit(0)};
    out_.append(std::string_view{escape.data(), escape.size()});
}

/// Python's repr: the shortest digits that read back equal, with an exponent from 1e16 up and below 1e-4
/// (S-442).
inline void JsonWriter::write(double number)
{
    if (std::isnan(number)) {
        out_.append("NaN");
        return;
    }
    if (std::isinf(number)) {
        out_.append(number < 0 ? "-Infinity" : "Infinity");
        return;
    }
    std::array<char, 32> buffer; // "-d.dddddddddddddddde-xxx"
    auto const end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::scientific)
            .ptr;
    std::string_view text{buffer.data(), static_cast<std::size_t>(end - buffer.data())};
    if (text.starts_with('-')) {
        out_.append('-');
        text.remove_prefix(1);
    }
    auto const e = text.rfind('e');
    auto const exponent_text = text.substr(e + 1);
    int exponent = 0;
    std::from_chars(exponent_text.data() + 1, exponent_text.data() + exponent_text.size(), exponent);
    if (exponent_text.front() == '-')
        exponent = -exponent;
    if (exponent < -4 || exponent >= 16) {
        out_.append(text);
        return;
    }
    std::array<char, 20> digits;
    digits[0] = text[0];
    std::size_t count = 1;
    for (std::size_t i = 2; i < e; ++i)
        digits[count++] = text[i];
    auto const zeros = [this](std::size_t how_many) {
        while (how_many-- > 0)
            out_.append('0');
    };
    if (exponent < 0) {
        out_.append("0.");
        zeros(static_cast<std::size_t>(-exponent - 1));
        out_.append(std::string_view{digits.data(), count});
        return;
    }
    auto const whole = static_cast<std::size_t>(exponent) + 1;
    out_.append(std::string_view{digits.data(), std::min(count, whole)});
    if (count <= whole) {
        zeros(whole - count);
        out_.append(".0");
    } else {
        out_.append('.');
        out_.append(std::string_view{digits.data() + whole, count - whole});
    }
}

} // namespace cloakroom::inline v0::serializer

#endif
