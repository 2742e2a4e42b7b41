// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_DATE_TIME_HPP
#define CLOAKROOM_CORE_DATE_TIME_HPP

#include <cloakroom/core/clock.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cloakroom::inline v0 {

/// A moment split as a calendar and a clock on the wall show it, in UTC.
struct CivilTime {
    unsigned year = 1970;     ///< 1 to 9999
    unsigned month = 1;       ///< 1 to 12
    unsigned day = 1;         ///< 1 to 31
    unsigned hour = 0;        ///< 0 to 23
    unsigned minute = 0;      ///< 0 to 59
    unsigned second = 0;      ///< 0 to 59, there are no leap seconds
    unsigned microsecond = 0; ///< 0 to 999,999
    unsigned weekday = 4;     ///< 0 to 6, Sunday is 0

    friend bool operator==(CivilTime const&, CivilTime const&) = default;
};

/// The moment as a calendar date and a time of day. Held between earliest_time and latest_time.
constexpr CivilTime civil_time(TimePoint moment);

/// The moment that a calendar date and a time of day name, or nothing if there is no such date or time.
/// The weekday is not looked at.
constexpr std::optional<TimePoint> time_point(CivilTime const& civil);

/// Writes the last `width` decimal digits of a number, leading zeros included, and returns the end.
template <int width>
constexpr char* write_digits(char* out, unsigned value);

/// Reads exactly `width` decimal digits and steps behind them; false, with nothing promised about the rest,
/// when there are none.
template <int width>
constexpr bool read_digits(std::string_view& text, unsigned& value);

/// A deadline as Django's tables hold it in SQLite and MySQL (S-523). A value of its own; does not allocate.
class SqlTime {
public:
    /// Moments outside of Python's datetime become the nearest inside.
    constexpr explicit SqlTime(TimePoint moment);

    /// `YYYY-MM-DD HH:MM:SS`, then `.ffffff` if there are microseconds (S-523). Texts order as their moments
    /// (S-524). Valid as long as this object.
    constexpr std::string_view text() const { return {text_.data(), size_}; }

    /// Reads exactly what text() writes; any other text is nothing.
    static constexpr std::optional<TimePoint> parse(std::string_view text);

private:
    std::array<char, 26> text_{};
    std::size_t size_ = 0;
};

constexpr CivilTime civil_time(TimePoint moment)
{
    moment = std::clamp(moment, earliest_time, latest_time);
    auto const day = std::chrono::floor<std::chrono::days>(moment);
    std::chrono::year_month_day const date{day};
    auto const time = static_cast<std::uint64_t>((moment - day).count());
    auto const seconds = static_cast<unsigned>(time / 1'000'000);
    return {.year = static_cast<unsigned>(static_cast<int>(date.year())),
            .month = static_cast<unsigned>(date.month()),
            .day = static_cast<unsigned>(date.day()),
            .hour = seconds / 3600,
            .minute = seconds / 60 % 60,
            .second = seconds % 60,
            .microsecond = static_cast<unsigned>(time % 1'000'000),
            .weekday = std::chrono::weekday{day}.c_encoding()};
}

constexpr std::optional<TimePoint> time_point(CivilTime const& civil)
{
    std::chrono::year_month_day const date{std::chrono::year{static_cast<int>(civil.year)},
                                           std::chrono::month{civil.month}, std::chrono::day{civil.day}};
    if (civil.year < 1 || civil.year > 9999 || !date.ok() || civil.hour > 23 || civil.minute > 59 ||
        civil.second > 59 || civil.microsecond > 999'999)
        return std::nullopt;
    return TimePoint{std::chrono::sys_days{date}} + std::chrono::hours{civil.hour} +
           std::chrono::minutes{civil.minute} + std::chrono::seconds{civil.second} +
           Duration{civil.microsecond};
}

template <int width>
constexpr char* write_digits(char* out, unsigned value)
{
    for (int i = width; i-- > 0; value /= 10)
        out[i] = static_cast<char>('0' + value % 10);
    return out + width;
}

template <int width>
constexpr bool read_digits(std::string_view& text, unsigned& value)
{
    if (text.size() < width)
        return false;
    value = 0;
    for (char const c : text.substr(0, width)) {
        if (c < '0' || c > '9')
            return false;
        value = value * 10 + static_cast<unsigned>(c - '0');
    }
    text.remove_prefix(width);
    return true;
}

constexpr SqlTime::SqlTime(TimePoint moment)
{
    auto const civil = civil_time(moment);
    char* out = write_digits<4>(text_.data(), civil.year);
    *out++ = '-';
    out = write_digits<2>(out, civil.month);
    *out++ = '-';
    out = write_digits<2>(out, civil.day);
    *out++ = ' ';
    out = write_digits<2>(out, civil.hour);
    *out++ = ':';
    out = write_digits<2>(out, civil.minute);
    *out++ = ':';
    out = write_digits<2>(out, civil.second);
    if (civil.microsecond != 0) {
        *out++ = '.';
        out = write_digits<6>(out, civil.microsecond);
    }
    size_ = static_cast<std::size_t>(out - text_.data());
}

constexpr std::optional<TimePoint> SqlTime::parse(std::string_view text)
{
    constexpr std::string_view form = "0000-00-00 00:00:00.000000";
    if (text.size() != 19 && text.size() != form.size())
        return std::nullopt;
    bool good = true;
    auto const digit = [&](std::size_t place) {
        auto const value = static_cast<unsigned char>(text[place] - '0');
        good &= value < 10;
        return unsigned{value};
    };
    auto const two = [&](std::size_t place) { return digit(place) * 10 + digit(place + 1); };
    CivilTime civil{.year = two(0) * 100 + two(2),
                    .month = two(5),
                    .day = two(8),
                    .hour = two(11),
                    .minute = two(14),
                    .second = two(17)};
    good &= text[4] == form[4] && text[7] == form[7] && text[10] == form[10] && text[13] == form[13] &&
            text[16] == form[16];
    if (text.size() == form.size()) {
        civil.microsecond = two(20) * 10'000 + two(22) * 100 + two(24);
        good &= text[19] == form[19] && civil.microsecond != 0;
    }
    return good ? time_point(civil) : std::nullopt;
}

} // namespace cloakroom::inline v0

#endif
