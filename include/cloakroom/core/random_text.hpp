// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_RANDOM_TEXT_HPP
#define CLOAKROOM_CORE_RANDOM_TEXT_HPP

#include <cloakroom/core/random.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace cloakroom::inline v0 {

/// The 62 characters of Django's get_random_string; 22 of them hold 130 bits (S-707).
inline constexpr std::string_view letters_and_digits =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// `size` letters and digits from the system's generator, each equally likely.
inline std::string random_text(std::size_t size)
{
    std::string text(size, '\0');
    fill_with_random<letters_and_digits.size()>(text, [](std::size_t i) { return letters_and_digits[i]; });
    return text;
}

} // namespace cloakroom::inline v0

#endif
