// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_REDIS_SLOT_HPP
#define CLOAKROOM_STORAGE_REDIS_SLOT_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cloakroom::inline v0::storage::detail {

/// How many slots the keys of every Redis Cluster are spread over.
inline constexpr std::size_t redis_slots = 16'384;

/// The remainders of all bytes for CRC-16 with the polynomial 0x1021.
inline constexpr auto redis_crc_table = [] {
    std::array<std::uint16_t, 256> table{};
    for (std::size_t byte = 0; byte < table.size(); ++byte) {
        auto rest = static_cast<std::uint32_t>(byte << 8);
        for (int bit = 0; bit < 8; ++bit)
            rest = rest << 1 ^ ((rest & 0x8000) != 0 ? 0x1021 : 0);
        table[byte] = static_cast<std::uint16_t>(rest);
    }
    return table;
}();

/// The CRC-16 of a text, or of one that follows on a text with that CRC.
constexpr std::uint32_t redis_crc(std::string_view text, std::uint32_t crc = 0)
{
    for (auto const c : text)
        crc = (crc << 8 ^ redis_crc_table[(crc >> 8 ^ static_cast<unsigned char>(c)) & 0xff]) & 0xffff;
    return crc;
}

/// The slot of a key. Of a key with a hash tag, which is the first {...} that holds something, the tag alone
/// decides.
constexpr std::size_t redis_slot(std::string_view key)
{
    if (auto const open = key.find('{'); open != std::string_view::npos)
        if (auto const close = key.find('}', open); close != std::string_view::npos && close > open + 1)
            key = key.substr(open + 1, close - open - 1);
    return redis_crc(key) % redis_slots;
}

} // namespace cloakroom::inline v0::storage::detail

#endif
