// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_SETTINGS_HPP
#define CLOAKROOM_SESSION_SETTINGS_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/cookie_prefix.hpp>
#include <cloakroom/core/cookie_token.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/inline_text.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

namespace cloakroom::inline v0 {

/// With which requests from other sites a browser sends the cookie.
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
    /// Beyond Django: no session lives longer than this, counted from its first save, whatever is saved,
    /// renewed or moved to another key, and by whom; 0 is no limit. The beginning is kept in the session, see
    /// Creation; a session without one, from Django or from before this was set, counts from the time at
    /// which it was signed, or where that is not known from the first request that looks at it. What
    /// get_expiry_age() and get_expiry_date() tell is Django's, without this limit.
    std::chrono::seconds absolute_age{0};
    /// Beyond Django: with it, looking at a session is use that keeps it alive. A request that looks at a
    /// session and changes nothing renews it, record and cookie, if the last renewal is at least this long
    /// ago; within this time nothing is written. A session then ends between `cookie_age -
    /// renewal_threshold` and `cookie_age` after it was last looked at. One with an age of its own is renewed
    /// for that age, after half of it where that is less than the threshold; one that ends at a moment of its
    /// own is not. 0 is Django's way: only a save renews.
    std::chrono::seconds renewal_threshold{0};
    /// Beyond Django: every response that sets or removes the session's cookie says `Cache-Control:
    /// no-store`, so that neither a shared cache nor the browser's history keeps it.
    bool no_store = false;
    /// Beyond Django: how long save() tries again while other requests keep changing the same session.
    std::chrono::milliseconds commit_deadline = std::chrono::seconds{5};
};

/// What can be wrong with settings. Each is a sentence, which settings_problem() writes out.
enum class SettingsProblem {
    none,
    cookie_name_is_too_long,
    cookie_domain_is_too_long,
    cookie_path_is_too_long,
    cookie_name_is_no_cookie_name,
    cookie_name_has_its_prefix_in_another_case,
    host_name_needs_secure_path_slash_and_no_domain,
    secure_name_needs_secure,
    http_name_needs_secure_and_httponly,
    cookie_path_is_no_path,
    cookie_domain_is_no_domain_name,
    cookie_age_is_too_long,
    samesite_none_needs_secure,
    partitioned_needs_secure,
    absolute_age_is_negative,
    absolute_age_is_too_long,
    renewal_threshold_is_negative,
    renewal_threshold_is_not_below_cookie_age,
    commit_deadline_is_negative,
    commit_deadline_is_too_long,
};

/// The first thing wrong with the settings. A browser would refuse or misread the cookie of settings that are
/// wrong.
constexpr SettingsProblem first_problem(Settings const& settings)
{
    using enum SettingsProblem;
    auto const name = settings.cookie_name.view();
    auto const is_attribute_text = [](std::string_view text) {
        return std::none_of(text.begin(), text.end(), [](char c) { return c < ' ' || c > '~' || c == ';'; });
    };
    auto const is_domain_name = [](std::string_view text) {
        return std::all_of(text.begin(), text.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                   c == '.';
        });
    };
    if (settings.cookie_name.is_too_long())
        return cookie_name_is_too_long;
    if (settings.cookie_domain.is_too_long())
        return cookie_domain_is_too_long;
    if (settings.cookie_path.is_too_long())
        return cookie_path_is_too_long;
    if (!is_cookie_name(name))
        return cookie_name_is_no_cookie_name;
    if (auto const prefix = cookie_prefix(name)) {
        // Older browsers know it in this case alone, and would keep the cookie without what it stands for.
        if (!name.starts_with(prefix->text))
            return cookie_name_has_its_prefix_in_another_case;
        if (prefix->needs_host &&
            (!settings.cookie_secure || settings.cookie_path != "/" || !settings.cookie_domain.empty()))
            return host_name_needs_secure_path_slash_and_no_domain;
        if (prefix->needs_http_only && (!settings.cookie_secure || !settings.cookie_httponly))
            return http_name_needs_secure_and_httponly;
        if (!settings.cookie_secure)
            return secure_name_needs_secure;
    }
    if (!is_attribute_text(settings.cookie_path) ||
        (!settings.cookie_path.empty() && !settings.cookie_path.view().starts_with('/')))
        return cookie_path_is_no_path;
    if (!is_domain_name(settings.cookie_domain))
        return cookie_domain_is_no_domain_name;
    constexpr auto longest_age = std::chrono::years{10'000};
    if (settings.cookie_age > longest_age || settings.cookie_age < -longest_age)
        return cookie_age_is_too_long;
    if (settings.cookie_samesite == SameSite::none && !settings.cookie_secure)
        return samesite_none_needs_secure;
    if (settings.cookie_partitioned && !settings.cookie_secure)
        return partitioned_needs_secure;
    if (settings.absolute_age < std::chrono::seconds::zero())
        return absolute_age_is_negative;
    if (settings.absolute_age > longest_age)
        return absolute_age_is_too_long;
    if (settings.renewal_threshold < std::chrono::seconds::zero())
        return renewal_threshold_is_negative;
    if (settings.renewal_threshold > std::chrono::seconds::zero() &&
        settings.renewal_threshold >= settings.cookie_age)
        return renewal_threshold_is_not_below_cookie_age;
    if (settings.commit_deadline < std::chrono::milliseconds::zero())
        return commit_deadline_is_negative;
    if (settings.commit_deadline > std::chrono::hours{1})
        return commit_deadline_is_too_long;
    return none;
}

/// first_problem() as a sentence that begins with the setting's name; empty when the settings are right.
constexpr std::string_view settings_problem(Settings const& settings)
{
    using enum SettingsProblem;
    switch (first_problem(settings)) {
    case cookie_name_is_too_long:
        return "cookie_name: longer than 128 bytes";
    case cookie_domain_is_too_long:
        return "cookie_domain: longer than 255 bytes";
    case cookie_path_is_too_long:
        return "cookie_path: longer than 255 bytes";
    case cookie_name_is_no_cookie_name:
        return "cookie_name: not a cookie name (letters, digits and !#$%&'*+-.^_`|~: only, no attribute's "
               "name)";
    case cookie_name_has_its_prefix_in_another_case:
        return "cookie_name: a prefix in another case, which not all browsers know; write __Host-, "
               "__Secure-, __Http- or __Host-Http-";
    case host_name_needs_secure_path_slash_and_no_domain:
        return "cookie_name: a __Host- name needs cookie_secure, cookie_path \"/\" and no cookie_domain";
    case secure_name_needs_secure:
        return "cookie_name: a __Secure- name needs cookie_secure";
    case http_name_needs_secure_and_httponly:
        return "cookie_name: a __Http- or __Host-Http- name needs cookie_secure and cookie_httponly";
    case cookie_path_is_no_path:
        return "cookie_path: not a path (begins with /, printable, without ;)";
    case cookie_domain_is_no_domain_name:
        return "cookie_domain: not a domain name (letters, digits, - and . only)";
    case cookie_age_is_too_long:
        return "cookie_age: more than 10,000 years, forwards or backwards";
    case samesite_none_needs_secure:
        return "cookie_samesite: SameSite=None needs cookie_secure";
    case partitioned_needs_secure:
        return "cookie_partitioned: needs cookie_secure";
    case absolute_age_is_negative:
        return "absolute_age: less than zero";
    case absolute_age_is_too_long:
        return "absolute_age: more than 10,000 years";
    case renewal_threshold_is_negative:
        return "renewal_threshold: less than zero";
    case renewal_threshold_is_not_below_cookie_age:
        return "renewal_threshold: not less than cookie_age, so that no session would be renewed in time";
    case commit_deadline_is_negative:
        return "commit_deadline: less than zero";
    case commit_deadline_is_too_long:
        return "commit_deadline: more than an hour";
    case none:
        break;
    }
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
