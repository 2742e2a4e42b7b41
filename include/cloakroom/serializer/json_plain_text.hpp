// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_JSON_PLAIN_TEXT_HPP
#define CLOAKROOM_SERIALIZER_JSON_PLAIN_TEXT_HPP

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace cloakroom::inline v0::serializer {

/// Whether Python's json writes the character into a string as it is (S-441).
constexpr bool is_plain(char c) noexcept
{
    return c >= ' ' && c < '\x7f' && c != '"' && c != '\\';
}

/// The end of the plain characters from `at` on. As many at a time as the processor takes.
inline char const* skip_plain(char const* at, char const* end) noexcept
{
#if defined(__x86_64__)
    using Bytes __attribute__((vector_size(16))) = signed char; // what is not ASCII is below zero
    for (Bytes bytes; end - at >= static_cast<std::ptrdiff_t>(sizeof bytes); at += sizeof bytes) {
        std::memcpy(&bytes, at, sizeof bytes);
        auto const special = (bytes < ' ') | (bytes == '"') | (bytes == '\\') | (bytes == '\x7f');
        using Mask __attribute__((vector_size(16))) = char;
        auto const found = static_cast<unsigned>(__builtin_ia32_pmovmskb128(reinterpret_cast<Mask>(special)));
        if (found != 0)
            return at + std::countr_zero(found);
    }
#endif
    constexpr std::uint64_t each = 0x0101010101010101U;
    constexpr std::uint64_t high = 0x80 * each;
    for (std::uint64_t word = 0; end - at >= static_cast<std::ptrdiff_t>(sizeof word); at += sizeof word) {
        std::memcpy(&word, at, sizeof word);
        // A byte's high bit comes out set if the byte is below a space, a quote, a backslash, DEL, or not
        // ASCII.
        auto const below_space = word - 0x20 * each;
        auto const quote = (word ^ '"' * each) - each;
        auto const backslash = (word ^ '\\' * each) - each;
        auto const del = word + each;
        if (auto const found = (below_space | quote | backslash | del | word) & high; found != 0) {
            // The lowest mark is right; a borrow can only mark bytes above it.
            if constexpr (std::endian::native == std::endian::little)
                return at + std::countr_zero(found) / 8;
            break;
        }
    }
    while (at != end && is_plain(*at))
        ++at;
    return at;
}

} // namespace cloakroom::inline v0::serializer

#endif
