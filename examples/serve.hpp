// SPDX-License-Identifier: MIT
#ifndef EXAMPLES_SERVE_HPP
#define EXAMPLES_SERVE_HPP

// How the examples listen, fail and end.

#include "options.hpp"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <exception>
#include <httplib.h>
#include <iostream>
#include <pthread.h>
#include <string>
#include <sys/socket.h>
#include <thread>

namespace examples {

/// Answers with 500 and tells the operator, not the visitor, why.
inline void answer_failure(httplib::Request const& request, httplib::Response& response,
                           std::exception_ptr failure)
{
    try {
        std::rethrow_exception(failure);
    } catch (std::exception const& error) {
        std::cerr << request.method << ' ' << request.path << ": " << error.what() << std::endl;
    } catch (...) {
        std::cerr << request.method << ' ' << request.path << ": unknown exception" << std::endl;
    }
    response.status = 500;
    response.set_content("Internal server error\n", "text/plain; charset=utf-8");
}

/// Listens on 127.0.0.1 until SIGINT or SIGTERM. Returns what main() returns.
inline int serve(httplib::Server& server, Options const& options, std::string const& path)
{
    std::string const host = "127.0.0.1";
    // cpp-httplib also sets SO_REUSEPORT, with which two servers share a port that is in use.
    server.set_socket_options([](auto socket) {
        int const yes = 1;
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    server.set_exception_handler(answer_failure);
    server.set_keep_alive_timeout(1); // seconds that an idle connection may delay the end

    errno = 0;
    auto const port = options.port == 0                         ? server.bind_to_any_port(host)
                      : server.bind_to_port(host, options.port) ? options.port
                                                                : -1;
    if (port < 0) {
        std::cerr << "Cannot listen on " << host << ':' << options.port;
        if (errno == EADDRINUSE)
            std::cerr << ": the port is in use. Choose another one with --port N.\n";
        else
            std::cerr << ": " << std::strerror(errno) << ".\n";
        return 1;
    }

    // The threads that the server makes inherit the mask, so that a signal waits until it is asked for.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::atomic<bool> ended = false;
    std::thread stopper{[&] {
        int signal = 0;
        sigwait(&signals, &signal);
        while (!server.is_running() && !ended) // the signal may be the faster one
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
        server.stop();
    }};

    std::cout << "Listening on http://" << host << ':' << port << path << " (end with Ctrl+C)" << std::endl;
    auto const well = server.listen_after_bind();
    ended = true;
    pthread_kill(stopper.native_handle(), SIGTERM);
    stopper.join();
    return well ? 0 : 1;
}

} // namespace examples

#endif
