// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_RANDOM_TEXT_HPP
#define CLOAKROOM_CORE_RANDOM_TEXT_HPP

#include <cloakroom/core/random.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cloakroom::inline v0 {

/// The 62 characters of Django's get_random_string; 22 of them hold 130 bits (S-707).
inline constexpr std::string_view letters_and_digits =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// `size` letters and digits from the system's generator, each equally likely.
inline std::string random_text(std::size_t size)
{
    // Bytes from 248 = 4 * 62 on would favour the first letters, so others are drawn in their place.
    constexpr std::size_t unbiased = 256 / letters_and_digits.size() * letters_and_digits.size();
    std::string text;
    text.reserve(size);
    while (text.size() < size) {
        std::array<std::uint8_t, 48> bytes;
        random_bytes(bytes);
        for (auto const byte : bytes)
            if (byte < unbiased && text.size() < size)
                text += letters_and_digits[byte % letters_and_digits.size()];
    }
    return text;
}

} // namespace cloakroom::inline v0

#endif
