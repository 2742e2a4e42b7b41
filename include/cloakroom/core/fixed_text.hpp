// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_FIXED_TEXT_HPP
#define CLOAKROOM_CORE_FIXED_TEXT_HPP

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace cloakroom::inline v0 {

/// A text literal that can be a template argument: `field<"visit", int>`.
template <std::size_t Size>
struct FixedText {
    consteval FixedText(char const (&literal)[Size]) { std::copy_n(literal, Size, text); }

    constexpr std::string_view view() const noexcept { return {text, Size - 1}; }

    char text[Size]{}; ///< with the zero at its end; public, as template arguments want it
};

} // namespace cloakroom::inline v0

#endif
