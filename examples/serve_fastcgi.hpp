// SPDX-License-Identifier: MIT
#ifndef EXAMPLES_SERVE_FASTCGI_HPP
#define EXAMPLES_SERVE_FASTCGI_HPP

// How the FastCGI example listens, fails and ends.

#include "options.hpp"

#include <csignal>
#include <exception>
#include <fcgiapp.h>
#include <iostream>
#include <pthread.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <vector>

namespace examples {

/// Answers requests on 127.0.0.1 until SIGINT or SIGTERM, four at a time. Returns what main() returns.
template <class Answer>
int serve_fastcgi(Options const& options, Answer const& answer)
{
    auto const address = "127.0.0.1:" + std::to_string(options.port);
    auto const listener = FCGX_Init() == 0 ? FCGX_OpenSocket(address.c_str(), 64) : -1;
    if (listener < 0) {
        std::cerr << "Cannot listen on " << address << ".\n";
        return 1;
    }

    // The threads inherit the mask, so that a signal waits until it is asked for.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            FCGX_Request request;
            FCGX_InitRequest(&request, listener, 0);
            while (FCGX_Accept_r(&request) == 0) {
                try {
                    answer(request);
                } catch (std::exception const& error) { // the visitor has an answer already
                    FCGX_PutS(error.what(), request.err);
                }
                FCGX_Finish_r(&request);
            }
            FCGX_Free(&request, 1);
        });

    std::cout << "Listening for FastCGI on " << address << " (end with Ctrl+C)" << std::endl;
    int signal = 0;
    sigwait(&signals, &signal);
    shutdown(listener, SHUT_RDWR);
    for (auto& thread : threads)
        thread.join();
    return 0;
}

} // namespace examples

#endif
