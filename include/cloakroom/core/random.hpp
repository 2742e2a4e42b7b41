// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_RANDOM_HPP
#define CLOAKROOM_CORE_RANDOM_HPP

#include <array>
#include <botan/system_rng.h>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace cloakroom::inline v0 {

/// Fills `bytes` from the operating system's generator through Botan. Nothing is buffered in the process, so
/// a fork needs no care. Thread-safe. Throws what Botan throws when the system has no randomness; there is no
/// weaker source to fall back on.
inline void random_bytes(std::span<std::uint8_t> bytes)
{
    Botan::system_rng().randomize(bytes.data(), bytes.size());
}

/// Numbers from there, of one call.
template <std::size_t count>
std::array<std::uint64_t, count> random_numbers()
{
    std::array<std::uint8_t, count * sizeof(std::uint64_t)> bytes;
    random_bytes(bytes);
    std::array<std::uint64_t, count> numbers;
    std::memcpy(numbers.data(), bytes.data(), bytes.size());
    return numbers;
}

} // namespace cloakroom::inline v0

#endif
