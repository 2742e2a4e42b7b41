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

/// `count` random numbers from one call of that generator.
template <std::size_t count>
std::array<std::uint64_t, count> random_numbers()
{
    std::array<std::uint8_t, count * sizeof(std::uint64_t)> bytes;
    random_bytes(bytes);
    std::array<std::uint64_t, count> numbers;
    std::memcpy(numbers.data(), bytes.data(), bytes.size());
    return numbers;
}

/// Fills `text` with characters of an alphabet of so many, each equally likely; `character(i)` is number i.
template <std::size_t alphabet_size, class Character>
void fill_with_random(std::span<char> text, Character character)
{
    // Bytes beyond a multiple of the size would favour the first characters, so others are drawn in their
    // place; with 48 bytes at once a session's key needs a second call once in 10^17 times.
    constexpr std::size_t unbiased = 256 / alphabet_size * alphabet_size;
    std::size_t filled = 0;
    while (filled < text.size()) {
        std::array<std::uint8_t, 48> bytes;
        random_bytes(bytes);
        for (auto const byte : bytes)
            if (byte < unbiased && filled < text.size())
                text[filled++] = character(byte % alphabet_size);
    }
}

} // namespace cloakroom::inline v0

#endif
