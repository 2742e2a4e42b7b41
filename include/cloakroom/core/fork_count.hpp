// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_FORK_COUNT_HPP
#define CLOAKROOM_CORE_FORK_COUNT_HPP

#include <atomic>
#include <new>

#include <pthread.h>

namespace cloakroom::inline v0 {

/// How many times this process is the child of a fork(), counted from the first call on. Who keeps the number
/// beside a connection sees later, without a system call, whether it was opened by another process.
inline unsigned fork_count()
{
    static std::atomic<unsigned> count{0};
    static bool const counting = pthread_atfork(nullptr, nullptr, [] { ++count; }) == 0;
    if (!counting)
        throw std::bad_alloc{};
    return count.load(std::memory_order_relaxed);
}

} // namespace cloakroom::inline v0

#endif
