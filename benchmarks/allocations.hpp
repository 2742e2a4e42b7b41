// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_BENCHMARKS_ALLOCATIONS_HPP
#define CLOAKROOM_BENCHMARKS_ALLOCATIONS_HPP

// Included by one translation unit of a program: replaces the global operator new by one that counts.

#include <cstddef>
#include <cstdlib>
#include <new>

/// Those of this thread: one count for all would slow down threads that share nothing else.
inline std::size_t& allocations()
{
    static thread_local std::size_t count = 0;
    return count;
}

[[gnu::noinline]] void* operator new(std::size_t size)
{
    ++allocations();
    if (void* const memory = std::malloc(size)) // NOLINT(cppcoreguidelines-no-malloc)
        return memory;
    throw std::bad_alloc{};
}
[[gnu::noinline]] void operator delete(void* memory) noexcept
{
    std::free(memory); // NOLINT(cppcoreguidelines-no-malloc)
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept
{
    std::free(memory); // NOLINT(cppcoreguidelines-no-malloc)
}

#endif
