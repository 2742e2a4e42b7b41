// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_HTTP_HTTPLIB_HPP
#define CLOAKROOM_HTTP_HTTPLIB_HPP

#include <cloakroom/http/in_session.hpp>
#include <cloakroom/http/middleware.hpp>
#include <cloakroom/session/read_only_session.hpp>

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
            auto session = middleware.open(cookies_of(request));
            Adapted adapted{response};
            in_session(middleware, session, adapted,
                       [&] { std::invoke(handler, request, response, session); });
        };
    }

    /// The session to look at only, such as in a content provider. `request` is not needed any more.
    ReadOnlySession<Session> read_only(httplib::Request const& request) const
    {
        return middleware_.read_only(cookies_of(request));
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

    class Adapted {
    public:
        explicit Adapted(httplib::Response& response) : response_{response}, headers_{response.headers} {}

        int status() const { return response_.status == -1 ? 200 : response_.status; }
        void append(std::string const& name, std::string const& value)
        {
            response_.headers.emplace(name, value);
        }
        std::string take(std::string const& name)
        {
            std::string values;
            auto const [first, last] = response_.headers.equal_range(name);
            for (auto header = first; header != last; ++header)
                (values += header->second) += ',';
            response_.headers.erase(first, last);
            return values;
        }
        /// What the old response holds is released.
        void start_again(int status)
        {
            httplib::Response old;
            std::swap(old, response_);
            response_.version = old.version;
            response_.headers = headers_;
            response_.status = status;
        }
        void set_text(std::string const& text) { response_.set_content(text, "text/plain; charset=utf-8"); }

    private:
        httplib::Response& response_;
        httplib::Headers headers_; // before the handler
    };

    Middleware<Session> middleware_;
};

} // namespace cloakroom::inline v0::http

#endif
