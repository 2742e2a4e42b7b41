// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_HTTP_DATE_HPP
#define CLOAKROOM_HTTP_DATE_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/date_time.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace cloakroom::inline v0::http {

/// A moment as HTTP headers write it: `Thu, 28 May 2026 20:26:40 GMT` (S-344). English whatever the locale
/// is, fractions of a second cut off. Moments outside of the years 1 to 9999 become the nearest inside. Does
/// not allocate.
class HttpDate {
public:
    constexpr explicit HttpDate(TimePoint moment);

    /// Valid as long as this object.
    constexpr std::string_view text() const { return {text_.data(), text_.size()}; }

private:
    std::array<char, 29> text_{};
};

constexpr HttpDate::HttpDate(TimePoint moment)
{
    constexpr std::string_view weekdays = "SunMonTueWedThuFriSat";
    constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";

    auto const civil = civil_time(moment);
    char* out = text_.data();
    auto const append = [&out](std::string_view text) { out = std::copy(text.begin(), text.end(), out); };
    append(weekdays.substr(civil.weekday * 3, 3));
    append(", ");
    out = write_digits<2>(out, civil.day);
    append(" ");
    append(months.substr((civil.month - 1) * 3, 3));
    append(" ");
    out = write_digits<4>(out, civil.year);
    append(" ");
    out = write_digits<2>(out, civil.hour);
    append(":");
    out = write_digits<2>(out, civil.minute);
    append(":");
    out = write_digits<2>(out, civil.second);
    append(" GMT");
}

} // namespace cloakroom::inline v0::http

#endif
