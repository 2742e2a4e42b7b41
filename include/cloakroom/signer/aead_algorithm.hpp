// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SIGNER_AEAD_ALGORITHM_HPP
#define CLOAKROOM_SIGNER_AEAD_ALGORITHM_HPP

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cloakroom::inline v0::signer {

// The ciphers that BasicAead can be built on, each a type: which one it is, is fixed where the program is
// compiled and never read from a text. All have keys of 32 bytes and tags of 16. `botan` is Botan's name,
// `code` the number that texts carry, `limit` what one secret key is good for.

/// AES-256-GCM (NIST SP 800-38D), the faster one on processors with instructions for AES.
struct AesGcm {
    static constexpr std::string_view name = "AES-256-GCM";
    static constexpr std::string_view botan = "AES-256/GCM";
    static constexpr std::uint8_t code = 1;
    static constexpr std::size_t nonce_size = 12;
    static constexpr std::string_view limit = "2^32 texts under one secret key (1,000 a second for 49 days)";
};

/// ChaCha20-Poly1305 (RFC 8439) with the longer nonce of XChaCha20, of which there are enough for any number
/// of texts. Beside AES-GCM with the processor's help it takes twice the time for a small session.
struct ChaCha20Poly1305 {
    static constexpr std::string_view name = "XChaCha20-Poly1305";
    static constexpr std::string_view botan = "ChaCha20Poly1305";
    static constexpr std::uint8_t code = 2;
    static constexpr std::size_t nonce_size = 24;
    static constexpr std::string_view limit = "none in practice";
};

/// Any type like the ones above, for an AEAD of Botan's with the same sizes of key and tag. The nonce has 8
/// bytes or more, all of them random.
template <class A>
concept AeadAlgorithm = requires {
    { A::name } -> std::convertible_to<std::string_view>;
    { A::botan } -> std::convertible_to<std::string_view>;
    { A::code } -> std::convertible_to<std::uint8_t>;
    { A::nonce_size } -> std::convertible_to<std::size_t>;
    requires A::nonce_size >= 8;
    { A::limit } -> std::convertible_to<std::string_view>;
};

} // namespace cloakroom::inline v0::signer

#endif
