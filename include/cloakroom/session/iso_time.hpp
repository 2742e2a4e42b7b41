// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_ISO_TIME_HPP
#define CLOAKROOM_SESSION_ISO_TIME_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/date_time.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace cloakroom::inline v0 {

/// The moment as Python's isoformat writes it: `2026-05-28T20:31:40.123456+00:00`, the fraction only when
/// there is one (S-074).
inline std::string iso_time(TimePoint moment)
{
    std::string text{SqlTime{moment}.text()};
    text[10] = 'T';
    return text += "+00:00";
}

/// Reads the forms of ISO 8601 that Python's datetime.fromisoformat reads (S-084): extended and basic, dates
/// of weeks, any character between date and time, any number of decimals (cut off after six), an offset or
/// `Z`. A text without offset is UTC, so that no stored text can make a request fail (S-085).
class IsoTimeParser {
public:
    explicit constexpr IsoTimeParser(std::string_view text) : text_{text} {}

    constexpr std::optional<TimePoint> parse()
    {
        auto const day = parse_date();
        if (!day)
            return std::nullopt;
        auto moment = TimePoint{*day};
        if (text_.empty())
            return moment;
        text_.remove_prefix(separator_size());
        Duration time{};
        if (!parse_clock(time) || time >= std::chrono::hours{24})
            return std::nullopt;
        moment += time;
        if (text_ == "Z")
            return moment;
        if (text_.empty())
            return moment;
        auto const east = take('+');
        Duration offset{};
        if ((!east && !take('-')) || !parse_clock(offset) || !text_.empty() ||
            offset >= std::chrono::hours{24})
            return std::nullopt;
        return east ? moment - offset : moment + offset;
    }

private:
    constexpr bool take(char expected)
    {
        if (!text_.starts_with(expected))
            return false;
        text_.remove_prefix(1);
        return true;
    }

    /// YYYY-MM-DD, YYYYMMDD, YYYY-Www, YYYY-Www-D, YYYYWww or YYYYWwwD.
    constexpr std::optional<std::chrono::sys_days> parse_date()
    {
        namespace chrono = std::chrono;
        CivilTime civil;
        if (!read_digits<4>(text_, civil.year))
            return std::nullopt;
        auto const extended = take('-');
        if (take('W')) {
            unsigned week = 0;
            unsigned weekday = 1;
            if (!read_digits<2>(text_, week))
                return std::nullopt;
            auto const with_day =
                extended ? text_.size() >= 2 && text_[0] == '-' && text_[1] >= '0' && text_[1] <= '9'
                         : !text_.empty() && text_[0] >= '0' && text_[0] <= '9';
            if (with_day && ((extended && !take('-')) || !read_digits<1>(text_, weekday)))
                return std::nullopt;
            // Week 1 has the year's first Thursday, so 4 January is always in it.
            auto const first = [](unsigned year) {
                auto const january_4 = chrono::sys_days{chrono::year{static_cast<int>(year)} / 1 / 4};
                return january_4 - (chrono::weekday{january_4} - chrono::Monday);
            };
            auto const day =
                first(civil.year) + chrono::weeks{week} - chrono::weeks{1} + chrono::days{weekday - 1};
            if (week == 0 || weekday == 0 || weekday > 7 ||
                day >= first(civil.year + 1) + chrono::days{weekday - 1})
                return std::nullopt;
            return day;
        }
        if (!read_digits<2>(text_, civil.month) || (extended && !take('-')) ||
            !read_digits<2>(text_, civil.day))
            return std::nullopt;
        auto const day = time_point(civil);
        return day ? std::optional{chrono::floor<chrono::days>(*day)} : std::nullopt;
    }

    /// HH, HH:MM, HH:MM:SS, HH:MM:SS.ffffff, or the same without colons.
    constexpr bool parse_clock(Duration& time)
    {
        unsigned hour = 0;
        unsigned minute = 0;
        unsigned second = 0;
        unsigned microsecond = 0;
        if (!read_digits<2>(text_, hour))
            return false;
        auto const colon = take(':');
        auto const digit_follows = [this] { return !text_.empty() && text_[0] >= '0' && text_[0] <= '9'; };
        if (colon || digit_follows()) {
            if (!read_digits<2>(text_, minute))
                return false;
            if (colon ? take(':') : digit_follows()) {
                if (!read_digits<2>(text_, second))
                    return false;
                if ((take('.') || take(',')) && !parse_fraction(microsecond))
                    return false;
            }
        }
        if (minute > 59 || second > 59)
            return false;
        time = std::chrono::hours{hour} + std::chrono::minutes{minute} + std::chrono::seconds{second} +
               Duration{microsecond};
        return true;
    }

    constexpr bool parse_fraction(unsigned& microsecond)
    {
        auto scale = 100'000U;
        auto const before = text_.size();
        for (unsigned digit = 0; read_digits<1>(text_, digit); scale /= 10)
            microsecond += digit * scale;
        return text_.size() != before;
    }

    /// Any one character stands between date and time, also one of several bytes.
    constexpr std::size_t separator_size() const
    {
        std::size_t size = 1;
        while (size < text_.size() && (static_cast<unsigned char>(text_[size]) & 0xC0U) == 0x80U)
            ++size;
        return size;
    }

    std::string_view text_;
};

/// The moment that the text names, or nothing.
constexpr std::optional<TimePoint> parse_iso_time(std::string_view text)
{
    return IsoTimeParser{text}.parse();
}

} // namespace cloakroom::inline v0

#endif
