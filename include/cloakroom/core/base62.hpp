// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_BASE62_HPP
#define CLOAKROOM_CORE_BASE62_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace cloakroom::inline v0 {

/// A whole number in base 62, digits 0-9 A-Z a-z, the most significant first, '-' before a negative one
/// (S-416).
class Base62 {
public:
    explicit constexpr Base62(std::int64_t number) noexcept
    {
        auto rest = number < 0 ? 0 - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number);
        do {
            text_[--begin_] = digits[rest % 62];
            rest /= 62;
        } while (rest != 0);
        if (number < 0)
            text_[--begin_] = '-';
    }

    /// Valid as long as this object is.
    constexpr std::string_view text() const noexcept
    {
        return std::string_view{text_.data(), text_.size()}.substr(begin_);
    }

    /// The number of a text, leading zeros and "-" for 0 included; nothing when it is empty, has another
    /// character or needs more than 64 bits.
    static constexpr std::optional<std::int64_t> decode(std::string_view text) noexcept;

private:
    static constexpr std::string_view digits =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    static constexpr unsigned value_of(char digit) noexcept
    {
        if (digit >= '0' && digit <= '9')
            return static_cast<unsigned>(digit - '0');
        if (digit >= 'A' && digit <= 'Z')
            return static_cast<unsigned>(digit - 'A') + 10;
        if (digit >= 'a' && digit <= 'z')
            return static_cast<unsigned>(digit - 'a') + 36;
        return 62;
    }

    std::array<char, 12> text_{}; // 62^11 > 2^63, and a sign
    std::size_t begin_ = 12;
};

constexpr std::optional<std::int64_t> Base62::decode(std::string_view text) noexcept
{
    if (text.empty())
        return std::nullopt;
    auto const negative = text.front() == '-';
    if (negative)
        text.remove_prefix(1);
    auto const limit =
        static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) + (negative ? 1 : 0);
    std::uint64_t number = 0;
    for (auto const digit : text) {
        auto const value = value_of(digit);
        if (value == 62 || number > (limit - value) / 62)
            return std::nullopt;
        number = number * 62 + value;
    }
    return static_cast<std::int64_t>(negative ? 0 - number : number);
}

} // namespace cloakroom::inline v0

#endif
