// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_HTTP_HTTPLIB_HPP
#define CLOAKROOM_HTTP_HTTPLIB_HPP

#include <cloakroom/http/httplib_message.hpp>
#include <cloakroom/http/in_session.hpp>
#include <cloakroom/http/middleware.hpp>
#include <cloakroom/session/read_only_session.hpp>

#include <concepts>
#include <functional>
#include <utility>

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
            auto session = middleware.open(cookie_headers(request));
            HttplibResponse adapted{response};
            in_session(middleware, session, adapted,
                       [&] { std::invoke(handler, request, response, session); });
        };
    }

    /// The session to look at only, such as in a content provider. `request` is not needed any more.
    ReadOnlySession<Session> read_only(httplib::Request const& request) const
    {
        return middleware_.read_only(cookie_headers(request));
    }

private:
    Middleware<Session> middleware_;
};

} // namespace cloakroom::inline v0::http

#endif
