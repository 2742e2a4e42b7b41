// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTS_SUPPORT_RUDE_SERVER_HPP
#define CLOAKROOM_TESTS_SUPPORT_RUDE_SERVER_HPP

#include <atomic>
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/// A server on 127.0.0.1 that answers each piece of bytes that it gets as it was told to, or, where that is
/// empty, closes the connection. One connection at a time; it counts them.
class RudeServer {
public:
    using Answers = std::function<std::string(std::string_view)>;

    explicit RudeServer(std::string answer)
        : RudeServer(Answers{[answer = std::move(answer)](std::string_view) { return answer; }})
    {
    }
    explicit RudeServer(Answers answers)
        : answers_(std::move(answers)), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 8) != 0 ||
            getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
            throw std::runtime_error{"cannot listen"};
        port_ = ntohs(address.sin_port);
        thread_ = std::thread{[this] { serve(); }};
    }
    RudeServer(RudeServer const&) = delete;
    RudeServer& operator=(RudeServer const&) = delete;
    ~RudeServer()
    {
        shutdown(listener_, SHUT_RDWR);
        if (auto const client = client_.exchange(-1); client >= 0)
            shutdown(client, SHUT_RDWR);
        thread_.join();
        close(listener_);
    }

    int port() const { return port_; }
    std::string url() const { return "redis://127.0.0.1:" + std::to_string(port_); }
    int connections() const { return connections_; }

private:
    void serve()
    {
        for (int client = 0; (client = accept(listener_, nullptr, nullptr)) >= 0; close(client)) {
            ++connections_;
            client_ = client;
            char bytes[4096];
            for (long size = 0; (size = recv(client, bytes, sizeof bytes, 0)) > 0;) {
                auto const answer = answers_({bytes, static_cast<std::size_t>(size)});
                if (answer.empty())
                    break;
                send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
            }
            client_ = -1;
        }
    }

    Answers answers_;
    int listener_;
    int port_ = 0;
    std::atomic<int> connections_{0};
    std::atomic<int> client_{-1};
    std::thread thread_;
};

#endif
