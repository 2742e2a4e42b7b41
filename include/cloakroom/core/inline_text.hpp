// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_INLINE_TEXT_HPP
#define CLOAKROOM_CORE_INLINE_TEXT_HPP

#include <cloakroom/core/error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cloakroom::inline v0 {

/// A text of at most `Capacity` bytes that lives within its owner, so that the owner can be a constant
/// expression.
template <std::size_t Capacity>
class InlineText {
public:
    constexpr InlineText() = default;
    /// A longer text is ImproperlyConfigured, or no constant expression.
    constexpr InlineText(std::string_view text) : size_{static_cast<std::uint16_t>(text.size())}
    {
        if (text.size() > Capacity)
            throw ImproperlyConfigured{"a text of the settings is longer than " + std::to_string(Capacity) +
                                       " bytes: " + std::string{text.substr(0, 40)} + "..."};
        std::copy(text.begin(), text.end(), text_);
    }
    constexpr InlineText(char const* text) : InlineText{std::string_view{text}} {}
    InlineText(std::string const& text) : InlineText{std::string_view{text}} {}

    constexpr std::string_view view() const noexcept { return {text_, size_}; }
    constexpr operator std::string_view() const noexcept { return view(); }
    constexpr bool empty() const noexcept { return size_ == 0; }

    friend constexpr bool operator==(InlineText const& a, InlineText const& b) noexcept
    {
        return a.view() == b.view();
    }
    friend constexpr bool operator==(InlineText const& a, std::string_view b) noexcept
    {
        return a.view() == b;
    }
    friend constexpr bool operator==(InlineText const& a, char const* b) noexcept { return a.view() == b; }

private:
    static_assert(Capacity < 65536);

    char text_[Capacity]{};
    std::uint16_t size_ = 0;
};

} // namespace cloakroom::inline v0

#endif
