// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_FILE_TIME_HPP
#define CLOAKROOM_STORAGE_FILE_TIME_HPP

#include <cloakroom/core/clock.hpp>

#include <algorithm>
#include <chrono>
#include <ctime>

namespace cloakroom::inline v0::storage::detail {

/// A moment as the time of a file.
///
/// File systems hold moments from 1901 to 2446 or so, deadlines go from the year 1 to 9999. A moment before
/// 1902 becomes the beginning of 1902, which is as dead. One from 2400 on is written within the ten years
/// that begin there, and the nanoseconds below its microseconds count the decades to add; who does not know
/// that, as Django, sees a deadline centuries ahead, which it is.
class FileTime {
public:
    static timespec from(TimePoint moment)
    {
        using namespace std::chrono;
        moment = std::max(moment, first);
        nanoseconds::rep decades = 0;
        if (moment >= far) {
            decades = 1 + (moment - far) / decade;
            moment = far + (moment - far) % decade;
        }
        auto const whole = floor<seconds>(moment);
        auto const rest = nanoseconds{moment - whole}.count() + decades;
        return {static_cast<time_t>(whole.time_since_epoch().count()), static_cast<long>(rest)};
    }

    static TimePoint to_moment(timespec const& time)
    {
        using namespace std::chrono;
        // Outside of what a TimePoint holds only by somebody's intention.
        auto const whole =
            std::clamp<seconds::rep>(time.tv_sec, floor<seconds>(earliest_time.time_since_epoch()).count(),
                                     floor<seconds>(latest_time.time_since_epoch()).count());
        auto const moment = TimePoint{seconds{whole}} + Duration{time.tv_nsec / 1000};
        auto const decades = time.tv_nsec % 1000;
        if (moment < far || moment >= far + decade || decades == 0)
            return moment;
        return saturating_add(moment, (decades - 1) * decade);
    }

private:
    static constexpr TimePoint first{std::chrono::sys_days{std::chrono::year{1902} / 1 / 1}};
    static constexpr TimePoint far{std::chrono::sys_days{std::chrono::year{2400} / 1 / 1}};
    static constexpr Duration decade = std::chrono::days{3650};
};

} // namespace cloakroom::inline v0::storage::detail

#endif
