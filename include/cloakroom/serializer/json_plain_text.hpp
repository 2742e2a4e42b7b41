// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_JSON_PLAIN_TEXT_HPP
#define CLOAKROOM_SERIALIZER_JSON_PLAIN_TEXT_HPP

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace cloakroom::inline v0::serializer {

/// Whether Python's json writes the character into a string as it is (S-441).
constexpr bool is_plain(char c) noexcept
{
    return c >= ' ' && c < '\x7f' && c != '"' && c != '\\';
}

/// The number of characters at the beginning of `text` that are plain. Eight at a time.
inline std::size_t plain_prefix(std::string_view text) noexcept
{
    constexpr std::uint64_t each = 0x0101010101010101U;
    constexpr std::uint64_t high = 0x80 * each;
    std::size_t at = 0;
    for (std::uint64_t word = 0; at + sizeof word <= text.size(); at += sizeof word) {
        std::memcpy(&word, text.data() + at, sizeof word);
        // A byte's high bit comes out set if the byte is below a space, a quote, a backslash, DEL, or not
        // ASCII.
        auto const below_space = word - 0x20 * each;
        auto const quote = (word ^ '"' * each) - each;
        auto const backslash = (word ^ '\\' * each) - each;
        auto const del = word + each;
        if (((below_space | quote | backslash | del | word) & high) != 0)
            break;
    }
    while (at < text.size() && is_plain(text[at]))
        ++at;
    return at;
}

} // namespace cloakroom::inline v0::serializer

#endif
