// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_BIG_INTEGER_HPP
#define CLOAKROOM_CORE_BIG_INTEGER_HPP

#include <algorithm>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cloakroom::inline v0 {

/// An integer of any size, kept as its decimal digits: Python has them, so a session must bring them back
/// unchanged. No arithmetic.
class BigInteger {
public:
    /// `digits` with an optional minus before them, or nothing where the text is something else. Leading
    /// zeros go.
    static std::optional<BigInteger> parse(std::string_view digits);

    /// The shortest decimal form.
    std::string const& digits() const noexcept { return digits_; }

    std::optional<std::int64_t> as_int64() const { return as<std::int64_t>(); }
    std::optional<std::uint64_t> as_uint64() const { return as<std::uint64_t>(); }

    friend bool operator==(BigInteger const&, BigInteger const&) = default;

private:
    explicit BigInteger(std::string digits) : digits_{std::move(digits)} {}

    template <std::integral Integer>
    std::optional<Integer> as() const
    {
        Integer number{};
        auto const* const end = digits_.data() + digits_.size();
        auto const [stop, error] = std::from_chars(digits_.data(), end, number);
        if (error != std::errc{} || stop != end)
            return std::nullopt;
        return number;
    }

    std::string digits_;
};

inline std::optional<BigInteger> BigInteger::parse(std::string_view digits)
{
    auto const negative = digits.starts_with('-');
    if (negative)
        digits.remove_prefix(1);
    if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos)
        return std::nullopt;
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size() - 1));
    std::string text{negative && digits != "0" ? "-" : ""};
    text += digits;
    return BigInteger{std::move(text)};
}

} // namespace cloakroom::inline v0

#endif
