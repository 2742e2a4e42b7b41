// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_CLOCK_HPP
#define CLOAKROOM_CORE_CLOCK_HPP

#include <chrono>
#include <functional>

namespace cloakroom::inline v0 {

/// Every length of time in the library. Microseconds are what Django's tables and texts can hold.
using Duration = std::chrono::microseconds;

/// Every moment in the library: UTC, microseconds since 1970.
using TimePoint = std::chrono::sys_time<Duration>;

/// Where a Backend takes the time from. It is called from all threads.
using Clock = std::function<TimePoint()>;

/// The last moment that Python's datetime, and so a row shared with Django, can hold: 9999-12-31
/// 23:59:59.999999.
inline constexpr TimePoint latest_time{Duration{253'402'300'799'999'999}};

/// The first such moment: 0001-01-01 00:00:00.
inline constexpr TimePoint earliest_time{Duration{-62'135'596'800'000'000}};

/// The system's clock, truncated to microseconds.
inline TimePoint system_now()
{
    return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

/// `moment + length`, held between earliest_time and latest_time instead of overflowing.
constexpr TimePoint saturating_add(TimePoint moment, Duration length)
{
    if (length > Duration::zero())
        return length > latest_time - moment ? latest_time : moment + length;
    return length < earliest_time - moment ? earliest_time : moment + length;
}

} // namespace cloakroom::inline v0

#endif
