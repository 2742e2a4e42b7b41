// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SIGNER_AEAD_KEY_HPP
#define CLOAKROOM_SIGNER_AEAD_KEY_HPP

#include <cloakroom/core/base64url.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/secret.hpp>
#include <cloakroom/signer/aead_algorithm.hpp>
#include <cloakroom/signer/aead_fields.hpp>
#include <cloakroom/signer/aead_hkdf.hpp>

#include <algorithm>
#include <array>
#include <botan/aead.h>
#include <botan/secmem.h>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace cloakroom::inline v0::signer::aead_detail {

/// Botan's word for a direction, which is another one in version 2 and in version 3.
template <class Direction>
constexpr Direction sealing() noexcept
{
    if constexpr (requires { Direction::Encryption; })
        return Direction::Encryption;
    else
        return Direction::ENCRYPTION;
}
template <class Direction>
constexpr Direction opening() noexcept
{
    if constexpr (requires { Direction::Decryption; })
        return Direction::Decryption;
    else
        return Direction::DECRYPTION;
}

/// What is derived from a secret for one algorithm and purpose, and what every text under it has in common.
template <AeadAlgorithm Algorithm>
struct KeyMaterial {
    static constexpr std::size_t nonce_size = Algorithm::nonce_size;
    static constexpr std::size_t tag_size = 16;
    static constexpr std::size_t prefix_size = 8;

    KeyMaterial(Secret const& secret, std::string_view purpose, std::string_view cookie_name)
    {
        // 32 bytes are the key, 5 its number, and the last 24 hold the hash's key.
        auto const made =
            hkdf("cloakroom.signer.Aead", secret.reveal(), length_prefixed({Algorithm::name, purpose}));
        key.assign(made.begin(), made.begin() + 32);
        std::array<char, 6> number{static_cast<char>(Algorithm::code)};
        std::copy_n(made.begin() + 32, 5, number.begin() + 1);
        base64url_encode_to({number.data(), number.size()}, text_prefix.data());
        std::memcpy(hash_key.data(), made.data() + 40, sizeof hash_key);
        associated_data = length_prefixed({"cloakroom.signer.Aead.1",
                                           Algorithm::name,
                                           {text_prefix.data(), text_prefix.size()},
                                           purpose,
                                           cookie_name});
    }

    /// A Botan object with the key and the associated data, which it keeps between messages. Throws
    /// ImproperlyConfigured where Botan has no such cipher, or one of other sizes.
    std::unique_ptr<Botan::AEAD_Mode> make(Botan::Cipher_Dir direction) const
    {
        std::string const cipher{Algorithm::botan};
        auto mode = Botan::AEAD_Mode::create(cipher, direction);
        if (mode == nullptr)
            throw ImproperlyConfigured{"signer::BasicAead: this Botan has no " + cipher};
        if (!mode->valid_keylength(key.size()) || !mode->valid_nonce_length(nonce_size) ||
            mode->tag_size() != tag_size)
            throw ImproperlyConfigured{
                "signer::BasicAead: " + cipher +
                " does not take keys of 32 bytes, nonces of nonce_size and tags of 16"};
        mode->set_key(key.data(), key.size());
        mode->set_associated_data(reinterpret_cast<std::uint8_t const*>(associated_data.data()),
                                  associated_data.size());
        return mode;
    }

    Botan::secure_vector<std::uint8_t> key;
    std::array<std::uint64_t, 2> hash_key{};
    /// The beginning of each text: format and algorithm in one byte, and in five the key's number, from which
    /// nobody can tell anything about the key.
    std::array<char, prefix_size> text_prefix{};
    std::string associated_data;
};

} // namespace cloakroom::inline v0::signer::aead_detail

#endif
