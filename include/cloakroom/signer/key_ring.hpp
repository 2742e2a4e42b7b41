// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SIGNER_KEY_RING_HPP
#define CLOAKROOM_SIGNER_KEY_RING_HPP

#include <cloakroom/core/base64url.hpp>
#include <cloakroom/core/constant_time.hpp>
#include <cloakroom/core/hash_algorithm.hpp>
#include <cloakroom/core/salted_hmac.hpp>
#include <cloakroom/core/secret.hpp>

#include <array>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cloakroom::inline v0::signing {

/// The keys of a signer for one salt: the one that signs, and those that old texts may still be signed with.
/// A fallback key never signs, wherever it stands (S-411). Thread-safe.
template <AlgorithmTag Algorithm = Sha256>
class KeyRing {
public:
    /// Length of a signature's text: 43 for SHA-256 (S-402).
    static constexpr std::size_t signature_size = base64url_size(Algorithm::size);

    /// The salt is the concatenation of its parts; "signer" follows it (S-405). Throws ImproperlyConfigured
    /// for a key that was moved away: it would sign with nothing, which anybody can.
    KeyRing(std::string_view salt, Secret const& key, std::span<Secret const> fallback_keys)
        : key_({salt, "signer"}, key.reveal_present())
    {
        for (auto const& fallback : fallback_keys)
            fallback_keys_.push_back(std::make_unique<SaltedHmac<Algorithm>>(
                std::initializer_list<std::string_view>{salt, "signer"}, fallback.reveal_present()));
    }

    /// With the one that signs.
    std::size_t size() const noexcept { return 1 + fallback_keys_.size(); }

    /// Writes the signature_size characters of the value's signature to `out`.
    void sign_to(std::string_view value, char* out) const { write(key_, value, out); }

    /// Whether the text is the value's signature under one of the keys, the first one first. The text is
    /// compared, not the bytes that it stands for: another spelling of them is another signature (S-410).
    bool verify(std::string_view value, std::string_view signature) const
    {
        if (verify_current(value, signature))
            return true;
        for (auto const& key : fallback_keys_)
            if (matches(*key, value, signature))
                return true;
        return false;
    }

    /// The same for the key that signs alone.
    bool verify_current(std::string_view value, std::string_view signature) const
    {
        return matches(key_, value, signature);
    }

private:
    static void write(SaltedHmac<Algorithm> const& key, std::string_view value, char* out)
    {
        auto const digest = key(value);
        base64url_encode_to({reinterpret_cast<char const*>(digest.data()), digest.size()}, out);
    }

    static bool matches(SaltedHmac<Algorithm> const& key, std::string_view value, std::string_view signature)
    {
        if (signature.size() != signature_size)
            return false;
        std::array<char, signature_size> expected;
        write(key, value, expected.data());
        return constant_time_equal({expected.data(), expected.size()}, signature);
    }

    SaltedHmac<Algorithm> key_;
    std::vector<std::unique_ptr<SaltedHmac<Algorithm>>> fallback_keys_;
};

} // namespace cloakroom::inline v0::signing

#endif
