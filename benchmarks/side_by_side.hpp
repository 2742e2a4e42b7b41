// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_BENCHMARKS_SIDE_BY_SIDE_HPP
#define CLOAKROOM_BENCHMARKS_SIDE_BY_SIDE_HPP

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <stdexcept>
#include <vector>

#include <sched.h>

/// Keeps this thread, and the servers it starts from now on, on one processor. On several, a request to a
/// server takes up to six times as long when the server's has gone to sleep meanwhile, and which connection
/// meets that is chance.
class OneProcessor {
public:
    OneProcessor()
    {
        if (sched_getaffinity(0, sizeof before_, &before_) != 0)
            throw std::runtime_error{"sched_getaffinity failed"};
        int last = CPU_SETSIZE - 1;
        while (last > 0 && !CPU_ISSET(last, &before_))
            --last;
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(last, &one);
        if (sched_setaffinity(0, sizeof one, &one) != 0)
            throw std::runtime_error{"sched_setaffinity failed"};
    }
    OneProcessor(OneProcessor const&) = delete;
    OneProcessor& operator=(OneProcessor const&) = delete;
    ~OneProcessor() { sched_setaffinity(0, sizeof before_, &before_); }

private:
    cpu_set_t before_;
};

/// What this thread has computed, the system for it included, and what has passed.
struct Times {
    std::chrono::nanoseconds computed{0};
    std::chrono::nanoseconds passed{0};

    static Times read()
    {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return {std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec},
                std::chrono::steady_clock::now().time_since_epoch()};
    }
};

/// The times of turns. Their medians do not mind what else the machine does.
class Samples {
public:
    template <class Request>
    void measure(Request& request, int turn)
    {
        auto const start = Times::read();
        for (int i = 0; i < turn; ++i)
            request();
        auto const end = Times::read();
        computed_.push_back((end.computed - start.computed).count());
        passed_.push_back((end.passed - start.passed).count());
    }

    /// Nanoseconds of one turn.
    double computed() { return median(computed_); }
    double passed() { return median(passed_); }
    double last_passed() const { return static_cast<double>(passed_.back()); }

private:
    static double median(std::vector<std::int64_t>& some)
    {
        auto const middle = some.begin() + static_cast<std::ptrdiff_t>(some.size() / 2);
        std::nth_element(some.begin(), middle, some.end());
        return static_cast<double>(*middle);
    }

    std::vector<std::int64_t> computed_;
    std::vector<std::int64_t> passed_;
};

/// Lets our request and the raw one take turns in one loop. `ratio` is ours / raw in the time that passes,
/// which is what a request waits for; `ratio_computed` in what this thread computes. For UseManualTime().
template <class Ours, class Raw>
void side_by_side(benchmark::State& state, Ours ours, Raw raw)
{
    constexpr int turn = 50;
    Samples our_times;
    Samples raw_times;
    bool ours_first = false;
    for (auto _ : state) {
        ours_first = !ours_first;
        if (ours_first)
            our_times.measure(ours, turn);
        raw_times.measure(raw, turn);
        if (!ours_first)
            our_times.measure(ours, turn);
        state.SetIterationTime(our_times.last_passed() / 1e9);
    }
    state.counters["ours_us"] = our_times.passed() / turn / 1'000;
    state.counters["raw_us"] = raw_times.passed() / turn / 1'000;
    state.counters["ratio"] = our_times.passed() / raw_times.passed();
    state.counters["ratio_computed"] = our_times.computed() / raw_times.computed();
}

#endif
