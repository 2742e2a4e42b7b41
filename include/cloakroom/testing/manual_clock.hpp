// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_MANUAL_CLOCK_HPP
#define CLOAKROOM_TESTING_MANUAL_CLOCK_HPP

#include <cloakroom/core/clock.hpp>

#include <atomic>
#include <memory>

namespace cloakroom::inline v0::testing {

/// A clock that stands still until it is moved. Copies share one time, so that the copy inside a Backend
/// follows the one in the test. Converts to cloakroom::Clock; may be read and moved from all threads.
class ManualClock {
public:
    /// Starts at 2030-01-01 00:00:00 UTC, or at `start`.
    explicit ManualClock(TimePoint start = TimePoint{Duration{1'893'456'000'000'000}})
        : time_(std::make_shared<std::atomic<Duration::rep>>(start.time_since_epoch().count()))
    {
    }

    TimePoint operator()() const { return TimePoint{Duration{time_->load()}}; }

    void set(TimePoint moment) const { time_->store(moment.time_since_epoch().count()); }

    /// Forward, or backward by a negative length.
    void advance(Duration length) const { time_->fetch_add(length.count()); }

private:
    std::shared_ptr<std::atomic<Duration::rep>> time_;
};

} // namespace cloakroom::inline v0::testing

#endif
