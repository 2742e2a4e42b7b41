// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_SHA256_HPP
#define CLOAKROOM_CORE_SHA256_HPP

#include <array>
#include <botan/hash.h>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace cloakroom::inline v0 {

/// SHA-256 of the parts, one after the other.
inline std::array<std::uint8_t, 32> sha256(std::initializer_list<std::string_view> parts)
{
    auto const hash = Botan::HashFunction::create_or_throw("SHA-256");
    for (auto const part : parts)
        hash->update(reinterpret_cast<std::uint8_t const*>(part.data()), part.size());
    std::array<std::uint8_t, 32> digest{};
    hash->final(digest.data());
    return digest;
}

} // namespace cloakroom::inline v0

#endif
