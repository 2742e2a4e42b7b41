// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_HASH_ALGORITHM_HPP
#define CLOAKROOM_CORE_HASH_ALGORITHM_HPP

#include <concepts>
#include <cstddef>
#include <string_view>

namespace cloakroom::inline v0::signing {

// The hash functions that a signer can be built on, each a type: which one it is, is fixed where the program
// is compiled and never read from a text. `name` is Botan's name, `size` the digest in bytes.

/// Django's default, and right for everything new.
struct Sha256 {
    static constexpr std::string_view name = "SHA-256";
    static constexpr std::size_t size = 32;
};

struct Sha384 {
    static constexpr std::string_view name = "SHA-384";
    static constexpr std::size_t size = 48;
};

struct Sha512 {
    static constexpr std::string_view name = "SHA-512";
    static constexpr std::size_t size = 64;
};

struct Sha3_256 {
    static constexpr std::string_view name = "SHA-3(256)";
    static constexpr std::size_t size = 32;
};

/// hashlib's blake2b, 64 bytes.
struct Blake2b {
    static constexpr std::string_view name = "BLAKE2b(512)";
    static constexpr std::size_t size = 64;
};

/// Only to read and write what an old site signed.
struct Sha1 {
    static constexpr std::string_view name = "SHA-1";
    static constexpr std::size_t size = 20;
};

/// Only to read and write what an old site signed.
struct Md5 {
    static constexpr std::string_view name = "MD5";
    static constexpr std::size_t size = 16;
};

/// Any type like the ones above, for a hash function that Botan's HMAC takes.
template <class A>
concept AlgorithmTag = requires {
    { A::name } -> std::convertible_to<std::string_view>;
    { A::size } -> std::convertible_to<std::size_t>;
};

} // namespace cloakroom::inline v0::signing

#endif
