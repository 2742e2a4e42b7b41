// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_HTTP_HTTPLIB_HPP
#define CLOAKROOM_HTTP_HTTPLIB_HPP

#include <cloakroom/http/middleware.hpp>
#include <cloakroom/http/vary.hpp>

#include <concepts>
#include <httplib.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::http {

/// Sessions for cpp-httplib: makes a handler that takes a session into one of its own.
///
///     cr::http::Httplib<Session> const with_session{backend};
///     server.Get("/visit/", with_session([](auto const& request, auto& response, Session& session) { ... }));
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
    /// What the handler throws passes through; the session is then closed as for status 500, so it is not saved. Where
    /// the session was ended by somebody else meanwhile, the response becomes a plain 400. What saving throws
    /// (StorageError, ConflictError, TypeError) passes through. In both cases nothing of the handler's response is left.
    template <class Handler>
        requires std::invocable<Handler&, httplib::Request const&, httplib::Response&, Session&>
    httplib::Server::Handler operator()(Handler handler) const
    {
        return [middleware = middleware_, handler = std::move(handler)](httplib::Request const& request,
                                                                        httplib::Response& response) mutable {
            auto const headers_before = response.headers;
            Session session = middleware.open(cookie_headers(request));
            try {
                handler(request, response, session);
            } catch (...) {
                close_after_failure(middleware, session, response);
                throw;
            }
            try {
                auto const status = response.status == -1 ? 200 : response.status;
                auto const outcome = middleware.close(session, status);
                if (outcome.status != status) {
                    reset(response, headers_before);
                    response.status = outcome.status;
                    response.set_content("Bad request\n", "text/plain; charset=utf-8");
                }
                add(outcome, response);
            } catch (...) {
                reset(response, headers_before);
                throw;
            }
        };
    }

private:
    Middleware<Session> middleware_;
};

} // namespace cloakroom::inline v0::http

#endif
