// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_BACKOFF_HPP
#define CLOAKROOM_SESSION_BACKOFF_HPP

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <thread>

namespace cloakroom::inline v0 {

/// Waits between attempts that other requests spoil: a random time that doubles at most up to 10 ms, for as
/// long as the patience lasts, which begins with the first wait. The first retry is immediate.
class Backoff {
public:
    explicit Backoff(std::chrono::nanoseconds patience) : patience_{patience} {}

    /// Waits. False when the patience is at its end.
    bool wait()
    {
        auto const now = Steady::now();
        if (longest_.count() == 0)
            end_ = now + patience_;
        if (now >= end_)
            return false;
        if (longest_.count() > 0) {
            // A pause between half and all of the longest; the clock's last digits are random enough for
            // that.
            auto const share = 512 + static_cast<std::uint64_t>(now.time_since_epoch().count()) *
                                         0x9E3779B97F4A7C15U / (std::uint64_t{1} << 55);
            std::this_thread::sleep_for(std::min(longest_ * static_cast<std::int64_t>(share) / 1024,
                                                 std::chrono::nanoseconds{end_ - now}));
        }
        longest_ = std::clamp<std::chrono::nanoseconds>(2 * longest_, std::chrono::microseconds{20},
                                                        std::chrono::milliseconds{10});
        return true;
    }

private:
    using Steady = std::chrono::steady_clock;

    std::chrono::nanoseconds patience_;
    Steady::time_point end_;
    std::chrono::nanoseconds longest_{0};
};

} // namespace cloakroom::inline v0

#endif
