// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_CHECK_HPP
#define CLOAKROOM_AUTH_CHECK_HPP

#include <cloakroom/auth/csrf_settings.hpp>
#include <cloakroom/core/secret.hpp>
#include <cloakroom/session/check.hpp>
#include <cloakroom/session/settings.hpp>

#include <span>

namespace cloakroom::inline v0 {

/// check() of a site that protects its forms (S-781).
inline CheckMessages check(Settings const& settings, auth::CsrfSettings const& csrf)
{
    CheckMessages messages;
    check_detail::check_session(messages, settings);
    if (auto const problem = auth::csrf_settings_problem(csrf); !problem.empty())
        messages.push_back({"cloakroom.E002", "CsrfSettings::" + problem + "."});
    if (!csrf.csrf_use_sessions && csrf.csrf_cookie_name == settings.cookie_name)
        messages.push_back({"cloakroom.E003",
                            "csrf_cookie_name and cookie_name are the same: each of the two "
                            "cookies overwrites the other."});
    if (!csrf.csrf_use_sessions && !csrf.csrf_cookie_secure)
        messages.push_back({"security.W016", "csrf_cookie_secure is off: the cookie is sent without TLS, "
                                             "too, and who listens to that can forge forms."});
    return messages;
}

/// The same with the keys that the signer gets.
inline CheckMessages check(Settings const& settings, auth::CsrfSettings const& csrf, Secret const& secret_key,
                           std::span<Secret const> fallback_keys = {})
{
    auto messages = check(settings, csrf);
    check_detail::check_keys(messages, secret_key, fallback_keys);
    return messages;
}

} // namespace cloakroom::inline v0

#endif
