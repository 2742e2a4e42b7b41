// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_CSRF_SETTINGS_HPP
#define CLOAKROOM_AUTH_CSRF_SETTINGS_HPP

#include <cloakroom/auth/csrf_origin.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/inline_text.hpp>
#include <cloakroom/session/settings.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cloakroom::inline v0::auth {

/// Django's CSRF_* settings under their names in lower case, with Django's defaults (S-556, S-557).
struct CsrfSettings {
    InlineText<128> csrf_cookie_name = "csrftoken";
    /// How long the cookie lives from the last page with a form; absent: as long as the browser.
    std::optional<std::chrono::seconds> csrf_cookie_age = std::chrono::seconds{31'449'600};
    InlineText<255> csrf_cookie_domain = ""; ///< empty: a cookie of this host alone
    InlineText<255> csrf_cookie_path = "/";
    bool csrf_cookie_secure = false;
    bool csrf_cookie_httponly = false; ///< true hides it from scripts, which then take the token from a page
    SameSite csrf_cookie_samesite = SameSite::lax;
    /// The secret is kept in the session, not in a cookie of its own.
    bool csrf_use_sessions = false;
    /// Each response that brings the cookie says `Cache-Control: no-store`, as Settings::no_store has it.
    bool no_store = false;
    /// The header in which scripts send the token, by its own name: Django's HTTP_X_CSRFTOKEN.
    InlineText<128> csrf_header_name = "X-CSRFToken";
    /// Other sites whose pages may post here: https://example.com, https://*.example.com.
    std::vector<std::string> csrf_trusted_origins = {};
};

/// The first thing wrong with the settings, as a sentence that begins with the setting's name; empty when
/// they are right.
inline std::string csrf_settings_problem(CsrfSettings const& settings)
{
    auto const cookie_problem =
        settings_problem({.cookie_name = settings.csrf_cookie_name,
                          .cookie_age = settings.csrf_cookie_age.value_or(std::chrono::seconds{}),
                          .cookie_domain = settings.csrf_cookie_domain,
                          .cookie_path = settings.csrf_cookie_path,
                          .cookie_httponly = settings.csrf_cookie_httponly,
                          .cookie_secure = settings.csrf_cookie_secure,
                          .cookie_samesite = settings.csrf_cookie_samesite});
    if (!cookie_problem.empty())
        return "csrf_" + std::string{cookie_problem};

    auto const header = settings.csrf_header_name.view();
    if (settings.csrf_header_name.is_too_long())
        return "csrf_header_name: longer than 128 bytes";
    if (header.starts_with("HTTP_"))
        return "csrf_header_name: the header's own name is wanted, such as X-CSRFToken";
    auto const is_in_names = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    };
    if (header.empty() || !std::all_of(header.begin(), header.end(), is_in_names))
        return "csrf_header_name: not a header's name (letters, digits, - and _ only)";

    for (auto const& origin : settings.csrf_trusted_origins)
        if (auto const problem = TrustedOrigins::problem(origin); !problem.empty())
            return "csrf_trusted_origins: '" + origin + "' " + std::string{problem};
    return {};
}

/// Throws ImproperlyConfigured with csrf_settings_problem(), if there is one.
inline void check_csrf_settings(CsrfSettings const& settings)
{
    if (auto const problem = csrf_settings_problem(settings); !problem.empty())
        throw ImproperlyConfigured{"cloakroom::auth::CsrfSettings::" + problem};
}

} // namespace cloakroom::inline v0::auth

#endif
