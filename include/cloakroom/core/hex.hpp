// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_HEX_HPP
#define CLOAKROOM_CORE_HEX_HPP

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace cloakroom::inline v0 {

inline constexpr std::string_view hex_digits = "0123456789abcdef";

/// Appends two lower-case digits for each byte.
inline void append_hex(std::string& text, std::span<std::uint8_t const> bytes)
{
    text.reserve(text.size() + 2 * bytes.size());
    for (auto const byte : bytes) {
        text += hex_digits[byte >> 4];
        text += hex_digits[byte & 15];
    }
}

} // namespace cloakroom::inline v0

#endif
