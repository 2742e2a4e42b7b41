// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SIGNER_AEAD_HKDF_HPP
#define CLOAKROOM_SIGNER_AEAD_HKDF_HPP

#include <botan/mac.h>
#include <botan/secmem.h>
#include <cstdint>
#include <string_view>

namespace cloakroom::inline v0::signer::aead_detail {

/// What HKDF with SHA-256 (RFC 5869) makes of a secret: 64 bytes.
inline Botan::secure_vector<std::uint8_t> hkdf(std::string_view salt, std::string_view secret,
                                               std::string_view info)
{
    auto const mac = Botan::MessageAuthenticationCode::create_or_throw("HMAC(SHA-256)");
    auto const key = [&](auto const& bytes) {
        mac->set_key(reinterpret_cast<std::uint8_t const*>(bytes.data()), bytes.size());
    };
    auto const add = [&](auto const& bytes) {
        mac->update(reinterpret_cast<std::uint8_t const*>(bytes.data()), bytes.size());
    };
    key(salt);
    add(secret);
    key(mac->final());

    Botan::secure_vector<std::uint8_t> made;
    Botan::secure_vector<std::uint8_t> last;
    for (std::uint8_t counter = 1; counter <= 2; ++counter) {
        add(last);
        add(info);
        mac->update(counter);
        last = mac->final();
        made.insert(made.end(), last.begin(), last.end());
    }
    return made;
}

} // namespace cloakroom::inline v0::signer::aead_detail

#endif
