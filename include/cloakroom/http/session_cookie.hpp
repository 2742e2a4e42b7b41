// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_HTTP_SESSION_COOKIE_HPP
#define CLOAKROOM_HTTP_SESSION_COOKIE_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/http/same_site.hpp>
#include <cloakroom/http/set_cookie.hpp>
#include <cloakroom/session/settings.hpp>

#include <optional>
#include <string_view>

namespace cloakroom::inline v0::http {

/// The session's cookie as the settings have it; without a lifetime for as long as the browser. Its texts are
/// views of the settings.
inline SetCookie session_cookie(Settings const& settings, std::string_view value,
                                std::optional<Duration> lifetime)
{
    return {.name = settings.cookie_name,
            .value = value,
            .domain = settings.cookie_domain,
            .path = settings.cookie_path,
            .max_age = lifetime,
            .expires = {},
            .http_only = settings.cookie_httponly,
            .secure = settings.cookie_secure,
            .same_site = same_site_text(settings.cookie_samesite),
            .partitioned = settings.cookie_partitioned};
}

} // namespace cloakroom::inline v0::http

#endif
