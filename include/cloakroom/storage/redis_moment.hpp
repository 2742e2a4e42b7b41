// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_REDIS_MOMENT_HPP
#define CLOAKROOM_STORAGE_REDIS_MOMENT_HPP

#include <cloakroom/core/clock.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cloakroom::inline v0::storage::detail {

/// A moment as the scripts have it: 18 digits of microseconds since 1970, so that texts order as their
/// moments. What is before 1970 becomes 1970, which is as dead; what is after latest_time becomes that.
class RedisMoment {
public:
    /// What stands before the payload in RedisFormat::record: `cr1:`, the digits, a colon.
    static constexpr std::size_t header_size = 23;

    explicit RedisMoment(TimePoint moment)
    {
        auto rest = std::clamp(moment, TimePoint{}, latest_time).time_since_epoch().count();
        for (auto place = first + digits; place-- > first; rest /= 10)
            header_[place] = static_cast<char>('0' + rest % 10);
    }

    /// The first whole millisecond that is not before the moment, but before latest_time.
    static RedisMoment after(TimePoint moment)
    {
        return RedisMoment{std::chrono::ceil<std::chrono::milliseconds>(
            std::clamp(moment, TimePoint{}, latest_time - std::chrono::milliseconds{1}))};
    }

    /// These three are valid as long as this object.
    std::string_view text() const { return header().substr(first, digits); }
    std::string_view header() const { return {header_.data(), header_.size()}; }
    /// Whole milliseconds since 1970, cut off, as a number without leading zeros.
    std::string_view milliseconds() const
    {
        auto const all = text().substr(0, digits - 3);
        return all.substr(std::min(all.find_first_not_of('0'), all.size() - 1));
    }

    /// Reads what text() writes; any other text is nothing.
    static std::optional<TimePoint> parse(std::string_view text)
    {
        std::int64_t count = 0;
        auto const* const end = text.data() + text.size();
        if (text.size() != digits || text.front() == '-' ||
            std::from_chars(text.data(), end, count).ptr != end)
            return std::nullopt;
        return TimePoint{Duration{count}};
    }

    /// Reads what begins as header() does.
    static std::optional<TimePoint> parse_header(std::string_view value)
    {
        if (value.size() < header_size || !value.starts_with("cr1:") || value[header_size - 1] != ':')
            return std::nullopt;
        return parse(value.substr(first, digits));
    }

private:
    static constexpr std::size_t first = 4;
    static constexpr std::size_t digits = 18;

    std::array<char, header_size> header_{'c', 'r', '1', ':', '0', '0', '0', '0', '0', '0', '0', '0',
                                          '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', ':'};
};

} // namespace cloakroom::inline v0::storage::detail

#endif
