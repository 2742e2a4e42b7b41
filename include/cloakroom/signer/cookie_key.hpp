// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SIGNER_COOKIE_KEY_HPP
#define CLOAKROOM_SIGNER_COOKIE_KEY_HPP

#include <cloakroom/core/secret.hpp>

#include <botan/secmem.h>
#include <string_view>

namespace cloakroom::inline v0::signing {

/// The key under which Django signs cookies that are no sessions, made of the site's secret key (S-424):
/// `signer::Hmac{cookie_key(secret)}.bind(salt)` is its get_cookie_signer(salt) as far as sign_object() and
/// unsign_object() go, and TimestampSigner{cookie_key(secret), {.salt = salt}} is it for texts. Throws
/// ImproperlyConfigured for a secret that was moved elsewhere.
inline Secret cookie_key(Secret const& secret_key)
{
    constexpr std::string_view prefix = "django.http.cookies";
    auto const secret = secret_key.reveal_present();
    Botan::secure_vector<char> bytes(prefix.begin(), prefix.end());
    bytes.insert(bytes.end(), secret.begin(), secret.end());
    return Secret{std::string_view{bytes.data(), bytes.size()}};
}

} // namespace cloakroom::inline v0::signing

#endif
