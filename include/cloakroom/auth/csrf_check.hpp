// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_CSRF_CHECK_HPP
#define CLOAKROOM_AUTH_CSRF_CHECK_HPP

#include <cloakroom/auth/csrf_failure.hpp>
#include <cloakroom/auth/csrf_origin.hpp>
#include <cloakroom/auth/csrf_token.hpp>
#include <cloakroom/core/cookie_token.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cloakroom::inline v0::auth {

/// What the check looks at in a request. The texts outlive the Csrf that is made of it, but for `cookie`,
/// which is read by open() alone.
struct CsrfRequest {
    std::string_view method{}; ///< as received; only upper case is known (S-607)
    bool is_secure = false;    ///< whether the browser speaks HTTPS, to us or to the proxy before us
    /// Name and port that the browser asked for, as its Host header has them, if the site answers for that
    /// name; else empty, and only trusted origins are good.
    std::string_view host{};
    std::uint16_t port = 443;                       ///< ours; matters where a cookie domain is set (S-610)
    std::optional<std::string_view> origin{};       ///< the Origin header
    std::optional<std::string_view> referer{};      ///< the Referer header
    std::optional<std::string_view> cookie{};       ///< CsrfProtection::cookie_in()
    std::optional<std::string_view> header_token{}; ///< the header csrf_header_name
};

/// The secret that a visitor came with.
struct CsrfReceived {
    std::optional<std::string> secret{};         ///< unmasked
    CsrfFormat cookie_format = CsrfFormat::good; ///< what is wrong with the cookie that has none
};

/// What the check takes from the settings. Views that live as long as the call.
struct CsrfRules {
    TrustedOrigins const& trusted_origins;
    std::string_view cookie_domain; ///< of the cookie that holds the secret or the session's key
    std::string_view header_name;
};

/// Why the request must not be served, or nothing when it may. See Csrf::check().
[[nodiscard]] inline std::optional<CsrfFailure> check_csrf(CsrfRequest const& request,
                                                           CsrfReceived const& received,
                                                           std::string_view form_token,
                                                           CsrfRules const& rules);

namespace csrf_detail {

/// A header's name as Django's reasons have it: X-Csrftoken.
inline std::string title_case(std::string_view name)
{
    std::string title;
    for (bool is_first = true; char const c : name) {
        auto const lower = ascii_lower(c);
        auto const is_letter = lower >= 'a' && lower <= 'z';
        title += is_letter && is_first ? static_cast<char>(lower - 'a' + 'A') : lower == '_' ? '-' : lower;
        is_first = !is_letter;
    }
    return title;
}

inline std::optional<CsrfFailure> check_origin(CsrfRequest const& request, CsrfRules const& rules)
{
    auto const origin = *request.origin;
    auto const own = (request.is_secure ? "https://" : "http://") + std::string{request.host};
    if ((!request.host.empty() && origin == own) || rules.trusted_origins.has_origin(origin))
        return std::nullopt;
    return CsrfFailure{CsrfReason::untrusted_origin, origin};
}

inline std::optional<CsrfFailure> check_referer(CsrfRequest const& request, CsrfRules const& rules)
{
    if (!request.referer)
        return CsrfFailure{CsrfReason::no_referer};
    auto const referer = CsrfUrl::parse(*request.referer);
    if (!referer || referer->scheme.empty() || referer->host.empty())
        return CsrfFailure{CsrfReason::malformed_referer};
    if (referer->scheme != "https")
        return CsrfFailure{CsrfReason::insecure_referer};

    std::string good{request.host};
    if (!rules.cookie_domain.empty()) {
        good = std::string{rules.cookie_domain};
        if (request.port != 443 && request.port != 80)
            good += ":" + std::to_string(request.port);
    }
    if (rules.trusted_origins.has_host(referer->host) || is_same_domain(referer->host, good))
        return std::nullopt;
    return CsrfFailure{CsrfReason::untrusted_referer, referer->text()};
}

inline std::optional<CsrfFailure> check_token(CsrfRequest const& request, CsrfReceived const& received,
                                              std::string_view form_token, CsrfRules const& rules)
{
    if (received.cookie_format == CsrfFormat::bad_length)
        return CsrfFailure{CsrfReason::cookie_bad_length};
    if (received.cookie_format == CsrfFormat::bad_characters)
        return CsrfFailure{CsrfReason::cookie_bad_characters};
    if (!received.secret)
        return CsrfFailure{CsrfReason::no_cookie};

    auto const is_from_form = request.method == "POST" && !form_token.empty();
    if (!is_from_form && !request.header_token)
        return CsrfFailure{CsrfReason::token_missing};
    auto const token = is_from_form ? form_token : *request.header_token;
    auto const failure = [&](CsrfReason reason) -> CsrfFailure {
        if (is_from_form)
            return CsrfFailure{reason, "POST"};
        return CsrfFailure{reason, "the '" + title_case(rules.header_name) + "' HTTP header"};
    };
    auto const format = csrf_format(token);
    if (format == CsrfFormat::bad_length)
        return failure(CsrfReason::token_bad_length);
    if (format == CsrfFormat::bad_characters)
        return failure(CsrfReason::token_bad_characters);
    if (!csrf_token_matches(token, *received.secret))
        return failure(CsrfReason::token_incorrect);
    return std::nullopt;
}

} // namespace csrf_detail

inline std::optional<CsrfFailure> check_csrf(CsrfRequest const& request, CsrfReceived const& received,
                                             std::string_view form_token, CsrfRules const& rules)
{
    constexpr std::array<std::string_view, 4> safe{"GET", "HEAD", "OPTIONS", "TRACE"};
    if (std::find(safe.begin(), safe.end(), request.method) != safe.end())
        return std::nullopt;
    if (request.origin) {
        if (auto failure = csrf_detail::check_origin(request, rules))
            return failure;
    } else if (request.is_secure) {
        if (auto failure = csrf_detail::check_referer(request, rules))
            return failure;
    }
    return csrf_detail::check_token(request, received, form_token, rules);
}

} // namespace cloakroom::inline v0::auth

#endif
