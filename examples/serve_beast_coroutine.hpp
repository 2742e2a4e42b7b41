// SPDX-License-Identifier: MIT
#ifndef EXAMPLES_SERVE_BEAST_COROUTINE_HPP
#define EXAMPLES_SERVE_BEAST_COROUTINE_HPP

// How the example with coroutines on Boost.Beast listens, fails and ends.

#include "beast.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <csignal>
#include <functional>
#include <string>
#include <utility>

namespace examples {

using Answer = std::function<asio::awaitable<void>(Request const&, Response&)>;

/// Answers one request after the other until the visitor has had enough, which ends it by an exception.
inline asio::awaitable<void> converse(tcp::socket socket, Answer const& answer)
{
    boost::beast::flat_buffer buffer;
    for (bool is_over = false; !is_over;) {
        Request request;
        co_await http::async_read(socket, buffer, request, asio::use_awaitable);
        auto response = begin_response(request);
        try {
            co_await answer(request, response);
        } catch (...) {
            tell_failure(request);
        }
        complete(request, response);
        co_await http::async_write(socket, response, asio::use_awaitable);
        is_over = response.need_eof();
    }
}

inline asio::awaitable<void> accept(tcp::acceptor& acceptor, Answer const& answer)
{
    while (true) {
        auto socket = co_await acceptor.async_accept(asio::use_awaitable);
        asio::co_spawn(acceptor.get_executor(), converse(std::move(socket), answer), asio::detached);
    }
}

/// Listens on 127.0.0.1 until SIGINT or SIGTERM, all connections on this thread. Returns what main() returns.
inline int serve(asio::io_context& context, Options const& options, std::string const& path,
                 Answer const& answer)
{
    asio::signal_set signals{context, SIGINT, SIGTERM};
    auto acceptor = listen(context, options, path);
    if (!acceptor)
        return 1;
    signals.async_wait([&](boost::system::error_code, int) { context.stop(); });
    asio::co_spawn(context, accept(*acceptor, answer), asio::detached);
    context.run();
    return 0;
}

} // namespace examples

#endif
