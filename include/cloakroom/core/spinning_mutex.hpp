// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_SPINNING_MUTEX_HPP
#define CLOAKROOM_CORE_SPINNING_MUTEX_HPP

#include <mutex>

namespace cloakroom::inline v0 {

/// A mutex for what takes less than a microsecond under it: whoever finds it locked tries again for some
/// microseconds before going to sleep. Being woken takes up to a hundred times as long as the wait.
class SpinningMutex {
public:
    void lock()
    {
        constexpr int attempts = 200;
        for (int attempt = 0; attempt < attempts; ++attempt) {
            if (mutex_.try_lock())
                return;
            pause();
        }
        mutex_.lock();
    }
    bool try_lock() { return mutex_.try_lock(); }
    void unlock() { mutex_.unlock(); }

private:
    /// Lets the processor's other users go first.
    static void pause() noexcept
    {
#if defined(__x86_64__)
        __builtin_ia32_pause();
#endif
    }

    std::mutex mutex_;
};

} // namespace cloakroom::inline v0

#endif
