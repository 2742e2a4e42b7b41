// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_AUTH_SETTINGS_HPP
#define CLOAKROOM_AUTH_AUTH_SETTINGS_HPP

#include <cloakroom/auth/csrf.hpp>
#include <cloakroom/auth/level.hpp>
#include <cloakroom/auth/revocation.hpp>
#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/secret.hpp>
#include <cloakroom/session/expiry.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cloakroom::inline v0::auth {

/// How auth::Backend logs users in.
struct AuthSettings {
    /// What sessions say about who vouches for the user. Sessions that say anything else are nobody's
    /// (S-654).
    std::string backend = "django.contrib.auth.backends.ModelBackend";
    /// Django's SECRET_KEY_FALLBACKS, for the session auth hash.
    std::vector<Secret> fallback_keys = {};
    /// Beyond Django: how many sessions a user may have, and what becomes of one more (R18); 0 is any number.
    /// Those that Django logged in do not count. Needs a revocation with a list of devices.
    std::size_t max_sessions = 0;
    AtLimit at_limit = AtLimit::evict_least_recently_used;
    /// Whether log-ins are listed. Without a list sessions can only be ended all at once: in exchange the
    /// revocation keeps nothing but a number for each user that needed it.
    bool list_devices = true;
    /// How old Device::seen may be before a request writes it anew.
    Duration seen_interval = std::chrono::minutes{5};
    /// Beyond Django, which keeps it: whether a user who is logged in and logs in again gets a new key (R6).
    bool cycle_key_at_each_login = false;
};

/// What a log-in may have besides its session and user.
struct LoginOptions {
    /// For the list of the user's devices. As it came from the browser; 256 characters of it are kept.
    std::string_view user_agent = {};
    /// How long the session lives, as set_expiry() takes it. A longer one that is set after the log-in is
    /// known to the list of devices from the user's next request on, and the session ends with its device.
    std::optional<Expiry> expiry = {};
    /// Gets a new secret (S-615). Where none is given, a secret that the session itself keeps is removed.
    CsrfSecret* csrf = nullptr;
    /// How the user has shown who they are, this time. A level above that of the session gives it a new key.
    Aal level = Aal::aal1;
};

/// Throws ImproperlyConfigured naming the setting.
inline void check_auth_settings(AuthSettings const& settings)
{
    if (settings.backend.empty())
        throw ImproperlyConfigured{"cloakroom::auth::AuthSettings::backend: empty"};
    if (settings.max_sessions != 0 && !settings.list_devices)
        throw ImproperlyConfigured{"cloakroom::auth::AuthSettings::max_sessions: needs list_devices"};
    if (settings.seen_interval < Duration::zero())
        throw ImproperlyConfigured{"cloakroom::auth::AuthSettings::seen_interval: less than zero"};
}

} // namespace cloakroom::inline v0::auth

#endif
