// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_HTTP_MIDDLEWARE_HPP
#define CLOAKROOM_HTTP_MIDDLEWARE_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/http/cookie_parser.hpp>
#include <cloakroom/http/outcome.hpp>
#include <cloakroom/http/session_cookie.hpp>
#include <cloakroom/http/set_cookie.hpp>
#include <cloakroom/session/event.hpp>
#include <cloakroom/session/read_only_session.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/session/settings.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cloakroom::inline v0 {

/// open(cookies, prefetch): load at once, for servers in which only this call may wait.
struct Prefetch {};
inline constexpr Prefetch prefetch{};

namespace http {

/// A Session, or what derives from one.
template <class S>
concept SessionType = requires(S const& session) {
    typename S::Backend;
    session.session_key();
};

/// A session within its request: what the middleware opens and closes.
template <SessionType Session>
class RequestSession : public Session {
public:
    RequestSession(typename Session::Backend& backend, std::optional<SessionKey> key, bool has_cookie)
        : Session{backend, std::move(key)}, has_cookie_{has_cookie}
    {
    }

    /// Whether the request brought a session cookie of any kind.
    bool has_cookie() const noexcept { return has_cookie_; }

private:
    template <SessionType>
    friend class Middleware;

    bool has_cookie_;
    std::optional<Outcome> outcome_; // once closed
};

/// Django's SessionMiddleware between any web server and a session. Knows texts and numbers only; an adapter
/// reads the request's Cookie headers, calls open(), lets the handler use the session, calls close(), and
/// adds what that returns to the response before its headers leave. Holds nothing between the two calls.
/// Thread-safe.
template <SessionType Session>
class Middleware {
public:
    using Request = RequestSession<Session>;

    /// The backend outlives the middleware.
    explicit Middleware(typename Session::Backend& backend)
        : backend_{&backend}, cookie_{session_cookie(backend.settings(), {}, {})}
    {
    }

    /// The session for the Cookie headers of a request: any range of texts, or one text. Asks no storage
    /// (S-300) and throws for no header, whatever it holds.
    template <CookieHeaders Headers>
    Request open(Headers&& headers) const
    {
        auto const& name = backend_->settings().cookie_name;
        return open_found(find_cookie(headers, name));
    }
    Request open(std::string_view header) const
    {
        return open_found(find_cookie(header, backend_->settings().cookie_name));
    }

    /// The same with the data loaded. Throws StorageError when the store is broken.
    template <class Headers>
    Request open(Headers&& headers, Prefetch) const
    {
        auto session = open(std::forward<Headers>(headers));
        session.ensure_loaded();
        return session;
    }

    /// The session for where no response can carry a cookie: a WebSocket. There is nothing to close. Asks no
    /// storage before it is read.
    template <class Headers>
    ReadOnlySession<Session> read_only(Headers&& headers) const
    {
        return ReadOnlySession<Session>{Session{open(std::forward<Headers>(headers))}};
    }

    /// Saves the session if it has to be, and says what to add to the response: Django's decision table
    /// (S-304 to S-308); a session that was only looked at is renewed where Settings::renewal_threshold says
    /// so. A second call gives the same answer and does nothing else. Throws what save()
    /// throws, except that SessionInterrupted is an outcome. The answer is valid as long as the session.
    Outcome const& close(Request& session, int status) const;

private:
    Request open_found(FoundCookie const& found) const;
    Outcome decide(Request& session, int status) const;
    bool save(Request& session) const;
    bool renews() const noexcept
    {
        auto const& settings = backend_->settings();
        return settings.renewal_threshold.count() > 0 || settings.absolute_age.count() > 0;
    }
    std::string cookie(Request& session) const;
    std::string removal() const;

    typename Session::Backend* backend_;
    SetCookieLines cookie_;
};

template <SessionType Session>
auto Middleware<Session>::open_found(FoundCookie const& found) const -> Request
{
    std::optional<SessionKey> key;
    if (found) {
        if (found.oversize())
            backend_->tell(EventKind::rejected, nullptr, Reason::oversize_cookie);
        else if (is_planted(found, backend_->settings().cookie_name))
            backend_->tell(EventKind::rejected, nullptr, Reason::duplicate_cookie);
        else if (key = SessionKey::parse(found.value()); !key)
            backend_->tell(EventKind::rejected, nullptr, Reason::unusable_key);
    }
    return {*backend_, std::move(key), static_cast<bool>(found)};
}

template <SessionType Session>
Outcome const& Middleware<Session>::close(Request& session, int status) const
{
    if (!session.outcome_)
        session.outcome_ = decide(session, status);
    return *session.outcome_;
}

template <SessionType Session>
Outcome Middleware<Session>::decide(Request& session, int status) const
{
    Outcome outcome{status, {}};
    auto const vary = [&] { outcome.headers.push_back({"Vary", "Cookie"}); };
    auto const set_cookie = [&](std::string line) {
        outcome.headers.reserve(3);
        outcome.headers.push_back({"Set-Cookie", std::move(line)});
        if (backend_->settings().no_store)
            outcome.headers.push_back({"Cache-Control", "no-store"});
    };
    auto const remove_cookie = [&] {
        set_cookie(removal());
        vary();
        return outcome;
    };
    // Before anything below can change it (S-302).
    auto const accessed = session.accessed();
    auto const modified = session.modified();

    if (session.is_empty() && session.has_cookie())
        return remove_cookie();
    if (status >= 500) {
        // A failed request saves nothing more (S-308). But where it has already moved the record to a new
        // key, only that key opens it.
        if (session.has_new_key() && session.session_key())
            set_cookie(cookie(session));
        if (accessed)
            vary();
    } else if (!session.is_empty() && (modified || backend_->settings().save_every_request)) {
        session.ensure_loaded();
        // Only a session that exists is kept alive; an unknown cookie is no reason to make one (unlike
        // S-323).
        if (!modified && session.is_empty())
            return remove_cookie();
        if (!save(session))
            return {400, {{"Vary", "Cookie"}}, true};
        set_cookie(cookie(session)); // after the save, which may have given a new key (S-310)
        vary();
    } else if (accessed) {
        if (renews() && !session.is_empty() && session.renew())
            set_cookie(cookie(session));
        vary();
    }
    return outcome;
}

/// Whether the session lives on.
template <SessionType Session>
bool Middleware<Session>::save(Request& session) const
try {
    if (!session.is_written())
        session.save();
    return true;
} catch (SessionInterrupted const&) {
    return false;
}

template <SessionType Session>
std::string Middleware<Session>::cookie(Request& session) const
{
    return cookie_.header_value(session.session_key()->reveal(), session.cookie_lifetime(), backend_->now());
}

template <SessionType Session>
std::string Middleware<Session>::removal() const
{
    auto const& settings = backend_->settings();
    return deletion(settings.cookie_name, settings.cookie_path, settings.cookie_domain,
                    same_site_text(settings.cookie_samesite), settings.cookie_partitioned)
        .header_value(backend_->now());
}

} // namespace http
} // namespace cloakroom::inline v0

#endif
