// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTS_SUPPORT_ALLOCATIONS_HPP
#define CLOAKROOM_TESTS_SUPPORT_ALLOCATIONS_HPP

// Included by one source of a program: replaces the global operator new by one that counts.

#include <cstddef>
#include <cstdlib>
#include <limits>
#include <new>

/// How many allocations the calling thread has made, and of how many bytes.
inline thread_local std::size_t allocations = 0;
inline thread_local std::size_t allocated_bytes = 0;

/// How many allocations of the calling thread succeed before one fails. Those behind it succeed again.
inline constexpr std::size_t no_failure = std::numeric_limits<std::size_t>::max();
inline thread_local std::size_t successes_before_failure = no_failure;

// All forms that are not aligned: a sanitizer brings its own for those left out, and refuses a mixture.
[[gnu::noinline]] void* operator new(std::size_t size, std::nothrow_t const&) noexcept
{
    ++allocations;
    allocated_bytes += size;
    if (successes_before_failure != no_failure && successes_before_failure-- == 0)
        return nullptr;
    return std::malloc(size == 0 ? 1 : size);
}

[[gnu::noinline]] void* operator new(std::size_t size)
{
    if (auto* const memory = operator new(size, std::nothrow))
        return memory;
    throw std::bad_alloc{};
}

void* operator new[](std::size_t size)
{
    return operator new(size);
}
void* operator new[](std::size_t size, std::nothrow_t const&) noexcept
{
    return operator new(size, std::nothrow);
}

[[gnu::noinline]] void operator delete(void* memory) noexcept
{
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept
{
    operator delete(memory);
}
void operator delete(void* memory, std::nothrow_t const&) noexcept
{
    operator delete(memory);
}
void operator delete[](void* memory) noexcept
{
    operator delete(memory);
}
void operator delete[](void* memory, std::size_t) noexcept
{
    operator delete(memory);
}
void operator delete[](void* memory, std::nothrow_t const&) noexcept
{
    operator delete(memory);
}

#endif
