// SPDX-License-Identifier: MIT
#include <cloakroom/http/beast.hpp>

#include "http/adapter_laws.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket.hpp>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace cr = cloakroom;
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

namespace {

using adapter_laws::Session;
using asio::ip::tcp;
using Sessions = cr::http::Beast<Session>;
using Request = http::request<http::string_body>;
using TextResponse = http::response<http::string_body>;
using HeaderResponse = http::response<http::empty_body>;

tcp::endpoint any_port()
{
    return {asio::ip::address_v4::loopback(), 0};
}

std::string path_of(Request const& request)
{
    return {request.target().data(), request.target().size()};
}

TextResponse const& cached()
{
    static TextResponse const response = [] {
        TextResponse made;
        made.set("X-Shared", "yes");
        made.body() = "cached";
        return made;
    }();
    return response;
}

template <class Response>
void fill(Response& response, adapter_laws::Answer const& answer)
{
    response.result(static_cast<unsigned>(answer.status));
    for (auto const& [name, value] : answer.headers)
        response.insert(name, value);
    Sessions::add(answer.form_headers, response);
}

void answer_text(Request const& request, TextResponse& response, Session& session)
{
    auto const answer = adapter_laws::act(path_of(request), session, Sessions::cookies(request));
    if (answer.shared)
        response = cached();
    else
        response.body() = answer.body;
    fill(response, answer);
    adapter_laws::finish(path_of(request), session);
}

/// The header alone; `answer` is what to send behind it.
auto stream_into(adapter_laws::Answer& answer)
{
    return [&answer](Request const& request, HeaderResponse& response, Session& session) {
        answer = adapter_laws::act(path_of(request), session, Sessions::cookies(request));
        fill(response, answer);
        response.chunked(true);
    };
}

std::string stream_text(adapter_laws::Answer const& answer)
{
    return answer.body + ", stored " + std::to_string(answer.stored_count());
}

template <class Response>
Response begin(Request const& request)
{
    Response response{http::status::ok, request.version()};
    response.keep_alive(request.keep_alive());
    return response;
}

void complete(Request const& request, TextResponse& response, bool has_failed = false)
{
    if (has_failed)
        response.body() = "Internal server error\n";
    response.keep_alive(request.keep_alive());
    response.prepare_payload();
}

/// A thread for each connection.
struct Site : adapter_laws::Backends {
    static constexpr bool keeps_alive = true;
    static constexpr bool streams = true;

    Site()
    {
        thread = std::thread{[this] {
            beast::error_code error;
            while (true) {
                tcp::socket socket{context};
                acceptor.accept(socket, error);
                if (error || is_over)
                    return;
                connections.emplace_back([this, moved = std::move(socket)]() mutable { serve(moved); });
            }
        }};
    }
    Site(Site const&) = delete;
    Site& operator=(Site const&) = delete;
    ~Site()
    {
        is_over = true;
        {
            http_client::Connection const knock{port};
        }
        thread.join();
        for (auto& connection : connections)
            connection.join();
    }

    void serve(tcp::socket& socket)
    {
        beast::flat_buffer buffer;
        beast::error_code error;
        while (!error) {
            Request request;
            http::read(socket, buffer, request, error);
            if (error)
                return;
            if (beast::websocket::is_upgrade(request)) {
                chat(std::move(socket), request);
                return;
            }
            if (request.target() == "/stream")
                stream(socket, request, error);
            else
                respond(socket, request, error);
            if (!request.keep_alive())
                return;
        }
    }

    void respond(tcp::socket& socket, Request const& request, beast::error_code& error)
    {
        auto response = begin<TextResponse>(request);
        bool has_failed = false;
        try {
            if (request.target() == "/read-only") {
                auto session = with_session.read_only(request);
                response.body() = adapter_laws::look(session);
            } else if (request.target() == "/missing") {
                response.result(http::status::not_found);
            } else {
                with_session(request, response, answer_text);
            }
        } catch (std::exception const&) {
            has_failed = true;
        }
        complete(request, response, has_failed);
        http::write(socket, response, error);
    }

    void stream(tcp::socket& socket, Request const& request, beast::error_code& error)
    {
        adapter_laws::Answer answer;
        auto response = begin<HeaderResponse>(request);
        with_session(request, response, stream_into(answer));
        http::response_serializer<http::empty_body> serializer{response};
        http::write_header(socket, serializer, error);
        for (char const& c : stream_text(answer))
            asio::write(socket, http::make_chunk(asio::buffer(&c, 1)), error);
        asio::write(socket, http::make_chunk_last(), error);
    }

    void chat(tcp::socket socket, Request const& request)
    {
        auto session = with_session.read_only(request);
        beast::websocket::stream<tcp::socket> stream{std::move(socket)};
        stream.accept(request);
        beast::error_code error;
        for (beast::flat_buffer buffer; !error; buffer.clear()) {
            auto const text = adapter_laws::look(session) + (session.session_key() ? "" : ", over");
            stream.write(asio::buffer(text), error);
            stream.read(buffer, error);
            session.refresh();
        }
    }

    Sessions with_session{backend};
    asio::io_context context;
    tcp::acceptor acceptor{context, any_port()};
    int port = acceptor.local_endpoint().port();
    std::atomic<bool> is_over = false;
    std::vector<std::thread> connections;
    std::thread thread;
};

Request request_for(std::string const& target, std::string const& cookie = {})
{
    Request request{http::verb::get, target, 11};
    if (!cookie.empty())
        request.set(http::field::cookie, cookie);
    return request;
}

std::string header(TextResponse const& response, http::field name)
{
    return {response[name].data(), response[name].size()};
}

} // namespace

TEST_CASE("beast: behaves as all adapters do")
{
    Site site;
    adapter_laws::check(site);
}

TEST_CASE("beast: a WebSocket has a session to look at, and sees its end")
{
    Site site;
    auto const cookie = adapter_laws::cookie_of(http_client::get(site.port, "/visit"));
    asio::io_context context;
    beast::websocket::stream<tcp::socket> stream{context};
    stream.next_layer().connect({asio::ip::address_v4::loopback(), static_cast<unsigned short>(site.port)});
    stream.set_option(beast::websocket::stream_base::decorator(
        [&](beast::websocket::request_type& request) { request.set(http::field::cookie, cookie); }));
    beast::websocket::response_type handshake;
    stream.handshake(handshake, "127.0.0.1", "/chat");
    CHECK(handshake.count(http::field::set_cookie) == 0);

    auto const next = [&] {
        beast::flat_buffer buffer;
        stream.read(buffer);
        stream.write(asio::buffer("next", 4));
        return beast::buffers_to_string(buffer.data());
    };
    CHECK(next() == "seen 1");
    CHECK(http_client::get(site.port, "/visit", {"Cookie: " + cookie}).body == "2");
    next(); // whether it was read before that visit or after it
    CHECK(next() == "seen 2");
    CHECK(http_client::get(site.port, "/flush", {"Cookie: " + cookie}).status == 200);
    next();
    CHECK(next() == "seen 0, over");
}

TEST_CASE("beast: what the response had before the handler stays when the handler's part is dropped")
{
    adapter_laws::Backends site;
    Sessions const with_session{site.backend};
    TextResponse response{http::status::ok, 11};
    response.set(http::field::server, "of the test");
    response.body() = "before";
    CHECK_THROWS_AS(with_session(request_for("/throw"), response, answer_text), std::runtime_error);
    CHECK(response.result() == http::status::internal_server_error);
    CHECK(header(response, http::field::server) == "of the test");
    CHECK(response.count("X-Half") == 0);
    CHECK(response.body().empty());
    CHECK(header(response, http::field::content_length) == "0");
}

TEST_CASE("beast: a handler that fills in headers alone is refused without its chunks")
{
    adapter_laws::Backends site;
    Sessions const with_session{site.backend};
    TextResponse first;
    with_session(request_for("/visit"), first, answer_text);
    auto const line = header(first, http::field::set_cookie);
    HeaderResponse response{http::status::ok, 11};
    with_session(request_for("/visit", line.substr(0, line.find(';'))), response,
                 [](Request const&, HeaderResponse& made, Session& session) {
                     session["visit"] += 1;
                     made.chunked(true);
                     adapter_laws::finish("/ended", session);
                 });
    CHECK(response.result() == http::status::bad_request);
    CHECK_FALSE(response.chunked());
    CHECK(response[http::field::content_length] == "0");
}

TEST_CASE("beast: the asynchronous form takes any completion token, and passes on what is thrown")
{
    adapter_laws::Backends site;
    Sessions const with_session{site.backend};
    asio::thread_pool pool{1};
    auto const caller = std::this_thread::get_id();
    std::thread::id worker;
    auto const request = request_for("/visit");
    TextResponse response;
    with_session
        .async(
            request, response, pool,
            [&](Request const& of, TextResponse& into, Session& session) {
                worker = std::this_thread::get_id();
                answer_text(of, into, session);
            },
            asio::use_future)
        .get();
    CHECK(response.body() == "1");
    CHECK(response.count(http::field::set_cookie) == 1);
    CHECK(worker != caller);

    auto const failing = request_for("/throw");
    TextResponse failed;
    CHECK_THROWS_AS(with_session.async(failing, failed, pool, answer_text, asio::use_future).get(),
                    std::runtime_error);
    CHECK(failed.count("X-Half") == 0);
}

TEST_CASE("beast: an asynchronous call completes on the event loop that asked, which lives as long as it")
{
    adapter_laws::Backends site;
    Sessions const with_session{site.backend};
    asio::io_context context{1};
    asio::thread_pool pool{1};
    auto const request = request_for("/visit");
    TextResponse response;
    std::thread::id completed;
    with_session.async(request, response, pool, answer_text,
                       asio::bind_executor(context.get_executor(), [&](std::exception_ptr failure) {
                           CHECK_FALSE(failure);
                           completed = std::this_thread::get_id();
                       }));
    context.run();
    CHECK(completed == std::this_thread::get_id());
    CHECK(response.body() == "1");
}

// Boost 1.74 knows only the coroutines of clang's experimental header, which is not there beside libstdc++.
#if defined(BOOST_ASIO_HAS_CO_AWAIT)

namespace {

/// One thread for all connections, two for sessions.
struct CoroutineSite : adapter_laws::Backends {
    static constexpr bool keeps_alive = true;
    static constexpr bool streams = true;

    CoroutineSite()
    {
        asio::co_spawn(context, listen(), asio::detached);
        thread = std::thread{[this] { context.run(); }};
    }
    CoroutineSite(CoroutineSite const&) = delete;
    CoroutineSite& operator=(CoroutineSite const&) = delete;
    ~CoroutineSite()
    {
        context.stop();
        thread.join();
    }

    asio::awaitable<void> listen()
    {
        while (true)
            asio::co_spawn(context, serve(co_await acceptor.async_accept(asio::use_awaitable)),
                           asio::detached);
    }

    asio::awaitable<void> serve(tcp::socket socket)
    {
        beast::flat_buffer buffer;
        while (true) {
            Request request;
            co_await http::async_read(socket, buffer, request, asio::use_awaitable);
            if (beast::websocket::is_upgrade(request)) {
                co_await chat(std::move(socket), request);
                co_return;
            }
            if (request.target() == "/stream")
                co_await stream(socket, request);
            else
                co_await respond(socket, request);
            if (!request.keep_alive())
                co_return;
        }
    }

    asio::awaitable<void> respond(tcp::socket& socket, Request const& request)
    {
        auto response = begin<TextResponse>(request);
        bool has_failed = false;
        try {
            if (request.target() == "/read-only") {
                auto session = with_session.read_only(request);
                response.body() = adapter_laws::look(session);
            } else if (request.target() == "/missing") {
                response.result(http::status::not_found);
            } else {
                co_await with_session.async(request, response, pool, answer_text, asio::use_awaitable);
            }
        } catch (std::exception const&) {
            has_failed = true;
        }
        complete(request, response, has_failed);
        co_await http::async_write(socket, response, asio::use_awaitable);
    }

    asio::awaitable<void> stream(tcp::socket& socket, Request const& request)
    {
        adapter_laws::Answer answer;
        auto response = begin<HeaderResponse>(request);
        co_await with_session.async(request, response, pool, stream_into(answer), asio::use_awaitable);
        http::response_serializer<http::empty_body> serializer{response};
        co_await http::async_write_header(socket, serializer, asio::use_awaitable);
        auto const text = stream_text(answer);
        for (char const& c : text)
            co_await asio::async_write(socket, http::make_chunk(asio::buffer(&c, 1)), asio::use_awaitable);
        co_await asio::async_write(socket, http::make_chunk_last(), asio::use_awaitable);
    }

    /// The session is looked at on the pool, too.
    asio::awaitable<void> chat(tcp::socket socket, Request const& request)
    {
        auto session = with_session.read_only(request);
        auto look = [&session]() -> asio::awaitable<std::string> { co_return adapter_laws::look(session); };
        auto const text = co_await asio::co_spawn(pool.get_executor(), look, asio::use_awaitable);
        beast::websocket::stream<tcp::socket> stream{std::move(socket)};
        co_await stream.async_accept(request, asio::use_awaitable);
        co_await stream.async_write(asio::buffer(text), asio::use_awaitable);
    }

    Sessions with_session{backend};
    asio::io_context context{1};
    asio::thread_pool pool{2};
    tcp::acceptor acceptor{context, any_port()};
    int port = acceptor.local_endpoint().port();
    std::thread thread;
};

} // namespace

TEST_CASE("beast: a server of coroutines behaves as all adapters do")
{
    CoroutineSite site;
    adapter_laws::check(site);
}

TEST_CASE("beast: while a storage hangs, the coroutines of other requests go on")
{
    CoroutineSite site;
    adapter_laws::check_event_loop(site);
}

TEST_CASE("beast: a WebSocket of a coroutine has a session to look at, and waits for it without the others")
{
    CoroutineSite site;
    adapter_laws::check_websocket(site);
    auto const cookie = adapter_laws::cookie_of(http_client::get(site.port, "/visit"));
    site.trouble.hang(true);
    http_client::Connection connection{site.port};
    connection.send(adapter_laws::websocket_request("/chat", cookie));
    site.trouble.wait_for(1);
    CHECK(http_client::get(site.port, "/hello").body == "hello");
    site.trouble.hang(false);
    CHECK(connection.receive().status == 101);
    CHECK(connection.receive_raw(8) == std::string{"\x81\x06"} + "seen 1");
}

#endif
