// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SIGNER_TIMESTAMP_HPP
#define CLOAKROOM_SIGNER_TIMESTAMP_HPP

#include <cloakroom/core/base62.hpp>
#include <cloakroom/core/clock.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace cloakroom::inline v0::signing {

/// The moment as a signed text carries it: whole seconds since 1970 in base 62, fractions cut off (S-412).
/// Moments outside the years 1 to 9999 count as the nearest one inside.
constexpr Base62 timestamp(TimePoint moment) noexcept
{
    auto const known = std::clamp(moment, earliest_time, latest_time);
    return Base62{std::chrono::duration_cast<std::chrono::seconds>(known.time_since_epoch()).count()};
}

/// The moment of a timestamp, held within the years 1 to 9999.
constexpr TimePoint moment(std::int64_t timestamp) noexcept
{
    using std::chrono::seconds;
    return TimePoint{std::clamp(seconds{timestamp},
                                std::chrono::ceil<seconds>(earliest_time.time_since_epoch()),
                                std::chrono::floor<seconds>(latest_time.time_since_epoch()))};
}

/// The time from a timestamp's second to `now`, fractions of `now` included; negative for one from the future
/// (S-413, S-414). A timestamp far outside the years 1 to 9999 counts as one just as good or bad.
constexpr Duration age(std::int64_t timestamp, TimePoint now) noexcept
{
    constexpr std::int64_t far_away = 1'000'000'000'000; // seconds, some 30,000 years
    auto const seconds = std::chrono::seconds{std::clamp(timestamp, -far_away, far_away)};
    return std::clamp(now, earliest_time, latest_time).time_since_epoch() - seconds;
}

} // namespace cloakroom::inline v0::signing

#endif
