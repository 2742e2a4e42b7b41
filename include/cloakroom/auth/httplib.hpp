// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_HTTPLIB_HPP
#define CLOAKROOM_AUTH_HTTPLIB_HPP

#include <cloakroom/auth/csrf.hpp>
#include <cloakroom/http/httplib.hpp>
#include <cloakroom/http/outcome.hpp>
#include <cloakroom/http/vary.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// What forms and messages need of cpp-httplib, for handlers made with http::Httplib:
//
//     auto csrf = auth::open_csrf(protection, request, session);
//     auth::Messages messages{message_cookie.open(auth::cookie_headers(request), session)};
//     if (auto const failure = csrf.check(request.get_param_value("csrfmiddlewaretoken")))
//         ...
//     auth::add_headers(messages.close(), response); // before the handler returns
//     auth::add_headers(csrf.close(), response);

namespace cloakroom::inline v0::auth {

/// The values of all Cookie headers, as long as the request lives.
inline std::vector<std::string_view> cookie_headers(httplib::Request const& request)
{
    std::vector<std::string_view> cookies;
    auto const [first, last] = request.headers.equal_range("Cookie");
    for (auto cookie = first; cookie != last; ++cookie)
        cookies.emplace_back(cookie->second);
    return cookies;
}

/// The first header of that name, or nothing where there is none, which is not the same as an empty one.
inline std::optional<std::string_view> find_header(httplib::Request const& request, std::string const& name)
{
    auto const found = request.headers.find(name);
    return found == request.headers.end() ? std::nullopt : std::optional<std::string_view>{found->second};
}

/// The protection's secret for a request that came by HTTPS, or did not; without a word about it, as
/// csrf_cookie_secure says. Takes the Host header as the site's name, so refuse requests for other names
/// before, as Django's ALLOWED_HOSTS does. The request outlives the Csrf.
template <class Session>
Csrf<Session> open_csrf(CsrfProtection const& protection, httplib::Request const& request, Session& session,
                        std::optional<bool> is_secure = std::nullopt)
{
    auto const& settings = protection.settings();
    auto const cookie = protection.cookie_in(cookie_headers(request));
    return protection.open(
        {.method = request.method,
         .is_secure = is_secure.value_or(settings.csrf_cookie_secure),
         .host = find_header(request, "Host").value_or(""),
         .origin = find_header(request, "Origin"),
         .referer = find_header(request, "Referer"),
         .cookie = cookie,
         .header_token = find_header(request, std::string{settings.csrf_header_name.view()})},
        session);
}

/// Adds what close() of a Csrf or of Messages says to a response. Vary is merged with what is there.
inline void add_headers(std::span<http::Header const> headers, httplib::Response& response)
{
    for (auto const& [name, value] : headers) {
        if (name != "Vary") {
            response.headers.emplace(name, value);
            continue;
        }
        std::string present;
        auto const [first, last] = response.headers.equal_range(name);
        for (auto header = first; header != last; ++header)
            (present += header->second) += ',';
        response.headers.erase(first, last);
        response.headers.emplace(name, http::patch_vary(present, value));
    }
}

} // namespace cloakroom::inline v0::auth

#endif
