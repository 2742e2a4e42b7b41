// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_SIPHASH_HPP
#define CLOAKROOM_CORE_SIPHASH_HPP

#include <cloakroom/core/random.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace cloakroom::inline v0 {

/// SipHash-1-3 of the bytes under a 128-bit key: a hash that somebody who does not know the key cannot make
/// collide on purpose. A visitor may choose the names in a session's data.
constexpr std::uint64_t siphash13(std::string_view bytes, std::array<std::uint64_t, 2> key) noexcept
{
    std::uint64_t v0 = key[0] ^ 0x736f6d6570736575U;
    std::uint64_t v1 = key[1] ^ 0x646f72616e646f6dU;
    std::uint64_t v2 = key[0] ^ 0x6c7967656e657261U;
    std::uint64_t v3 = key[1] ^ 0x7465646279746573U;
    auto const round = [&] {
        v0 += v1;
        v2 += v3;
        v1 = std::rotl(v1, 13) ^ v0;
        v3 = std::rotl(v3, 16) ^ v2;
        v0 = std::rotl(v0, 32);
        v2 += v1;
        v0 += v3;
        v1 = std::rotl(v1, 17) ^ v2;
        v3 = std::rotl(v3, 21) ^ v0;
        v2 = std::rotl(v2, 32);
    };
    auto const word = [&](std::size_t at, std::size_t size) {
        std::uint64_t value = 0;
        if (std::endian::native == std::endian::little && size == 8 && !std::is_constant_evaluated()) {
            std::memcpy(&value, bytes.data() + at, 8); // of the loop compilers make eight accesses
            return value;
        }
        for (std::size_t i = 0; i < size; ++i)
            value |= std::uint64_t{static_cast<std::uint8_t>(bytes[at + i])} << (8 * i);
        return value;
    };
    auto const absorb = [&](std::uint64_t value) {
        v3 ^= value;
        round();
        v0 ^= value;
    };
    std::size_t at = 0;
    for (; at + 8 <= bytes.size(); at += 8)
        absorb(word(at, 8));
    absorb(word(at, bytes.size() - at) | std::uint64_t{bytes.size()} << 56);
    v2 ^= 0xff;
    round();
    round();
    round();
    return v0 ^ v1 ^ v2 ^ v3;
}

/// SipHash-1-3 under a key that this process drew at its first use.
inline std::uint64_t keyed_hash(std::string_view bytes)
{
    static auto const key = random_numbers<2>();
    return siphash13(bytes, key);
}

} // namespace cloakroom::inline v0

#endif
