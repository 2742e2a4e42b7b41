// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_SETTINGS_HPP
#define CLOAKROOM_SESSION_SETTINGS_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/cookie_token.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/inline_text.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

namespace cloakroom::inline v0 {

enum class SameSite {
    lax,
    strict,
    none,
    omit, ///< no SameSite attribute
};

/// Django's SESSION_* settings under their names in lower case, with Django's defaults (S-544 to S-552), and
/// a few beyond. Keys belong to the signer, the place of the records to the storage.
struct Settings {
    InlineText<128> cookie_name = "sessionid";
    /// How long a session lives that sets no expiry of its own, from its last save (S-080).
    std::chrono::seconds cookie_age = std::chrono::weeks{2};
    InlineText<255> cookie_domain = ""; ///< empty: a cookie of this host alone
    InlineText<255> cookie_path = "/";
    bool cookie_httponly = true;
    bool cookie_secure = false;
    SameSite cookie_samesite = SameSite::lax;
    bool expire_at_browser_close = false;
    bool save_every_request = false;
    /// Beyond Django: the cookie belongs to the site that embeds ours (CHIPS). Needs cookie_secure.
    bool cookie_partitioned = false;
    /// Beyond Django: how long save() tries again while other requests keep changing the same session.
    std::chrono::milliseconds commit_deadline = std::chrono::seconds{5};
};

/// The first thing wrong with the settings, as a sentence that begins with the setting's name; empty when
/// they are right. A browser would refuse or misread the cookie of settings that are wrong.
constexpr std::string_view settings_problem(Settings const& settings)
{
    auto const name = settings.cookie_name.view();
    auto const has_prefix = [name](std::string_view prefix) { // without case, as browsers compare it
        return equal_ignoring_case(name.substr(0, prefix.size()), prefix);
    };
    auto const is_attribute_text = [](std::string_view text) {
        return std::none_of(text.begin(), text.end(), [](char c) { return c < ' ' || c > '~' || c == ';'; });
    };
    if (settings.cookie_name.is_too_long())
        return "cookie_name: longer than 128 bytes";
    if (settings.cookie_domain.is_too_long())
        return "cookie_domain: longer than 255 bytes";
    if (settings.cookie_path.is_too_long())
        return "cookie_path: longer than 255 bytes";
    if (!is_cookie_name(name))
        return "cookie_name: not a cookie name (letters, digits and !#$%&'*+-.^_`|~: only, no attribute's "
               "name)";
    if (has_prefix("__host-") &&
        (!settings.cookie_secure || settings.cookie_path != "/" || !settings.cookie_domain.empty()))
        return "cookie_name: a __Host- name needs cookie_secure, cookie_path \"/\" and no cookie_domain";
    if (has_prefix("__secure-") && !settings.cookie_secure)
        return "cookie_name: a __Secure- name needs cookie_secure";
    if (!is_attribute_text(settings.cookie_path) ||
        (!settings.cookie_path.empty() && !settings.cookie_path.view().starts_with('/')))
        return "cookie_path: not a path (begins with /, printable, without ;)";
    auto const domain = settings.cookie_domain.view();
    if (!std::all_of(domain.begin(), domain.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                   c == '.';
        }))
        return "cookie_domain: not a domain name (letters, digits, - and . only)";
    constexpr auto longest_age = std::chrono::years{10'000};
    if (settings.cookie_age > longest_age || settings.cookie_age < -longest_age)
        return "cookie_age: more than 10,000 years";
    if (settings.cookie_samesite == SameSite::none && !settings.cookie_secure)
        return "cookie_samesite: SameSite=None needs cookie_secure";
    if (settings.cookie_partitioned && !settings.cookie_secure)
        return "cookie_partitioned: needs cookie_secure";
    if (settings.commit_deadline < std::chrono::milliseconds::zero())
        return "commit_deadline: less than zero";
    if (settings.commit_deadline > std::chrono::hours{1})
        return "commit_deadline: more than an hour";
    return {};
}

/// Throws ImproperlyConfigured with settings_problem(), if there is one.
inline void check_settings(Settings const& settings)
{
    if (auto const problem = settings_problem(settings); !problem.empty())
        throw ImproperlyConfigured{"cloakroom::Settings::" + std::string{problem}};
}

} // namespace cloakroom::inline v0

#endif
