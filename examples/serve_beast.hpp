// SPDX-License-Identifier: MIT
#ifndef EXAMPLES_SERVE_BEAST_HPP
#define EXAMPLES_SERVE_BEAST_HPP

// How the synchronous example on Boost.Beast listens, fails and ends.

#include "beast.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <csignal>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace examples {

/// The connections that are open, so that they can be shut when the program ends.
class Connections {
public:
    /// Nothing when the end has come already.
    std::shared_ptr<tcp::socket> add(tcp::socket socket)
    {
        std::scoped_lock const lock{mutex_};
        if (is_over_)
            return nullptr;
        auto shared = std::make_shared<tcp::socket>(std::move(socket));
        sockets_.insert(shared);
        return shared;
    }
    void remove(std::shared_ptr<tcp::socket> const& socket)
    {
        std::scoped_lock const lock{mutex_};
        sockets_.erase(socket);
    }
    void shut_all()
    {
        std::scoped_lock const lock{mutex_};
        is_over_ = true;
        boost::system::error_code ignored;
        for (auto const& socket : sockets_)
            socket->shutdown(tcp::socket::shutdown_receive, ignored);
    }

private:
    std::mutex mutex_;
    std::set<std::shared_ptr<tcp::socket>> sockets_;
    bool is_over_ = false;
};

using Answer = std::function<void(Request const&, Response&)>;

/// Answers one request after the other until the visitor has had enough.
inline void converse(tcp::socket& socket, Answer const& answer)
{
    boost::beast::flat_buffer buffer;
    boost::system::error_code error;
    while (!error) {
        Request request;
        http::read(socket, buffer, request, error);
        if (error)
            return;
        auto response = begin_response(request);
        try {
            answer(request, response);
        } catch (...) {
            tell_failure(request);
        }
        complete(request, response);
        http::write(socket, response, error);
        if (response.need_eof())
            return;
    }
}

/// Listens on 127.0.0.1 until SIGINT or SIGTERM. Returns what main() returns.
inline int serve(Options const& options, std::string const& path, Answer const& answer)
{
    asio::io_context context;
    asio::signal_set signals{context, SIGINT, SIGTERM};
    auto acceptor = listen(context, options, path);
    if (!acceptor)
        return 1;

    Connections connections;
    asio::thread_pool threads{16};
    std::function<void()> const accept = [&] {
        acceptor->async_accept([&](boost::system::error_code error, tcp::socket socket) {
            if (!acceptor->is_open())
                return;
            if (auto const connection = error ? nullptr : connections.add(std::move(socket)))
                asio::post(threads, [&, connection] {
                    converse(*connection, answer);
                    connections.remove(connection);
                });
            accept();
        });
    };
    accept();
    signals.async_wait([&](boost::system::error_code, int) {
        acceptor->close();
        connections.shut_all();
    });
    context.run();
    threads.join();
    return 0;
}

} // namespace examples

#endif
