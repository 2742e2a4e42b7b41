// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_THREADS_HPP
#define CLOAKROOM_TESTING_THREADS_HPP

#include <cstddef>
#include <exception>
#include <functional>
#include <latch>
#include <thread>
#include <vector>

namespace cloakroom::inline v0::testing {

/// Calls body(0) to body(count - 1), each on a thread of its own, and waits for all. None begins before all
/// threads are there. Throws what the first that failed has thrown.
inline void on_threads(std::size_t count, std::function<void(std::size_t)> const& body)
{
    std::vector<std::exception_ptr> thrown(count);
    std::vector<std::thread> threads;
    threads.reserve(count);
    std::latch start{static_cast<std::ptrdiff_t>(count)};
    for (std::size_t i = 0; i < count; ++i)
        threads.emplace_back([&, i] {
            start.arrive_and_wait();
            try {
                body(i);
            } catch (...) {
                thrown[i] = std::current_exception();
            }
        });
    for (auto& thread : threads)
        thread.join();
    for (auto const& each : thrown)
        if (each)
            std::rethrow_exception(each);
}

} // namespace cloakroom::inline v0::testing

#endif
