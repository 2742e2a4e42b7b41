// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_HTTPLIB_HPP
#define CLOAKROOM_AUTH_HTTPLIB_HPP

#include <cloakroom/auth/csrf.hpp>
#include <cloakroom/http/httplib_message.hpp>
#include <cloakroom/http/in_session.hpp>
#include <cloakroom/http/outcome.hpp>

#include <optional>
#include <span>
#include <string>

// What forms and messages need of cpp-httplib, for handlers made with http::Httplib:
//
//     auto csrf = auth::open_csrf(protection, request, session);
//     auth::Messages messages{message_cookie.open(http::cookie_headers(request), session)};
//     if (auto const failure = csrf.check(request.get_param_value("csrfmiddlewaretoken")))
//         ...
//     auth::add_headers(messages.close(), response); // before the handler returns
//     auth::add_headers(csrf.close(), response);

namespace cloakroom::inline v0::auth {

/// The protection's secret for a request that came by HTTPS, or did not; without a word about it, as
/// csrf_cookie_secure says. Takes the Host header as the site's name, so refuse requests for other names
/// before, as Django's ALLOWED_HOSTS does. The request outlives the Csrf.
template <class Session>
Csrf<Session> open_csrf(CsrfProtection const& protection, httplib::Request const& request, Session& session,
                        std::optional<bool> is_secure = std::nullopt)
{
    auto const& settings = protection.settings();
    auto const cookie = protection.cookie_in(http::cookie_headers(request));
    return protection.open(
        {.method = request.method,
         .is_secure = is_secure.value_or(settings.csrf_cookie_secure),
         .host = http::find_header(request, "Host").value_or(""),
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
