// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_CSRF_FAILURE_HPP
#define CLOAKROOM_AUTH_CSRF_FAILURE_HPP

#include <cloakroom/core/hex.hpp>

#include <string>
#include <string_view>

namespace cloakroom::inline v0::auth {

/// Why a request is not taken for one that a page of ours sent. All are answered 403 and alike: the reason is
/// for the site's log.
enum class CsrfReason {
    untrusted_origin,  ///< the Origin header names another site (S-609)
    no_referer,        ///< HTTPS without Origin and without Referer (S-610)
    malformed_referer, ///< a Referer without scheme or host
    insecure_referer,  ///< a Referer of a page that came without HTTPS
    untrusted_referer, ///< the Referer names another site
    no_cookie,         ///< the visitor has no secret (S-612)
    cookie_bad_length, ///< the cookie's secret has neither 32 nor 64 characters
    cookie_bad_characters,
    token_missing,   ///< neither form field nor header
    token_incorrect, ///< a token of another secret (S-613)
    token_bad_length,
    token_bad_characters,
};

/// A reason and what the request had instead.
class CsrfFailure {
public:
    /// `subject`: the origin or referer that is not trusted, or where the bad token came from.
    explicit CsrfFailure(CsrfReason reason, std::string_view subject = {});

    CsrfReason reason() const noexcept { return reason_; }

    /// Django's sentence (S-609 to S-613). It may repeat what the client sent, without control characters;
    /// escape it before it goes into a page.
    std::string text() const;

    /// The line that Django logs as a warning to `django.security.csrf` (S-617). Control characters of the
    /// path are escaped.
    std::string log_line(std::string_view path) const;

private:
    CsrfReason reason_;
    std::string subject_;
};

namespace csrf_detail {

/// The text with control characters as `\xNN`, so that it stays one line of a log.
inline std::string without_controls(std::string_view text)
{
    std::string result;
    result.reserve(text.size());
    for (char const c : text) {
        auto const byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte != 0x7F)
            result += c;
        else
            ((result += "\\x") += hex_digits[byte >> 4U]) += hex_digits[byte & 15U];
    }
    return result;
}

} // namespace csrf_detail

inline CsrfFailure::CsrfFailure(CsrfReason reason, std::string_view subject)
    : reason_{reason}, subject_{csrf_detail::without_controls(subject)}
{
}

inline std::string CsrfFailure::text() const
{
    switch (reason_) {
    case CsrfReason::untrusted_origin:
        return "Origin checking failed - " + subject_ + " does not match any trusted origins.";
    case CsrfReason::no_referer:
        return "Referer checking failed - no Referer.";
    case CsrfReason::malformed_referer:
        return "Referer checking failed - Referer is malformed.";
    case CsrfReason::insecure_referer:
        return "Referer checking failed - Referer is insecure while host is secure.";
    case CsrfReason::untrusted_referer:
        return "Referer checking failed - " + subject_ + " does not match any trusted origins.";
    case CsrfReason::no_cookie:
        return "CSRF cookie not set.";
    case CsrfReason::cookie_bad_length:
        return "CSRF cookie has incorrect length.";
    case CsrfReason::cookie_bad_characters:
        return "CSRF cookie has invalid characters.";
    case CsrfReason::token_missing:
        return "CSRF token missing.";
    case CsrfReason::token_incorrect:
        return "CSRF token from " + subject_ + " incorrect.";
    case CsrfReason::token_bad_length:
        return "CSRF token from " + subject_ + " has incorrect length.";
    case CsrfReason::token_bad_characters:
        return "CSRF token from " + subject_ + " has invalid characters.";
    }
    return {};
}

inline std::string CsrfFailure::log_line(std::string_view path) const
{
    return "Forbidden (" + text() + "): " + csrf_detail::without_controls(path);
}

} // namespace cloakroom::inline v0::auth

#endif
