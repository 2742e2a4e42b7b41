// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_HTTPLIB_HPP
#define CLOAKROOM_AUTH_HTTPLIB_HPP

#include <cloakroom/auth/csrf.hpp>
#include <cloakroom/http/httplib_message.hpp>
#include <cloakroom/http/in_session.hpp>
#include <cloakroom/http/outcome.hpp>

#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

// What forms and messages need of cpp-httplib, for handlers made with http::Httplib:
//
//     auto csrf = auth::open_csrf(protection, request, session);
//     auth::Messages messages{message_cookie.open(http::cookie_headers(request), session)};
//     if (auto const failure = csrf.check(request.get_param_value("csrfmiddlewaretoken")))
//         ...
//     auth::add_headers(messages.close(), response); // before the handler returns
//     auth::add_headers(csrf.close(), response);

namespace cloakroom::inline v0::auth {

namespace csrf_detail {

/// The port that the browser has asked for, which is another than the server's where a proxy stands before
/// it. HTTPS's own if there is none, or what is no port.
inline std::uint16_t port_of(std::string_view host)
{
    std::uint16_t port = 443;
    auto const colon = host.rfind(':');
    if (colon == std::string_view::npos || host.find(']', colon) != std::string_view::npos)
        return port;
    auto const* const end = host.data() + host.size();
    std::uint16_t written = 0;
    auto const [rest, error] = std::from_chars(host.data() + colon + 1, end, written);
    return error == std::errc{} && rest == end ? written : port;
}

} // namespace csrf_detail

/// The protection's secret for a request that came by HTTPS, or did not; without a word about it, as the
/// cookie that guards the secret says: csrf_cookie_secure, or with csrf_use_sessions the session's
/// cookie_secure. Takes the Host header as the site's name and port, so refuse requests for other names
/// before, as Django's ALLOWED_HOSTS does. The request outlives the Csrf.
template <class Session>
Csrf<Session> open_csrf(CsrfProtection const& protection, httplib::Request const& request, Session& session,
                        std::optional<bool> is_secure = std::nullopt)
{
    auto const& settings = protection.settings();
    auto const cookie_is_secure =
        settings.csrf_use_sessions ? session.backend().settings().cookie_secure : settings.csrf_cookie_secure;
    auto const cookie = protection.cookie_in(http::cookie_headers(request));
    auto const host = http::find_header(request, "Host").value_or("");
    return protection.open(
        {.method = request.method,
         .is_secure = is_secure.value_or(cookie_is_secure),
         .host = host,
         .port = csrf_detail::port_of(host),
         .origin = http::find_header(request, "Origin"),
         .referer = http::find_header(request, "Referer"),
         .cookie = cookie,
         .header_token = http::find_header(request, std::string{settings.csrf_header_name.view()})},
        session);
}

/// Adds what close() of a Csrf or of Messages says to a response. Vary is merged with what is there.
inline void add_headers(std::span<http::Header const> headers, httplib::Response& response)
{
    http::HttplibResponse adapted{response};
    http::add(headers, adapted);
}

} // namespace cloakroom::inline v0::auth

#endif
