// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_RECORD_MOMENT_HPP
#define CLOAKROOM_STORAGE_RECORD_MOMENT_HPP

#include <cloakroom/core/clock.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cloakroom::inline v0::storage::detail {

/// A deadline as it stands before the payload in a cache: `cr1:`, 18 digits of microseconds since 1970, a
/// colon. The digits order as their moments. What is before 1970 becomes 1970, which is as dead; what is
/// after latest_time becomes that.
class RecordMoment {
public:
    static constexpr std::size_t header_size = 23;

    explicit RecordMoment(TimePoint moment)
    {
        auto const count = std::clamp(moment, TimePoint{}, latest_time).time_since_epoch().count();
        put(first, count / high_half);
        put(first + half, count % high_half);
    }

    /// Both are valid as long as this object.
    std::string_view text() const { return header().substr(first, 2 * half); }
    std::string_view header() const { return {header_.data(), header_.size()}; }

    /// Reads what text() writes; any other text is nothing.
    static std::optional<TimePoint> parse(std::string_view text)
    {
        if (text.size() != 2 * half)
            return std::nullopt;
        auto is_number = true;
        auto const count =
            take(text.substr(0, half), is_number) * high_half + take(text.substr(half), is_number);
        if (!is_number)
            return std::nullopt;
        return TimePoint{Duration{count}};
    }

    /// Reads what begins as header() does.
    static std::optional<TimePoint> parse_header(std::string_view value)
    {
        if (value.size() < header_size || !value.starts_with("cr1:") || value[header_size - 1] != ':')
            return std::nullopt;
        return parse(value.substr(first, 2 * half));
    }

private:
    // Halves of nine digits fit into 32 bits, which are quick to take apart.
    static constexpr std::size_t first = 4;
    static constexpr std::size_t half = 9;
    static constexpr std::int64_t high_half = 1'000'000'000;

    void put(std::size_t start, std::int64_t number)
    {
        auto rest = static_cast<std::uint32_t>(number);
        for (auto place = start + half; place-- > start; rest /= 10)
            header_[place] = static_cast<char>('0' + rest % 10);
    }
    static std::int64_t take(std::string_view digits, bool& is_number)
    {
        std::uint32_t number = 0;
        for (auto const c : digits) {
            auto const digit = static_cast<std::uint32_t>(c) - '0';
            is_number &= digit <= 9;
            number = 10 * number + digit;
        }
        return number;
    }

    std::array<char, header_size> header_{'c', 'r', '1', ':', '0', '0', '0', '0', '0', '0', '0', '0',
                                          '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', ':'};
};

} // namespace cloakroom::inline v0::storage::detail

#endif
