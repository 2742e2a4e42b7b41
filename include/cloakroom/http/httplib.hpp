// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_HTTP_HTTPLIB_HPP
#define CLOAKROOM_HTTP_HTTPLIB_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/http/middleware.hpp>
#include <cloakroom/http/outcome.hpp>
#include <cloakroom/http/vary.hpp>

#include <concepts>
#include <functional>
#include <httplib.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::http {

/// Sessions for cpp-httplib: makes a handler that takes a session into one of its own.
///
///     cr::http::Httplib<Session> const with_session{backend};
///     server.Get("/visit/", with_session([](auto const& request, auto& response, Session& session) { ...
///     }));
///
/// The session is saved and its headers are in the response when the wrapped handler returns, before anything
/// leaves. A content provider that the handler sets runs later and must not use the session.
template <class Session>
class Httplib {
public:
    using Backend = typename Session::Backend;

    /// `backend` outlives every handler made here; this object need not.
    explicit Httplib(Backend& backend) : middleware_{backend} {}

    /// The handler as cpp-httplib wants it. `handler` is called from many threads at a time.
    ///
    /// What the handler or saving throws passes through; the session is then closed as for status 500, which
    /// saves nothing. Where somebody else ended the session meanwhile, the answer is a plain 400. Nothing of
    /// the handler's response is left in either case. Give the server an exception handler: without one,
    /// cpp-httplib may send the text of an exception to the client.
    template <class Handler>
    requires std::invocable<Handler const&, httplib::Request const&, httplib::Response&, Session&>
    httplib::Server::Handler operator()(Handler handler) const
    {
        return [middleware = middleware_, handler = std::move(handler)](httplib::Request const& request,
                                                                        httplib::Response& response) {
            auto const headers_before = response.headers;
            auto session = middleware.open(cookies_of(request));
            try {
                std::invoke(handler, request, response, session);
                auto const& outcome =
                    middleware.close(session, response.status == -1 ? 200 : response.status);
                if (outcome.interrupted)
                    refuse(response, headers_before);
                add(outcome, response);
            } catch (SessionInterrupted const&) {
                refuse(response, headers_before);
                add(middleware.close(session, 500), response);
            } catch (...) {
                start_again(response, headers_before);
                add(middleware.close(session, 500), response);
                throw;
            }
        };
    }

private:
    static std::vector<std::string_view> cookies_of(httplib::Request const& request)
    {
        std::vector<std::string_view> cookies;
        auto const [first, last] = request.headers.equal_range("Cookie");
        for (auto header = first; header != last; ++header)
            cookies.emplace_back(header->second);
        return cookies;
    }

    static void add(Outcome const& outcome, httplib::Response& response)
    {
        for (auto const& [name, value] : outcome.headers) {
            if (name == "Vary") {
                add_vary(value, response.headers);
                continue;
            }
            if (name == "Cache-Control")
                response.headers.erase(name);
            response.headers.emplace(name, value);
        }
    }

    static void add_vary(std::string const& added, httplib::Headers& headers)
    {
        std::string present;
        auto const [first, last] = headers.equal_range("Vary");
        for (auto header = first; header != last; ++header)
            (present += header->second) += ',';
        headers.erase(first, last);
        headers.emplace("Vary", patch_vary(present, added));
    }

    static void refuse(httplib::Response& response, httplib::Headers const& headers)
    {
        start_again(response, headers);
        response.status = 400;
        response.set_content("Bad request: the session has ended meanwhile.\n", "text/plain; charset=utf-8");
    }

    /// As before the handler. What the old response holds is released.
    static void start_again(httplib::Response& response, httplib::Headers const& headers)
    {
        httplib::Response old;
        std::swap(old, response);
        response.version = old.version;
        response.headers = headers;
    }

    Middleware<Session> middleware_;
};

} // namespace cloakroom::inline v0::http

#endif
