// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SIGNER_AEAD_FIELDS_HPP
#define CLOAKROOM_SIGNER_AEAD_FIELDS_HPP

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace cloakroom::inline v0::signer::aead_detail {

/// A number as eight bytes, the lowest first, and back.
constexpr std::array<char, 8> eight_bytes(std::uint64_t number) noexcept
{
    if constexpr (std::endian::native == std::endian::little) {
        return std::bit_cast<std::array<char, 8>>(number);
    } else {
        std::array<char, 8> bytes{};
        for (std::size_t i = 0; i < bytes.size(); ++i)
            bytes[i] = static_cast<char>(number >> (8 * i));
        return bytes;
    }
}
constexpr std::uint64_t from_eight_bytes(std::array<char, 8> bytes) noexcept
{
    if constexpr (std::endian::native == std::endian::little) {
        return std::bit_cast<std::uint64_t>(bytes);
    } else {
        std::uint64_t number = 0;
        for (std::size_t i = 0; i < bytes.size(); ++i)
            number |= std::uint64_t{static_cast<std::uint8_t>(bytes[i])} << (8 * i);
        return number;
    }
}

/// The fields, the length in eight bytes before each, so that no two lists of fields give the same bytes.
inline std::string length_prefixed(std::initializer_list<std::string_view> fields)
{
    std::string bytes;
    for (auto const field : fields) {
        auto const size = eight_bytes(field.size());
        bytes.append(size.data(), size.size()).append(field);
    }
    return bytes;
}

} // namespace cloakroom::inline v0::signer::aead_detail

#endif
