// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_HTTP_CROW_HPP
#define CLOAKROOM_HTTP_CROW_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/http/in_session.hpp>
#include <cloakroom/http/middleware.hpp>
#include <cloakroom/http/outcome.hpp>
#include <cloakroom/session/read_only_session.hpp>

#include <crow.h>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::http {

/// Sessions for Crow, as its middleware:
///
///     crow::App<cr::http::Crow<Session>> app{cr::http::Crow<Session>{backend}};
///     CROW_ROUTE(app, "/visit/")([&](crow::request const& request) {
///         auto& session = app.get_context<cr::http::Crow<Session>>(request).session();
///         ...
///     app.exception_handler(cr::http::Crow<Session>::answer_exception);
///
/// The session is saved and its headers are in the response after the handler and before anything leaves. A
/// handler that throws gives what Crow makes of it, a 500 as a rule, and then nothing is saved. Handler and
/// storage run on Crow's own threads, which wait with them.
///
/// Crow runs after_handle() for its own error pages, too, where before_handle() did not run and the context
/// may still be that of the request before on the same connection; and not at all for a WebSocket. So a
/// session is opened when it is asked for, a context is used up by the response that it was closed for, and a
/// WebSocket has read_only() alone.
template <class Session>
class Crow {
public:
    using Backend = typename Session::Backend;

    /// `backend` outlives the application.
    explicit Crow(Backend& backend) : middleware_{backend} {}

    class context { // NOLINT(readability-identifier-naming): Crow's name
    public:
        /// The session of the request, until its response is complete. Throws Error after that, and where a
        /// WebSocket is accepted.
        Session& session()
        {
            if (!session_) {
                if (middleware_ == nullptr)
                    throw Error{"a session lives within its request; a WebSocket has read_only()"};
                session_.emplace(middleware_->open(cookies(*request_)));
            }
            return *session_;
        }

    private:
        friend class Crow;

        Middleware<Session> const* middleware_ = nullptr;
        crow::request const* request_ = nullptr;
        std::optional<RequestSession<Session>> session_;
    };

    void before_handle(crow::request& request, crow::response&, context& of)
    {
        of.middleware_ = becomes_websocket(request) ? nullptr : &middleware_;
        of.request_ = &request;
        of.session_.reset();
    }

    void after_handle(crow::request&, crow::response& response, context& of)
    {
        of.middleware_ = nullptr;
        auto session = std::exchange(of.session_, std::nullopt);
        if (!session)
            return;
        Adapted adapted{response};
        try {
            in_session(middleware_, *session, adapted, [] {}); // Crow has run the handler
        } catch (std::exception const& error) {
            CROW_LOG_ERROR << "The session was not saved: " << error.what();
            adapted.set_text("Internal server error\n");
        }
    }

    /// For app.exception_handler(): what Crow itself does with an exception of a handler, but for
    /// SessionInterrupted, which is a plain 400.
    static void answer_exception(crow::response& response)
    {
        try {
            throw;
        } catch (SessionInterrupted const&) {
            Adapted adapted{response};
            adapted.start_again(400);
            adapted.set_text(std::string{ended_meanwhile});
        } catch (...) {
            crow::Router::default_exception_handler(response);
        }
    }

    /// The session to look at only, such as when a WebSocket is accepted. `request` is not needed any more.
    ReadOnlySession<Session> read_only(crow::request const& request) const
    {
        return middleware_.read_only(cookies(request));
    }

    /// The values of all Cookie headers, for forms and messages, which have cookies of their own. Valid as
    /// long as the request.
    static std::vector<std::string_view> cookies(crow::request const& request)
    {
        std::vector<std::string_view> values;
        auto const [first, last] = request.headers.equal_range("Cookie");
        for (auto header = first; header != last; ++header)
            values.emplace_back(header->second);
        return values;
    }

    /// Adds what close() of forms and messages says, within the handler. Vary is merged with what is there.
    static void add(std::span<Header const> headers, crow::response& response)
    {
        Adapted adapted{response};
        http::add(headers, adapted);
    }

private:
    /// As Crow decides it after before_handle().
    static bool becomes_websocket(crow::request const& request)
    {
        return request.upgrade && request.check_version(1, 1) &&
               request.method != crow::HTTPMethod::Options &&
               !request.get_header_value("Upgrade").starts_with("h2");
    }

    class Adapted {
    public:
        explicit Adapted(crow::response& response) : response_{response} {}

        int status() const { return response_.code; }
        void append(std::string const& name, std::string const& value) { response_.add_header(name, value); }
        std::string take(std::string const& name)
        {
            std::string joined;
            auto const [first, last] = response_.headers.equal_range(name);
            for (auto header = first; header != last; ++header)
                (joined += header->second) += ',';
            response_.headers.erase(name);
            return joined;
        }
        void start_again(int status)
        {
            response_.clear();
            response_.code = status;
        }
        void set_text(std::string const& text)
        {
            response_.set_header("Content-Type", "text/plain; charset=utf-8");
            response_.body = text;
        }

    private:
        crow::response& response_;
    };

    Middleware<Session> middleware_;
};

} // namespace cloakroom::inline v0::http

#endif
