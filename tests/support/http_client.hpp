// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTS_SUPPORT_HTTP_CLIENT_HPP
#define CLOAKROOM_TESTS_SUPPORT_HTTP_CLIENT_HPP

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace http_client {

inline bool same_name(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

struct Response {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;

    /// All values of a header in their order.
    std::vector<std::string> all(std::string_view name) const
    {
        std::vector<std::string> values;
        for (auto const& [key, value] : headers)
            if (same_name(key, name))
                values.push_back(value);
        return values;
    }
    /// The only value, or an empty text.
    std::string one(std::string_view name) const
    {
        auto const values = all(name);
        if (values.size() > 1)
            throw std::runtime_error{"more than one header " + std::string{name}};
        return values.empty() ? std::string{} : values.front();
    }
};

/// Header lines to send, as they are.
using Lines = std::vector<std::string>;

inline std::string request_text(std::string_view path, Lines const& lines, bool is_last = true)
{
    auto text = "GET " + std::string{path} + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
    for (auto const& line : lines)
        text += line + "\r\n";
    return text + (is_last ? "Connection: close\r\n\r\n" : "\r\n");
}

/// A connection to 127.0.0.1 that gives up after 20 s.
class Connection {
public:
    explicit Connection(int port) : socket_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)}
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(static_cast<in_port_t>(port));
        timeval const patience{20, 0};
        setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        if (connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
            throw std::runtime_error{"cannot connect"};
    }
    Connection(Connection const&) = delete;
    Connection& operator=(Connection const&) = delete;
    ~Connection() { close(socket_); }

    void send(std::string_view text)
    {
        while (!text.empty()) {
            auto const sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent <= 0)
                return; // a server may refuse a long request before it has read all of it
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    /// The next response. Status 0 where none came.
    Response receive(bool has_body = true)
    {
        Response response;
        auto const head_end = until("\r\n\r\n");
        if (head_end == std::string::npos)
            return response;
        auto const head = take(head_end + 4);
        response.status = std::stoi(head.substr(head.find(' ') + 1, 3));
        for (auto at = head.find("\r\n") + 2; at + 2 < head.size();) {
            auto const end = head.find("\r\n", at);
            auto const line = head.substr(at, end - at);
            auto const colon = line.find(':');
            auto const value = line.find_first_not_of(' ', colon + 1);
            response.headers.emplace_back(line.substr(0, colon),
                                          value == std::string::npos ? "" : line.substr(value));
            at = end + 2;
        }
        if (!has_body || response.status == 101)
            return response;
        auto const length = response.one("Content-Length");
        if (same_name(response.one("Transfer-Encoding"), "chunked"))
            response.body = chunks();
        else if (!length.empty())
            response.body = take(std::stoul(length));
        else {
            while (read_more()) {
            }
            response.body = take(received_.size());
        }
        return response;
    }

    /// The next bytes, whatever they mean.
    std::string receive_raw(std::size_t size) { return take(size); }

private:
    bool read_more()
    {
        std::array<char, 65536> buffer{};
        auto const size = recv(socket_, buffer.data(), buffer.size(), 0);
        if (size > 0)
            received_.append(buffer.data(), static_cast<std::size_t>(size));
        return size > 0;
    }
    std::size_t until(std::string_view mark)
    {
        while (received_.find(mark) == std::string::npos)
            if (!read_more())
                return std::string::npos;
        return received_.find(mark);
    }
    std::string take(std::size_t size)
    {
        while (received_.size() < size)
            if (!read_more())
                throw std::runtime_error{"the connection ended within a response"};
        auto text = received_.substr(0, size);
        received_.erase(0, size);
        return text;
    }
    std::string chunks()
    {
        std::string body;
        while (true) {
            auto const line_end = until("\r\n");
            if (line_end == std::string::npos)
                throw std::runtime_error{"the connection ended within a chunk"};
            auto const size = std::stoul(take(line_end + 2), nullptr, 16);
            body += take(size);
            take(2);
            if (size == 0)
                return body;
        }
    }

    int socket_;
    std::string received_;
};

/// One request on a connection of its own.
inline Response get(int port, std::string_view path, Lines const& lines = {})
{
    Connection connection{port};
    connection.send(request_text(path, lines));
    return connection.receive();
}

} // namespace http_client

#endif
