// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTS_SUPPORT_GATEWAY_HPP
#define CLOAKROOM_TESTS_SUPPORT_GATEWAY_HPP

#include <atomic>
#include <cctype>
#include <cstddef>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace gateway {

inline void send_all(int to, std::string_view text)
{
    while (!text.empty()) {
        auto const sent = send(to, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
}

/// What came, or nothing at the end.
inline std::string receive_some(int from)
{
    std::string buffer(65536, '\0');
    auto const size = recv(from, buffer.data(), buffer.size(), 0);
    buffer.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return buffer;
}

/// Meta-variables of a request, as `NAME=value`.
using Variables = std::vector<std::string>;

/// The head of an HTTP request as CGI describes it. Several Cookie headers are joined as web servers do it.
inline Variables variables_of(std::string_view head)
{
    auto const path = head.substr(4, head.find(' ', 4) - 4);
    Variables variables{"REQUEST_METHOD=GET", "PATH_INFO=" + std::string{path}, "GATEWAY_INTERFACE=CGI/1.1"};
    std::string cookies;
    for (auto at = head.find("\r\n") + 2; at < head.size();) {
        auto const end = head.find("\r\n", at);
        auto const line = head.substr(at, end - at);
        auto const colon = line.find(':');
        std::string name = "HTTP_";
        for (char const c : line.substr(0, colon))
            name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        auto const value = line.substr(line.find_first_not_of(' ', colon + 1));
        if (name == "HTTP_COOKIE")
            (cookies += cookies.empty() ? "" : "; ") += value;
        else
            variables.push_back(name + "=" + std::string{value});
        at = end + 2;
    }
    if (!cookies.empty())
        variables.push_back("HTTP_COOKIE=" + cookies);
    return variables;
}

/// An HTTP server on 127.0.0.1 whose every answer is what a CGI program wrote. A connection is one request.
class Gateway {
public:
    using Program = std::function<std::string(Variables const&)>;

    explicit Gateway(Program program)
        : program_{std::move(program)}, listener_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)}
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 64) != 0 ||
            getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
            throw std::runtime_error{"cannot listen"};
        port_ = ntohs(address.sin_port);
        for (int i = 0; i < 4; ++i)
            threads_.emplace_back([this] { serve(); });
    }
    Gateway(Gateway const&) = delete;
    Gateway& operator=(Gateway const&) = delete;
    ~Gateway()
    {
        shutdown(listener_, SHUT_RDWR);
        for (auto& thread : threads_)
            thread.join();
        close(listener_);
    }

    int port() const { return port_; }

private:
    void serve()
    {
        for (int visitor = 0; (visitor = accept(listener_, nullptr, nullptr)) >= 0; close(visitor)) {
            std::string head;
            while (head.find("\r\n\r\n") == std::string::npos) {
                auto const more = receive_some(visitor);
                if (more.empty())
                    break;
                head += more;
            }
            auto const end = head.find("\r\n\r\n");
            if (end != std::string::npos)
                send_all(visitor, as_http(program_(variables_of(head.substr(0, end + 2)))));
            shutdown(visitor, SHUT_WR);
        }
    }

    static std::string as_http(std::string const& written)
    {
        constexpr std::string_view status = "Status: ";
        auto const line_end = written.find("\r\n");
        if (!written.starts_with(status) || line_end == std::string::npos)
            return "HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\n" + written;
        return "HTTP/1.1 " + written.substr(status.size(), line_end - status.size()) +
               " .\r\nConnection: close" + written.substr(line_end);
    }

    Program program_;
    int listener_;
    int port_ = 0;
    std::vector<std::thread> threads_;
};

/// What a FastCGI program that listens on a Unix socket answers to one request without a body.
inline std::string ask_fastcgi(std::string const& socket_path, Variables const& variables)
{
    auto const record = [](int type, std::string_view content) {
        std::string header{'\1',
                           static_cast<char>(type),
                           '\0',
                           '\1',
                           static_cast<char>(content.size() >> 8),
                           static_cast<char>(content.size() & 0xff),
                           '\0',
                           '\0'};
        return header.append(content);
    };
    auto const length = [](std::size_t size) {
        if (size < 128)
            return std::string(1, static_cast<char>(size));
        return std::string{static_cast<char>(0x80 | (size >> 24)), static_cast<char>(size >> 16),
                           static_cast<char>(size >> 8), static_cast<char>(size)};
    };
    constexpr int begin_request = 1;
    constexpr int end_request = 3;
    constexpr int parameters = 4;
    constexpr int standard_input = 5;
    constexpr int standard_output = 6;

    std::string pairs;
    for (auto const& variable : variables) {
        auto const equals = variable.find('=');
        pairs += length(equals) + length(variable.size() - equals - 1) + variable.substr(0, equals) +
                 variable.substr(equals + 1);
    }
    auto request = record(begin_request, std::string_view{"\0\1\0\0\0\0\0\0", 8}) +
                   record(parameters, pairs) + record(parameters, {}) + record(standard_input, {});

    auto const program = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, socket_path.c_str(), sizeof address.sun_path - 1);
    std::string received;
    std::string written;
    if (connect(program, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
        send_all(program, request);
        for (bool is_over = false; !is_over;) {
            auto const byte = [&](std::size_t at) { return static_cast<unsigned char>(received[at]); };
            auto const size = received.size() < 8 ? 0 : static_cast<std::size_t>(byte(4) << 8 | byte(5));
            if (received.size() < 8 || received.size() < 8 + size + byte(6)) {
                auto const more = receive_some(program);
                is_over = more.empty();
                received += more;
                continue;
            }
            if (byte(1) == standard_output)
                written += received.substr(8, size);
            is_over = byte(1) == end_request;
            received.erase(0, 8 + size + byte(6));
        }
    }
    close(program);
    return written;
}

} // namespace gateway

#endif
