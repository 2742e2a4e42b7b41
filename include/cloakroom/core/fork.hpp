// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_FORK_HPP
#define CLOAKROOM_CORE_FORK_HPP

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#include <pthread.h>

namespace cloakroom::inline v0 {

/// How many times this process is the child of a fork(), counted from the first call on. Who keeps the number
/// beside a connection sees later, without a system call, whether another process opened it.
unsigned fork_count();

/// Calls a function before every fork() of this process, for as long as the object lives: to close what a
/// child must not inherit. The function runs in the thread that forks; it neither throws nor makes or
/// destroys a BeforeFork.
class BeforeFork {
public:
    explicit BeforeFork(std::function<void()> action);
    ~BeforeFork();
    BeforeFork(BeforeFork const&) = delete;
    BeforeFork& operator=(BeforeFork const&) = delete;

    void run() const { action_(); }

private:
    std::function<void()> action_;
};

namespace detail {

/// What has to be known at a fork.
struct Forks {
    std::atomic<unsigned> count{0};
    std::mutex mutex; // held during a fork
    std::vector<BeforeFork const*> actions;

    /// Never destroyed: a fork, or the end of a static object, may come late.
    static Forks& instance()
    {
        static Forks& forks = make();
        return forks;
    }

private:
    static Forks& make()
    {
        auto* const forks = new Forks;
        auto const failed = pthread_atfork(
            [] {
                instance().mutex.lock();
                for (auto const* action : instance().actions)
                    action->run();
            },
            [] { instance().mutex.unlock(); },
            [] {
                ++instance().count;
                instance().mutex.unlock();
            });
        if (failed != 0)
            throw std::bad_alloc{};
        return *forks;
    }
};

} // namespace detail

inline unsigned fork_count()
{
    return detail::Forks::instance().count.load(std::memory_order_relaxed);
}

inline BeforeFork::BeforeFork(std::function<void()> action) : action_(std::move(action))
{
    auto& forks = detail::Forks::instance();
    std::lock_guard const lock{forks.mutex};
    forks.actions.push_back(this);
}

inline BeforeFork::~BeforeFork()
{
    auto& forks = detail::Forks::instance();
    std::lock_guard const lock{forks.mutex};
    std::erase(forks.actions, this);
}

} // namespace cloakroom::inline v0

#endif
