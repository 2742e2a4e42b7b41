// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_SALTED_HMAC_HPP
#define CLOAKROOM_CORE_SALTED_HMAC_HPP

#include <cloakroom/core/hash_algorithm.hpp>
#include <cloakroom/core/pool.hpp>

#include <array>
#include <botan/hash.h>
#include <botan/mac.h>
#include <botan/secmem.h>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace cloakroom::inline v0::signing {

template <AlgorithmTag Algorithm>
using Digest = std::array<std::uint8_t, Algorithm::size>;

/// Django's salted HMAC (S-400) with one key: the key H(salt | secret) is derived here, once, and kept
/// together with the MAC objects that already hold it. Thread-safe; each call has a MAC object of its own.
template <AlgorithmTag Algorithm = Sha256>
class SaltedHmac {
public:
    /// The salt is the concatenation of its parts.
    SaltedHmac(std::initializer_list<std::string_view> salt, std::string_view secret)
        : pool_{[key = derive(salt, secret)] { return make_mac(key); }}
    {
    }

    Digest<Algorithm> operator()(std::string_view value) const
    {
        Digest<Algorithm> digest;
        auto const mac = pool_.lease();
        mac->update(reinterpret_cast<std::uint8_t const*>(value.data()), value.size());
        mac->final(digest.data());
        return digest;
    }

private:
    using Key = Botan::secure_vector<std::uint8_t>;
    using Mac = Botan::MessageAuthenticationCode;

    static Key derive(std::initializer_list<std::string_view> salt, std::string_view secret)
    {
        auto const hash = Botan::HashFunction::create_or_throw(std::string{Algorithm::name});
        for (auto const part : salt)
            hash->update(reinterpret_cast<std::uint8_t const*>(part.data()), part.size());
        hash->update(reinterpret_cast<std::uint8_t const*>(secret.data()), secret.size());
        return hash->final();
    }

    static std::unique_ptr<Mac> make_mac(Key const& key)
    {
        auto mac = Mac::create_or_throw("HMAC(" + std::string{Algorithm::name} + ")");
        mac->set_key(key.data(), key.size());
        return mac;
    }

    mutable Pool<Mac> pool_;
};

} // namespace cloakroom::inline v0::signing

#endif
