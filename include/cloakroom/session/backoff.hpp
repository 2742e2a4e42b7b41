// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_BACKOFF_HPP
#define CLOAKROOM_SESSION_BACKOFF_HPP

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>
#include <thread>

namespace cloakroom::inline v0 {

/// Waits between attempts that other requests spoil: a random time that doubles at most up to 10 ms, until a
/// deadline on the steady clock. The first attempt again comes at once.
class Backoff {
public:
    explicit Backoff(std::chrono::nanoseconds patience) : end_{Steady::now() + patience} {}

    /// Waits. False when the deadline has passed.
    bool wait()
    {
        auto const now = Steady::now();
        if (now >= end_)
            return false;
        if (longest_.count() > 0) {
            std::minstd_rand random{static_cast<std::uint32_t>(now.time_since_epoch().count())};
            auto const share = std::uniform_real_distribution<>{0.5, 1.0}(random);
            std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(
                std::chrono::duration_cast<std::chrono::nanoseconds>(longest_ * share), end_ - now));
        }
        longest_ = std::clamp<std::chrono::nanoseconds>(2 * longest_, std::chrono::microseconds{20},
                                                        std::chrono::milliseconds{10});
        return true;
    }

private:
    using Steady = std::chrono::steady_clock;

    Steady::time_point end_;
    std::chrono::nanoseconds longest_{0};
};

} // namespace cloakroom::inline v0

#endif
