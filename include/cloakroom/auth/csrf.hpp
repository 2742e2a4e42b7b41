// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_CSRF_HPP
#define CLOAKROOM_AUTH_CSRF_HPP

#include <cloakroom/auth/csrf_check.hpp>
#include <cloakroom/auth/csrf_failure.hpp>
#include <cloakroom/auth/csrf_origin.hpp>
#include <cloakroom/auth/csrf_settings.hpp>
#include <cloakroom/auth/csrf_token.hpp>
#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/http/cookie_parser.hpp>
#include <cloakroom/http/outcome.hpp>
#include <cloakroom/http/same_site.hpp>
#include <cloakroom/http/set_cookie.hpp>

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::auth {

/// For a Csrf whose secret is in a cookie of its own.
struct NoSession {};

template <class Session = NoSession>
class Csrf;

/// Django's protection against forms that another site sends in a visitor's name: each form of ours carries a
/// token that only this browser's pages can know, and a request that changes something must bring it.
///
///     auth::CsrfProtection const protection{{.csrf_cookie_secure = true}}; // once, for all threads
///
///     // in each request
///     auto const cookie = protection.cookie_in(request.cookie_headers);
///     auto csrf = protection.open({.method = request.method, .is_secure = true, .host = request.host,
///                                  .origin = request.origin, .referer = request.referer, .cookie = cookie,
///                                  .header_token = request.header("X-CSRFToken")});
///     if (auto const failure = csrf.check(form["csrfmiddlewaretoken"])) {
///         log(failure->log_line(request.path));
///         return forbidden();                                              // 403
///     }
///     page << "<form method=post>" << csrf.hidden_field() << ...;          // a form of ours
///     csrf.rotate();                                                       // after a login
///     for (auto const& header : csrf.close())                              // before the headers leave
///         response.add(header);
///
/// With `csrf_use_sessions` the session goes along, `protection.open({...}, session)`, and close() comes
/// before the middleware closes the session. A handler without check() is Django's csrf_exempt, one that
/// calls token() in any case its ensure_csrf_cookie (S-618).
class CsrfProtection {
public:
    /// Throws ImproperlyConfigured naming the setting.
    explicit CsrfProtection(CsrfSettings settings = {})
        : settings_{checked(std::move(settings))}, trusted_origins_{settings_.csrf_trusted_origins}
    {
    }

    CsrfSettings const& settings() const noexcept { return settings_; }

    /// Sets where the time comes from. Before this is shared.
    void clock(Clock clock) { clock_ = std::move(clock); }

    /// The value of the cookie csrf_cookie_name in a request's Cookie headers: any range of texts, or one.
    /// One of several with a prefixed name, such as `__Host-csrftoken`, is none: somebody else has planted
    /// it.
    template <class Headers>
    std::optional<std::string> cookie_in(Headers&& headers) const
    {
        return http::cookie_value(headers, settings_.csrf_cookie_name);
    }

    /// The secret of a request. A cookie that holds none gets a new one (S-606). Throws ImproperlyConfigured
    /// where the settings want it in a session (S-605). This object outlives the Csrf.
    Csrf<NoSession> open(CsrfRequest const& request) const;

    /// The same; with csrf_use_sessions the secret is the session's, which is loaded for it, and the cookie
    /// is not looked at (S-605).
    template <class Session>
    Csrf<Session> open(CsrfRequest const& request, Session& session) const;

private:
    friend class CsrfSecret;
    template <class Session>
    friend class Csrf;

    static CsrfSettings checked(CsrfSettings settings)
    {
        check_csrf_settings(settings);
        return settings;
    }

    std::string cookie_line(std::string_view secret) const;

    CsrfSettings settings_;
    TrustedOrigins trusted_origins_;
    Clock clock_;
};

/// The part of Csrf that does not depend on where the secret is kept.
class CsrfSecret {
public:
    /// Where a session keeps it (S-605).
    static constexpr std::string_view item_name = "_csrftoken";

    CsrfSecret(CsrfSecret const&) = delete;
    CsrfSecret& operator=(CsrfSecret const&) = delete;

    /// Why the request must not be served, or nothing when it may: safe methods may, GET, HEAD, OPTIONS and
    /// TRACE (S-607); others where Origin or Referer is ours or trusted, and the token is right (S-608).
    /// `form_token` is the form's field csrfmiddlewaretoken, which counts for POST and if it is not empty;
    /// else the header's token does (S-612). Asks for the secret as the request brought it: rotate() does not
    /// matter.
    [[nodiscard]] std::optional<CsrfFailure> check(std::string_view form_token = {}) const
    {
        return check_csrf(request_, received_, form_token,
                          {.trusted_origins = protection_->trusted_origins_,
                           .cookie_domain = cookie_domain_,
                           .header_name = protection_->settings().csrf_header_name});
    }

    /// A token for a page, another text at each call. The visitor gets the secret with this response, a new
    /// one if there is none (S-614), or none any more in the session, as after a login; a page that holds one
    /// must not be shared by a cache.
    std::string token();

    /// Django's {% csrf_token %}: the input element with the token.
    std::string hidden_field()
    {
        return R"(<input type="hidden" name="csrfmiddlewaretoken" value=")" + token() + R"(">)";
    }

    /// Makes a new secret: forms that are open elsewhere stop working (S-615). Wherever somebody logs in.
    void rotate()
    {
        make_secret();
        needs_update_ = true;
    }

protected:
    CsrfSecret(CsrfProtection const& protection, CsrfRequest const& request, std::string_view cookie_domain)
        : protection_{&protection}, request_{request}, cookie_domain_{cookie_domain}
    {
    }
    ~CsrfSecret() = default;

    void receive_cookie();
    void receive_session_item(std::string text);

    /// The secret that a cookie or a session's item holds. Sites before Django 4.0 kept it masked (S-605).
    static std::optional<std::string> secret_in(std::string_view text);

    /// The secret, if the response has to bring it. Says so once.
    std::optional<std::string> take_update()
    {
        return std::exchange(needs_update_, false) ? secret_ : std::nullopt;
    }
    /// Whether the secret was made here and has not been written.
    bool is_new() const noexcept { return is_new_; }
    void set_written() noexcept { is_new_ = false; }

    /// What a secret that is not new has to be now: the session's, which a login or a logout may have
    /// changed; else the one that came.
    virtual std::optional<std::string> present_secret() const { return secret_; }
    CsrfProtection const& protection() const noexcept { return *protection_; }

private:
    void make_secret()
    {
        secret_ = new_csrf_secret();
        is_new_ = true;
    }

    CsrfProtection const* protection_;
    CsrfRequest request_;
    std::string_view cookie_domain_; // of the cookie that holds the secret or the session's key
    CsrfReceived received_;
    std::optional<std::string> secret_;
    bool is_new_ = false;
    bool needs_update_ = false;
};

/// The secret of one visitor within one request: made by CsrfProtection::open(). Used by one thread at a
/// time.
template <class Session>
class Csrf final : public CsrfSecret {
public:
    /// What to add to the response, if token() or rotate() was called or the cookie was bad: the cookie and
    /// `Vary: Cookie`, or nothing, when the secret is written into the session instead, unless it is there
    /// (S-616). One that came in the session and is not there any more is not put back. A second call adds
    /// nothing.
    std::vector<http::Header> close();

private:
    friend CsrfProtection;

    Csrf(CsrfProtection const& protection, CsrfRequest const& request, Session* session);
    static std::string_view domain_of_cookie(CsrfProtection const& protection, Session const* session);
    std::optional<std::string> item() const;
    std::optional<std::string> present_secret() const override;

    Session* session_; // none where a cookie holds the secret
};

inline Csrf<NoSession> CsrfProtection::open(CsrfRequest const& request) const
{
    if (settings_.csrf_use_sessions)
        throw ImproperlyConfigured{"csrf_use_sessions: open() needs the session"};
    return {*this, request, nullptr};
}

template <class Session>
Csrf<Session> CsrfProtection::open(CsrfRequest const& request, Session& session) const
{
    return {*this, request, settings_.csrf_use_sessions ? &session : nullptr};
}

inline std::string CsrfProtection::cookie_line(std::string_view secret) const
{
    return http::SetCookie{.name = settings_.csrf_cookie_name,
                           .value = secret,
                           .domain = settings_.csrf_cookie_domain,
                           .path = settings_.csrf_cookie_path,
                           .max_age = settings_.csrf_cookie_age,
                           .expires = {},
                           .http_only = settings_.csrf_cookie_httponly,
                           .secure = settings_.csrf_cookie_secure,
                           .same_site = http::same_site_text(settings_.csrf_cookie_samesite)}
        .header_value(clock_ ? clock_() : system_now());
}

inline void CsrfSecret::receive_cookie()
{
    auto const sent = std::exchange(request_.cookie, std::nullopt); // may be gone after open()
    if (!sent)
        return;
    received_.cookie_format = csrf_format(*sent);
    secret_ = secret_in(*sent);
    if (!secret_)
        return rotate();
    received_.secret = *secret_;
}

/// A text that is no secret is one that no token matches, as the session's copy is not checked (S-605).
inline void CsrfSecret::receive_session_item(std::string text)
{
    secret_ = secret_in(text);
    received_.secret = secret_ ? *secret_ : std::move(text);
}

inline std::optional<std::string> CsrfSecret::secret_in(std::string_view text)
{
    if (csrf_format(text) != CsrfFormat::good)
        return std::nullopt;
    return text.size() == csrf_token_length ? unmask_csrf_token(text) : std::string{text};
}

inline std::string CsrfSecret::token()
{
    if (!is_new_)
        secret_ = present_secret();
    if (!secret_)
        make_secret();
    needs_update_ = true;
    return mask_csrf_secret(*secret_);
}

template <class Session>
Csrf<Session>::Csrf(CsrfProtection const& protection, CsrfRequest const& request, Session* session)
    : CsrfSecret{protection, request, domain_of_cookie(protection, session)}, session_{session}
{
    if constexpr (!std::same_as<Session, NoSession>)
        if (session_ != nullptr) {
            if (auto text = item())
                receive_session_item(*std::move(text));
            return;
        }
    receive_cookie();
}

/// The session's, if it is a text.
template <class Session>
std::optional<std::string> Csrf<Session>::item() const
{
    if constexpr (!std::same_as<Session, NoSession>) {
        std::optional<Value> const stored = session_->get(item_name);
        if (auto const* const text = stored ? stored->get_if<std::string>() : nullptr)
            return *text;
    }
    return std::nullopt;
}

template <class Session>
std::optional<std::string> Csrf<Session>::present_secret() const
{
    if (session_ == nullptr)
        return CsrfSecret::present_secret();
    auto const text = item();
    return text ? secret_in(*text) : std::nullopt;
}

template <class Session>
std::string_view Csrf<Session>::domain_of_cookie(CsrfProtection const& protection, Session const* session)
{
    if constexpr (!std::same_as<Session, NoSession>)
        if (session != nullptr)
            return session->backend().settings().cookie_domain;
    return protection.settings().csrf_cookie_domain;
}

template <class Session>
std::vector<http::Header> Csrf<Session>::close()
{
    auto const secret = take_update();
    if (!secret)
        return {};
    if constexpr (!std::same_as<Session, NoSession>)
        if (session_ != nullptr) {
            auto const is_valid = is_new() || present_secret() == secret;
            if (is_valid && session_->get(item_name) != Value{*secret})
                (*session_)[item_name] = *secret;
            set_written();
            return {};
        }
    std::vector<http::Header> headers{{"Set-Cookie", protection().cookie_line(*secret)}, {"Vary", "Cookie"}};
    if (protection().settings().no_store)
        headers.push_back({"Cache-Control", "no-store"});
    return headers;
}

} // namespace cloakroom::inline v0::auth

#endif
