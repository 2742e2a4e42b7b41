// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_KEY_DERIVATION_HPP
#define CLOAKROOM_AUTH_KEY_DERIVATION_HPP

#include <cloakroom/auth/password_hasher.hpp>

#include <array>
#include <botan/base64.h>
#include <botan/pwdhash.h>
#include <botan/secmem.h>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cloakroom::inline v0::auth {

/// The key of `size` bytes that Botan's password hash of that name makes of a password and a salt.
/// `costs` are its parameters in Botan's order. Throws ValueError for a password above max_password_size.
inline Botan::secure_vector<std::uint8_t> derive_key(std::string const& name,
                                                     std::array<std::size_t, 3> const& costs,
                                                     std::string_view password, std::string_view salt,
                                                     std::size_t size)
{
    refuse_long_password(password);
    auto const hash =
        Botan::PasswordHashFamily::create_or_throw(name)->from_params(costs[0], costs[1], costs[2]);
    Botan::secure_vector<std::uint8_t> key(size);
    hash->derive_key(key.data(), key.size(), password.empty() ? "" : password.data(), password.size(),
                     reinterpret_cast<std::uint8_t const*>(salt.data()), salt.size());
    return key;
}

/// Padded standard base64.
inline std::string password_base64(Botan::secure_vector<std::uint8_t> const& bytes)
{
    return Botan::base64_encode(bytes.data(), bytes.size());
}

/// Without padding, as the PHC string format has it.
inline std::string unpadded_base64(std::string_view bytes)
{
    auto text = Botan::base64_encode(reinterpret_cast<std::uint8_t const*>(bytes.data()), bytes.size());
    text.erase(text.find_last_not_of('=') + 1);
    return text;
}

/// The bytes of an unpadded text; nothing when it is not one, or ends in bits that a writer leaves zero.
inline std::optional<std::string> from_unpadded_base64(std::string_view text)
{
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (text.size() % 4 == 1 || text.find_first_not_of(alphabet) != std::string_view::npos)
        return std::nullopt;
    auto const padded = std::string{text} + std::string((4 - text.size() % 4) % 4, '=');
    auto const decoded = Botan::base64_decode(padded, false);
    std::string bytes{decoded.begin(), decoded.end()};
    if (unpadded_base64(bytes) != text)
        return std::nullopt;
    return bytes;
}

} // namespace cloakroom::inline v0::auth

#endif
