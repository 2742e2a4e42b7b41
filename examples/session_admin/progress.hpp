// SPDX-License-Identifier: MIT
#ifndef EXAMPLES_SESSION_ADMIN_PROGRESS_HPP
#define EXAMPLES_SESSION_ADMIN_PROGRESS_HPP

#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <unistd.h>

namespace session_admin {

/// A bar for work whose end nobody knows before: it moves as long as the work does, beside what is done and
/// how fast. Drawn on the standard error where that is a terminal, and wiped away at the end; nothing is
/// written anywhere else.
class Progress {
public:
    explicit Progress(std::string_view unit) : unit_(unit)
    {
        auto const* const terminal = std::getenv("TERM");
        is_shown_ =
            ::isatty(STDERR_FILENO) == 1 && terminal != nullptr && terminal != std::string_view{"dumb"};
        draw(0);
    }
    Progress(Progress const&) = delete;
    Progress& operator=(Progress const&) = delete;
    ~Progress()
    {
        if (is_shown_)
            std::cerr << "\r\x1b[K" << std::flush;
    }

    void operator()(std::size_t done)
    {
        if (Clock::now() - drawn_ >= std::chrono::milliseconds{50})
            draw(done);
    }

private:
    using Clock = std::chrono::steady_clock;

    void draw(std::size_t done)
    {
        if (!is_shown_)
            return;
        constexpr std::size_t width = 24;
        constexpr std::string_view mark = "======";
        drawn_ = Clock::now();
        std::string bar(width, ' ');
        auto const way = width - mark.size(); // there and back again
        auto const step = frame_++ % (2 * way);
        bar.replace(step < way ? step : 2 * way - step, mark.size(), mark);

        std::chrono::duration<double> const seconds = drawn_ - start_;
        auto const rate = seconds.count() > 0 ? static_cast<double>(done) / seconds.count() : 0.0;
        std::cerr << "\r[" << bar << "] " << done << ' ' << unit_ << ", " << std::llround(rate) << "/s\x1b[K"
                  << std::flush;
    }

    std::string unit_;
    bool is_shown_ = false;
    std::size_t frame_ = 0;
    Clock::time_point start_ = Clock::now();
    Clock::time_point drawn_ = start_;
};

} // namespace session_admin

#endif
