// SPDX-License-Identifier: MIT
#ifndef EXAMPLES_SERVE_HPP
#define EXAMPLES_SERVE_HPP

// How the examples listen, fail and end.

#include "options.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <httplib.h>
#include <iostream>
#include <string>
#include <sys/socket.h>

namespace examples {

inline httplib::Server* running = nullptr;

/// Ends the server; a second signal ends the process at once.
inline void stop(int)
{
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
    running->stop();
}

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
    running = &server;
    std::signal(SIGINT, stop);
    std::signal(SIGTERM, stop);
    std::cout << "Listening on http://" << host << ':' << port << path << " (end with Ctrl+C)" << std::endl;
    server.listen_after_bind();
    return 0;
}

} // namespace examples

#endif
