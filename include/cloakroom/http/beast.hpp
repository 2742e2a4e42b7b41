// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_HTTP_BEAST_HPP
#define CLOAKROOM_HTTP_BEAST_HPP

#include <cloakroom/http/in_session.hpp>
#include <cloakroom/http/middleware.hpp>
#include <cloakroom/http/outcome.hpp>
#include <cloakroom/session/read_only_session.hpp>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/message.hpp>
#include <concepts>
#include <exception>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cloakroom::inline v0::http {

/// Sessions for servers built on Boost.Beast: runs a handler that fills a response and takes a session.
///
///     cr::http::Beast<Session> const with_session{backend};
///     with_session(request, response, [](auto const& request, auto& response, Session& session) { ... });
///     http::write(stream, response);
///
/// The session is saved and its headers are in the response when the call returns, so write it after that.
/// For a body that is streamed or a file, take http::response<http::empty_body>, let the handler fill in the
/// headers, and send the body behind them if the status is still the handler's. Neither may use the session.
/// Thread-safe.
template <class Session>
class Beast {
public:
    using Backend = typename Session::Backend;

    /// `backend` outlives every call made here; this object need not.
    explicit Beast(Backend& backend) : middleware_{backend} {}

    /// Calls `handler(request, response, session)` at once, which may wait for the storage.
    ///
    /// What the handler or saving throws passes through; the session is then closed as for status 500, which
    /// saves nothing. Where somebody else ended the session meanwhile, the answer is a plain 400. In either
    /// case the response has the headers that it had before, the session's and no others, and a body only
    /// where Body holds text.
    template <class RequestBody, class RequestFields, class Body, class Fields, class Handler>
    requires std::invocable<Handler&, boost::beast::http::request<RequestBody, RequestFields> const&,
                            boost::beast::http::response<Body, Fields>&, Session&>
    void operator()(boost::beast::http::request<RequestBody, RequestFields> const& request,
                    boost::beast::http::response<Body, Fields>& response, Handler&& handler) const
    {
        auto session = middleware_.open(cookies(request));
        Adapted<Body, Fields> adapted{response};
        in_session(middleware_, session, adapted, [&] { std::invoke(handler, request, response, session); });
    }

    /// The same on a thread of the pool, so that a storage that makes one request wait stops no other one of
    /// an event loop. Completes as void(std::exception_ptr), which is what the other form would throw:
    ///
    ///     co_await with_session.async(request, response, pool, handler, asio::use_awaitable);
    ///
    /// Request and response stay in place until then. The pool ends before the event loop is destroyed, which
    /// is so if it is declared behind it.
    template <class RequestBody, class RequestFields, class Body, class Fields, class Handler, class Token>
    requires std::invocable<std::decay_t<Handler>&,
                            boost::beast::http::request<RequestBody, RequestFields> const&,
                            boost::beast::http::response<Body, Fields>&, Session&>
    auto async(boost::beast::http::request<RequestBody, RequestFields> const& request,
               boost::beast::http::response<Body, Fields>& response, boost::asio::thread_pool& pool,
               Handler&& handler, Token&& token) const
    {
        return boost::asio::async_initiate<Token, void(std::exception_ptr)>(
            [&request, &response, &pool](auto done, Beast self, std::decay_t<Handler> work) {
                auto const executor = boost::asio::get_associated_executor(done, pool.get_executor());
                boost::asio::post(pool, [&request, &response, self, work = std::move(work),
                                         done = std::move(done),
                                         guard = boost::asio::make_work_guard(executor)]() mutable {
                    std::exception_ptr failure;
                    try {
                        self(request, response, work);
                    } catch (...) {
                        failure = std::current_exception();
                    }
                    boost::asio::post(guard.get_executor(), [done = std::move(done), failure]() mutable {
                        done(std::move(failure));
                    });
                });
            },
            token, *this, std::forward<Handler>(handler));
    }

    /// The session to look at only: when a WebSocket is accepted, or while a body is streamed. Reading it may
    /// wait for the storage. `request` is not needed any more.
    template <class RequestBody, class RequestFields>
    ReadOnlySession<Session> read_only(
        boost::beast::http::request<RequestBody, RequestFields> const& request) const
    {
        return middleware_.read_only(cookies(request));
    }

    /// The values of all Cookie headers, a range of texts, for forms and messages, which have cookies of
    /// their own. Valid as long as the request.
    template <class RequestBody, class RequestFields>
    static auto cookies(boost::beast::http::request<RequestBody, RequestFields> const& request)
    {
        return ValuesOf<RequestFields>{request, boost::beast::http::field::cookie};
    }

    /// Adds what close() of forms and messages says, within the handler. Vary is merged with what is there.
    template <class Body, class Fields>
    static void add(std::span<Header const> headers, boost::beast::http::response<Body, Fields>& response)
    {
        Adapted<Body, Fields> adapted{response};
        http::add(headers, adapted);
    }

private:
    /// The values of all headers of one name, a range of texts. To look at the number of each header's name
    /// costs less than Beast's own search, which compares texts.
    template <class Fields>
    class ValuesOf {
        using Position = typename Fields::const_iterator;

    public:
        class Iterator {
        public:
            Iterator(Position at, Position end, boost::beast::http::field name)
                : at_{at}, end_{end}, name_{name}
            {
                skip_others();
            }
            std::string_view operator*() const { return {at_->value().data(), at_->value().size()}; }
            Iterator& operator++()
            {
                ++at_;
                skip_others();
                return *this;
            }
            bool operator==(Iterator const& other) const { return at_ == other.at_; }

        private:
            void skip_others()
            {
                while (at_ != end_ && at_->name() != name_)
                    ++at_;
            }

            Position at_;
            Position end_;
            boost::beast::http::field name_;
        };

        ValuesOf(Fields const& fields, boost::beast::http::field name) : fields_{&fields}, name_{name} {}
        Iterator begin() const { return {fields_->begin(), fields_->end(), name_}; }
        Iterator end() const { return {fields_->end(), fields_->end(), name_}; }

    private:
        Fields const* fields_;
        boost::beast::http::field name_;
    };

    template <class Body, class Fields>
    class Adapted {
        using Response = boost::beast::http::response<Body, Fields>;

    public:
        explicit Adapted(Response& response) : response_{response}, before_{response.base()} {}

        int status() const { return static_cast<int>(response_.result_int()); }
        void append(std::string const& name, std::string const& value) { response_.insert(name, value); }
        std::string take(std::string const& name)
        {
            std::string joined;
            for (auto const value : ValuesOf<Fields>{response_, boost::beast::http::string_to_field(name)})
                (joined += value) += ',';
            response_.erase(name);
            return joined;
        }
        void start_again(int status)
        {
            response_.base() = before_;
            response_.result(static_cast<unsigned>(status));
            response_.body() = typename Body::value_type{};
            response_.content_length(0);
        }
        void set_text(std::string const& text)
        {
            if constexpr (std::is_assignable_v<typename Body::value_type&, std::string const&>) {
                response_.set(boost::beast::http::field::content_type, "text/plain; charset=utf-8");
                response_.body() = text;
                response_.prepare_payload();
            }
        }

    private:
        Response& response_;
        typename Response::header_type before_;
    };

    Middleware<Session> middleware_;
};

} // namespace cloakroom::inline v0::http

#endif
