// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_SESSION_AUTH_HASH_HPP
#define CLOAKROOM_AUTH_SESSION_AUTH_HASH_HPP

#include <cloakroom/core/constant_time.hpp>
#include <cloakroom/core/hash_algorithm.hpp>
#include <cloakroom/core/hex.hpp>
#include <cloakroom/core/salted_hmac.hpp>
#include <cloakroom/core/secret.hpp>

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cloakroom::inline v0::auth {

/// What a session's hash says about the user whose session it claims to be (S-655).
enum class SessionAuth {
    current,  ///< made from the stored password with the key
    fallback, ///< made with a fallback key: rotate the session's key and store the current hash
    wrong,    ///< the password was changed since, or the key is gone: end the session
};

/// Django's session auth hash: HMAC-SHA256 of the user's stored password field under a key made from the
/// site's secret, 64 lower-case hexadecimal digits (S-651). A session keeps it as `_auth_user_hash`, so that
/// a new password, or a secret that is gone, ends all other sessions of the user (S-656). Derives its keys
/// once; may be called from all threads, and is neither copied nor moved.
class SessionAuthHash {
public:
    /// Django's key salt.
    static constexpr std::string_view purpose =
        "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash";

    /// Throws ImproperlyConfigured for a key that was moved elsewhere.
    explicit SessionAuthHash(Secret const& key, std::span<Secret const> fallback_keys = {})
        : key_({purpose}, key.reveal_present())
    {
        for (auto const& fallback : fallback_keys)
            fallback_keys_.push_back(std::make_unique<Hmac>(std::initializer_list<std::string_view>{purpose},
                                                            fallback.reveal_present()));
    }

    /// The hash to store in a session, under the key and never under a fallback.
    std::string operator()(std::string_view encoded_password) const { return hash(key_, encoded_password); }

    /// Compares in constant time; an absent hash is an empty text, and wrong.
    SessionAuth verify(std::string_view encoded_password, std::string_view stored_hash) const
    {
        if (constant_time_equal(hash(key_, encoded_password), stored_hash))
            return SessionAuth::current;
        for (auto const& fallback : fallback_keys_)
            if (constant_time_equal(hash(*fallback, encoded_password), stored_hash))
                return SessionAuth::fallback;
        return SessionAuth::wrong;
    }

private:
    using Hmac = signing::SaltedHmac<signing::Sha256>;

    static std::string hash(Hmac const& hmac, std::string_view encoded_password)
    {
        auto const digest = hmac(encoded_password);
        std::string text;
        append_hex(text, digest);
        return text;
    }

    Hmac key_;
    std::vector<std::unique_ptr<Hmac>> fallback_keys_;
};

} // namespace cloakroom::inline v0::auth

#endif
