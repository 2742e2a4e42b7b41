// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_INLINE_TEXT_HPP
#define CLOAKROOM_CORE_INLINE_TEXT_HPP

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
    /// Of a longer text only the beginning is kept, and is_too_long() says so to whoever checks the owner.
    constexpr InlineText(std::string_view text)
        : size_{static_cast<std::uint16_t>(std::min(text.size(), Capacity))},
          is_too_long_{text.size() > Capacity}
    {
        std::copy_n(text.begin(), size_, text_);
    }
    /// A null pointer counts as empty; std::getenv gives one for a variable that is not set.
    constexpr InlineText(char const* text) : InlineText{std::string_view{text == nullptr ? "" : text}} {}
    InlineText(std::string const& text) : InlineText{std::string_view{text}} {}

    constexpr std::string_view view() const noexcept { return {text_, size_}; }
    constexpr operator std::string_view() const noexcept { return view(); }
    constexpr bool empty() const noexcept { return size_ == 0; }
    constexpr bool is_too_long() const noexcept { return is_too_long_; }

    friend constexpr bool operator==(InlineText const& a, InlineText const& b) noexcept
    {
        return a.view() == b.view();
    }
    friend constexpr bool operator==(InlineText const& a, std::string_view b) noexcept
    {
        return a.view() == b;
    }
    friend constexpr bool operator==(InlineText const& a, char const* b) noexcept
    {
        return a.view() == (b == nullptr ? "" : b);
    }

private:
    static_assert(Capacity < 65536);

    char text_[Capacity]{};
    std::uint16_t size_ = 0;
    bool is_too_long_ = false;
};

} // namespace cloakroom::inline v0

#endif
