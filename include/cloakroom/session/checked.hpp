// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_CHECKED_HPP
#define CLOAKROOM_SESSION_CHECKED_HPP

#include <cloakroom/session/settings.hpp>

#include <chrono>

namespace cloakroom::inline v0 {

/// Functions that do not exist, named like what is wrong: to call one is what stops the compiler.
namespace wrong_settings {

void cookie_name_is_longer_than_128_bytes();
void cookie_domain_is_longer_than_255_bytes();
void cookie_path_is_longer_than_255_bytes();
void cookie_name_is_no_name_of_a_cookie();
void cookie_name_has_its_prefix_in_another_case();
void a_host_prefixed_cookie_name_needs_cookie_secure_and_cookie_path_slash_and_no_cookie_domain();
void a_secure_prefixed_cookie_name_needs_cookie_secure();
void an_http_prefixed_cookie_name_needs_cookie_secure_and_cookie_httponly();
void cookie_path_is_no_path_that_begins_with_a_slash();
void cookie_domain_is_no_domain_name();
void cookie_age_is_not_more_than_zero();
void cookie_age_is_more_than_the_400_days_that_browsers_keep_a_cookie();
void cookie_age_is_more_than_10000_years();
void cookie_samesite_none_needs_cookie_secure();
void cookie_partitioned_needs_cookie_secure();
void absolute_age_is_less_than_zero();
void absolute_age_is_more_than_10000_years();
void renewal_threshold_is_less_than_zero();
void renewal_threshold_is_not_less_than_cookie_age();
void commit_deadline_is_less_than_zero();
void commit_deadline_is_more_than_an_hour();

} // namespace wrong_settings

/// The settings as they are; wrong ones do not compile, and the compiler's message names the rule:
/// `cr::checked({.cookie_name = "__Host-sid", .cookie_secure = true})`. What is only known when the program
/// runs goes to Backend as it is, which throws ImproperlyConfigured for the same reasons.
///
/// Two things are refused here alone, as Django takes them: a cookie_age of nothing or less, with which every
/// session is over at once, and one of more than the 400 days after which browsers forget a cookie that they
/// are to keep.
consteval Settings checked(Settings settings)
{
    using enum SettingsProblem;
    if (settings.cookie_age <= std::chrono::seconds::zero())
        wrong_settings::cookie_age_is_not_more_than_zero();
    switch (first_problem(settings)) {
    case none:
        break;
    case cookie_name_is_too_long:
        wrong_settings::cookie_name_is_longer_than_128_bytes();
        break;
    case cookie_domain_is_too_long:
        wrong_settings::cookie_domain_is_longer_than_255_bytes();
        break;
    case cookie_path_is_too_long:
        wrong_settings::cookie_path_is_longer_than_255_bytes();
        break;
    case cookie_name_is_no_cookie_name:
        wrong_settings::cookie_name_is_no_name_of_a_cookie();
        break;
    case cookie_name_has_its_prefix_in_another_case:
        wrong_settings::cookie_name_has_its_prefix_in_another_case();
        break;
    case host_name_needs_secure_path_slash_and_no_domain:
        wrong_settings::
            a_host_prefixed_cookie_name_needs_cookie_secure_and_cookie_path_slash_and_no_cookie_domain();
        break;
    case secure_name_needs_secure:
        wrong_settings::a_secure_prefixed_cookie_name_needs_cookie_secure();
        break;
    case http_name_needs_secure_and_httponly:
        wrong_settings::an_http_prefixed_cookie_name_needs_cookie_secure_and_cookie_httponly();
        break;
    case cookie_path_is_no_path:
        wrong_settings::cookie_path_is_no_path_that_begins_with_a_slash();
        break;
    case cookie_domain_is_no_domain_name:
        wrong_settings::cookie_domain_is_no_domain_name();
        break;
    case cookie_age_is_too_long:
        wrong_settings::cookie_age_is_more_than_10000_years();
        break;
    case samesite_none_needs_secure:
        wrong_settings::cookie_samesite_none_needs_cookie_secure();
        break;
    case partitioned_needs_secure:
        wrong_settings::cookie_partitioned_needs_cookie_secure();
        break;
    case absolute_age_is_negative:
        wrong_settings::absolute_age_is_less_than_zero();
        break;
    case absolute_age_is_too_long:
        wrong_settings::absolute_age_is_more_than_10000_years();
        break;
    case renewal_threshold_is_negative:
        wrong_settings::renewal_threshold_is_less_than_zero();
        break;
    case renewal_threshold_is_not_below_cookie_age:
        wrong_settings::renewal_threshold_is_not_less_than_cookie_age();
        break;
    case commit_deadline_is_negative:
        wrong_settings::commit_deadline_is_less_than_zero();
        break;
    case commit_deadline_is_too_long:
        wrong_settings::commit_deadline_is_more_than_an_hour();
        break;
    }
    if (settings.cookie_age > std::chrono::days{400} && !settings.expire_at_browser_close)
        wrong_settings::cookie_age_is_more_than_the_400_days_that_browsers_keep_a_cookie();
    return settings;
}

/// What OWASP's papers on sessions ask of the settings, where Django's defaults are milder. It needs HTTPS. A
/// preset to start from: `auto settings = cr::strict_settings; settings.cookie_age = 1h;`
///
/// - The name says nothing of the program, and its prefix makes browsers insist on the rest: sent over HTTPS
///   only, set by this very host, for all its paths.
/// - No script reads it, and the browser forgets it when it is closed.
/// - SameSite=Lax, not Strict: it keeps the cookie from every request of another site that can change
///   something. Under Strict a visitor who follows a link to the site comes without the cookie, and the
///   session that is then begun takes the place of the one they had; a login that returns from elsewhere
///   fails likewise.
/// - A session that nobody uses ends after half an hour, and any session after twelve. OWASP asks for both
///   limits and leaves the numbers to the site, fewer minutes where there is more to lose; these are those of
///   NIST SP 800-63B for its second level.
/// - Looking at a session is use. That is written at most once in a minute, so one that is not used may end a
///   minute early. A request that does not look at the session costs nothing and is no use of it.
/// - No cache keeps a response that sets the cookie.
/// - Not partitioned: that is for pages that live inside those of others.
///
/// What OWASP asks for beyond that is with the program: a new key at each login, and for sessions in the
/// cookie itself a way to end them before their time.
inline constexpr Settings strict_settings = checked({
    .cookie_name = "__Host-id",
    .cookie_age = std::chrono::minutes{30},
    .cookie_httponly = true,
    .cookie_secure = true,
    .cookie_samesite = SameSite::lax,
    .expire_at_browser_close = true,
    .absolute_age = std::chrono::hours{12},
    .renewal_threshold = std::chrono::minutes{1},
    .no_store = true,
});

} // namespace cloakroom::inline v0

#endif
