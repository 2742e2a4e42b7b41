// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_WTF8_HPP
#define CLOAKROOM_CORE_WTF8_HPP

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace cloakroom::inline v0 {

/// WTF-8 is UTF-8 in which a lone surrogate may stand, as three bytes. Python's strings can hold one and its
/// json writes it, so ours can too. A surrogate pair always has its four-byte form.

/// Reads the code point that begins at `text[at]` and moves `at` behind it. Returns -1, `at` unmoved, where
/// the bytes are no WTF-8 (a pair in two three-byte halves is judged by is_wtf8, not here). Precondition: at
/// < size.
constexpr std::int32_t next_code_point(std::string_view text, std::size_t& at) noexcept
{
    auto const byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    auto const tail = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xC0U) == 0x80U; };
    auto const bits = [&](std::size_t i) { return static_cast<std::int32_t>(byte(i) & 0x3FU); };
    auto const lead = byte(at);
    if (lead < 0x80U) {
        ++at;
        return lead;
    }
    if (lead >= 0xC2U && lead < 0xE0U && tail(at + 1)) {
        auto const point = (lead & 0x1F) << 6 | bits(at + 1);
        at += 2;
        return point;
    }
    if (lead >= 0xE0U && lead < 0xF0U && tail(at + 1) && tail(at + 2)) {
        auto const point = (lead & 0x0F) << 12 | bits(at + 1) << 6 | bits(at + 2);
        if (point < 0x800)
            return -1;
        at += 3;
        return point;
    }
    if (lead >= 0xF0U && lead < 0xF5U && tail(at + 1) && tail(at + 2) && tail(at + 3)) {
        auto const point = (lead & 0x07) << 18 | bits(at + 1) << 12 | bits(at + 2) << 6 | bits(at + 3);
        if (point < 0x10000 || point > 0x10FFFF)
            return -1;
        at += 4;
        return point;
    }
    return -1;
}

constexpr bool is_high_surrogate(std::int32_t point) noexcept
{
    return point >= 0xD800 && point < 0xDC00;
}
constexpr bool is_low_surrogate(std::int32_t point) noexcept
{
    return point >= 0xDC00 && point < 0xE000;
}

constexpr std::int32_t join_surrogates(std::int32_t high, std::int32_t low) noexcept
{
    return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
}

inline void append_code_point(std::string& text, std::int32_t point)
{
    auto const put = [&](std::int32_t byte) { text += static_cast<char>(byte); };
    if (point < 0x80) {
        put(point);
    } else if (point < 0x800) {
        put(0xC0 | point >> 6);
        put(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
        put(0xE0 | point >> 12);
        put(0x80 | (point >> 6 & 0x3F));
        put(0x80 | (point & 0x3F));
    } else {
        put(0xF0 | point >> 18);
        put(0x80 | (point >> 12 & 0x3F));
        put(0x80 | (point >> 6 & 0x3F));
        put(0x80 | (point & 0x3F));
    }
}

/// A number of leading bytes that are all ASCII; up to seven more may be. Sessions are nearly always ASCII.
constexpr std::size_t ascii_prefix(std::string_view text) noexcept
{
    std::size_t at = 0;
    if (!std::is_constant_evaluated())
        for (std::uint64_t word = 0; at + sizeof word <= text.size(); at += sizeof word) {
            std::memcpy(&word, text.data() + at, sizeof word);
            if ((word & 0x8080808080808080U) != 0)
                return at;
        }
    while (at < text.size() && static_cast<std::uint8_t>(text[at]) < 0x80U)
        ++at;
    return at;
}

constexpr bool is_wtf8(std::string_view text) noexcept
{
    auto at = ascii_prefix(text);
    for (std::int32_t previous = 0; at < text.size();) {
        auto const point = next_code_point(text, at);
        if (point < 0 || (is_high_surrogate(previous) && is_low_surrogate(point)))
            return false;
        previous = point;
    }
    return true;
}

/// Appends WTF-8 to WTF-8; a surrogate pair that meets at the seam takes its four-byte form.
inline void append_wtf8(std::string& text, std::string_view more)
{
    constexpr std::size_t surrogate_size = 3;
    if (text.size() >= surrogate_size && more.size() >= surrogate_size) {
        auto tail = text.size() - surrogate_size;
        std::size_t head = 0;
        auto const at = tail;
        if (auto const high = next_code_point(text, tail); is_high_surrogate(high))
            if (auto const low = next_code_point(more, head); is_low_surrogate(low)) {
                text.resize(at);
                append_code_point(text, join_surrogates(high, low));
                more.remove_prefix(head);
            }
    }
    text += more;
}

} // namespace cloakroom::inline v0

#endif
