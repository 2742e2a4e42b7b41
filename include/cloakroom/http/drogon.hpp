// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_HTTP_DROGON_HPP
#define CLOAKROOM_HTTP_DROGON_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/http/in_session.hpp>
#include <cloakroom/http/middleware.hpp>
#include <cloakroom/http/outcome.hpp>
#include <cloakroom/http/vary.hpp>
#include <cloakroom/session/read_only_session.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <concepts>
#include <drogon/drogon.h>
#include <exception>
#include <functional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::http {

/// Sessions for Drogon: makes a handler that takes a session into one of its own.
///
///     cr::http::Drogon<Session> const with_session{backend, pool};
///     drogon::app().registerHandler("/visit/", with_session([](auto const& request, Session& session) { ...
///     }));
///
/// All of it runs on a thread of the pool, so that a storage that makes one request wait stops no other one
/// of an event loop. The session is saved and its headers are in the response before that is handed over to
/// Drogon. The stream of a response runs later and must not use the session.
///
/// It uses none of Drogon's advices and filters, so it does not depend on which of them run: what answers
/// instead of the handler, such as a filter or an error page, has no session. Drogon keeps one cookie of each
/// name, the last, so that a second one with a prefixed name is not noticed.
template <class Session>
class Drogon {
public:
    using Backend = typename Session::Backend;
    using Request = drogon::HttpRequestPtr;
    using Response = drogon::HttpResponsePtr;
    using Callback = std::function<void(Response const&)>;

    /// `backend` and `pool` outlive every handler made here and Drogon's run(); this object need not. The
    /// pool is joined before the backend ends.
    Drogon(Backend& backend, boost::asio::thread_pool& pool)
        : backend_{&backend}, pool_{&pool}, middleware_{backend}
    {
    }

    /// The handler as Drogon wants it. `handler(request, session)` makes the response and is called from many
    /// threads at a time. Parameters of the path are in request->getRoutingParameters().
    ///
    /// A response that others have hold of, or that Drogon is to keep (setExpiredTime), is copied before it
    /// gets a header of the session, without a custom status; the copy is not kept.
    ///
    /// What the handler or saving throws goes to Drogon's exception handler; the session is then closed as
    /// for status 500, which saves nothing. Where somebody else ended the session meanwhile, the answer is a
    /// plain 400. Nothing of the handler's response is left in either case.
    template <class Handler>
    requires std::is_invocable_r_v<Response, Handler const&, Request const&, Session&>
    std::function<void(Request const&, Callback&&)> operator()(Handler handler) const
    {
        return [self = *this, handler = std::move(handler)](Request const& request, Callback&& callback) {
            boost::asio::post(*self.pool_, [self, handler, request, callback = std::move(callback)] {
                self.respond(request, callback, handler);
            });
        };
    }

    /// The session to look at only, such as in the handshake of a WebSocket. Reading it may wait for the
    /// storage, which is better done on the pool. `request` is not needed any more.
    ReadOnlySession<Session> read_only(Request const& request) const
    {
        return middleware_.read_only(cookie_of(request));
    }

    /// All cookies as Cookie headers have them, for forms and messages, which have cookies of their own.
    static std::vector<std::string> cookies(Request const& request)
    {
        std::vector<std::string> pairs;
        for (auto const& [name, value] : request->cookies())
            pairs.push_back(name + "=" + value);
        return pairs;
    }

    /// The response with what close() of forms and messages says, within the handler. Vary is merged with
    /// what is there. It is a copy where others have hold of `response`.
    static Response add(std::span<Header const> headers, Response response)
    {
        Adapted adapted{std::move(response)};
        http::add(headers, adapted);
        return adapted.response();
    }

private:
    /// The session's part of what Drogon has read of all Cookie headers; it does not keep the headers.
    std::string cookie_of(Request const& request) const
    {
        std::string name{backend_->settings().cookie_name.view()};
        auto const& cookies = request->cookies();
        auto const cookie = cookies.find(name);
        return cookie == cookies.end() ? std::string{} : std::move(name) + "=" + cookie->second;
    }

    class Adapted {
    public:
        explicit Adapted(Response response) : response_{std::move(response)} {}

        Response const& response() const { return response_; }
        void response(Response response) { response_ = std::move(response); }

        int status() const { return static_cast<int>(response_->statusCode()); }
        void append(std::string const& name, std::string const& value)
        {
            auto& own = owned();
            if (name != "Set-Cookie") {
                own.addHeader(name, value);
                return;
            }
            // A header of Drogon's is the only one of its name, but cookies are as many as there are names.
            auto const equals = value.find('=');
            drogon::Cookie cookie{value.substr(0, equals), value.substr(equals + 1)};
            cookie.setHttpOnly(false); // the value has the attributes already
            own.addCookie(std::move(cookie));
        }
        std::string take(std::string const& name)
        {
            auto& own = owned();
            auto const& values = std::as_const(own);
            std::string value = values.getHeader(name);
            own.removeHeader(name);
            return value;
        }
        void start_again(int status)
        {
            response_ = drogon::HttpResponse::newHttpResponse(static_cast<drogon::HttpStatusCode>(status),
                                                              drogon::CT_TEXT_PLAIN);
        }
        void set_text(std::string const& text) { response_->setBody(text); }

        /// Adds what the session wanted of a response that is not sent.
        void add_from(drogon::HttpResponse const& other)
        {
            for (auto const& [name, cookie] : other.cookies())
                owned().addCookie(cookie);
            if (auto const& vary = other.getHeader("vary"); !vary.empty())
                append("Vary", patch_vary(take("Vary"), vary));
            if (auto const& caching = other.getHeader("cache-control"); !caching.empty()) {
                take("Cache-Control");
                append("Cache-Control", caching);
            }
        }

    private:
        drogon::HttpResponse& owned()
        {
            if (response_.use_count() > 1 || response_->expiredTime() >= 0)
                response_ = copy(*response_);
            return *response_;
        }

        static Response copy(drogon::HttpResponse const& of)
        {
            Response made;
            if (of.streamCallback()) {
                made = drogon::HttpResponse::newStreamResponse(of.streamCallback());
            } else if (!of.sendfileName().empty()) {
                auto const& [offset, length] = of.sendfileRange();
                made = drogon::HttpResponse::newFileResponse(of.sendfileName(), offset, length, false);
            } else {
                made = drogon::HttpResponse::newHttpResponse();
                made->setBody(std::string{of.body()});
            }
            made->setStatusCode(of.statusCode());
            if (of.contentType() != drogon::CT_NONE)
                made->setContentTypeCodeAndCustomString(of.contentType(), of.contentTypeString());
            for (auto const& [name, value] : of.headers())
                made->addHeader(name, value);
            for (auto const& [name, cookie] : of.cookies())
                made->addCookie(cookie);
            return made;
        }

        Response response_;
    };

    template <class Handler>
    void respond(Request const& request, Callback const& callback, Handler const& handler) const
    {
        Adapted adapted{nullptr};
        try {
            auto session = middleware_.open(cookie_of(request));
            in_session(middleware_, session, adapted, [&] {
                adapted.response(std::invoke(handler, request, session));
                if (!adapted.response())
                    throw Error{"a handler gave no response"};
            });
        } catch (std::exception const& error) {
            // Drogon's error page, in place of a response that has nothing but the session's headers.
            drogon::app().getExceptionHandler()(
                error, request, [callback, failed = adapted.response()](Response const& page) {
                    Adapted answer{page};
                    if (failed)
                        answer.add_from(*failed);
                    callback(answer.response());
                });
            return;
        } catch (...) {
            adapted.set_text("Internal server error\n");
        }
        callback(adapted.response());
    }

    Backend* backend_;
    boost::asio::thread_pool* pool_;
    Middleware<Session> middleware_;
};

} // namespace cloakroom::inline v0::http

#endif
