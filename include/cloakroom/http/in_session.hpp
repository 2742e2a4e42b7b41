// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_HTTP_IN_SESSION_HPP
#define CLOAKROOM_HTTP_IN_SESSION_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/http/middleware.hpp>
#include <cloakroom/http/outcome.hpp>
#include <cloakroom/http/vary.hpp>

#include <concepts>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace cloakroom::inline v0::http {

/// The response of some library as in_session() needs it. For authors of adapters.
template <class R>
concept AdaptedResponse =
    requires(R& response, int status, std::string const& name, std::string const& value) {
        { response.status() } -> std::convertible_to<int>;

        // Adds a header beside those that have this name already.
        response.append(name, value);

        // Removes all headers of this name and returns their values, joined by commas.
        { response.take(name) } -> std::convertible_to<std::string>;

        // Makes it what it was before the handler, without a body and with this status.
        response.start_again(status);

        // Sets a body of plain text and its type.
        response.set_text(value);
    };

/// What the visitor reads whose session was ended elsewhere while the request ran (S-311).
inline constexpr std::string_view ended_meanwhile = "Bad request: the session has ended meanwhile.\n";

/// Adds headers as the middleware, forms and messages want them: a cookie beside those that are there, Vary
/// merged, Cache-Control in place of what is there.
template <AdaptedResponse Response>
void add(std::span<Header const> headers, Response& response)
{
    for (auto const& [name, value] : headers) {
        auto const present = name == "Vary" || name == "Cache-Control" ? response.take(name) : std::string{};
        response.append(name, name == "Vary" ? patch_vary(present, value) : value);
    }
}

/// Runs a handler that uses an open session, closes the session and adds its headers to the response: what
/// is the same in all adapters. Nothing of the response may have left before, nor the session be used after.
///
/// What the handler or saving throws passes through; the session is then closed as for status 500, which
/// saves nothing, and the response has that status. Where somebody else ended the session meanwhile, the
/// answer is a plain 400. Nothing of the handler's response is left in either case.
template <SessionType Session, AdaptedResponse Response, std::invocable Handler>
void in_session(Middleware<Session> const& middleware, RequestSession<Session>& session, Response& response,
                Handler&& handler)
{
    auto const refuse = [&] {
        response.start_again(400);
        response.set_text(std::string{ended_meanwhile});
    };
    try {
        std::invoke(handler);
        auto const& outcome = middleware.close(session, response.status());
        if (outcome.interrupted)
            refuse();
        add(outcome.headers, response);
    } catch (SessionInterrupted const&) {
        refuse();
        add(middleware.close(session, 500).headers, response);
    } catch (...) {
        response.start_again(500);
        add(middleware.close(session, 500).headers, response);
        throw;
    }
}

} // namespace cloakroom::inline v0::http

#endif
