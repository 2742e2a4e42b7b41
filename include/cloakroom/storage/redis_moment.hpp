// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_REDIS_MOMENT_HPP
#define CLOAKROOM_STORAGE_REDIS_MOMENT_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/storage/record_moment.hpp>

#include <algorithm>
#include <chrono>
#include <string_view>

namespace cloakroom::inline v0::storage::detail {

/// A moment as the scripts have it, and as the server's own deadlines do.
class RedisMoment : public RecordMoment {
public:
    using RecordMoment::RecordMoment;

    /// The first whole millisecond that is not before the moment, but before latest_time.
    static RedisMoment after(TimePoint moment)
    {
        return RedisMoment{std::chrono::ceil<std::chrono::milliseconds>(
            std::clamp(moment, TimePoint{}, latest_time - std::chrono::milliseconds{1}))};
    }

    /// Whole milliseconds since 1970, cut off, as a number without leading zeros. Valid as long as this
    /// object.
    std::string_view milliseconds() const
    {
        auto const all = text().substr(0, text().size() - 3);
        return all.substr(std::min(all.find_first_not_of('0'), all.size() - 1));
    }
};

} // namespace cloakroom::inline v0::storage::detail

#endif
