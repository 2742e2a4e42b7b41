// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_MEMCACHED_URL_HPP
#define CLOAKROOM_STORAGE_MEMCACHED_URL_HPP

#include <cloakroom/adapters/libmemcached.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/secret.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::storage::detail {

/// What a URL says: `memcached://user:password@host:port,host:port`, all parts but the scheme optional, an
/// IPv6 address in brackets; or `unix:///path/to/socket,/path/to/another`. User and password may be
/// percent-encoded. Throws ImproperlyConfigured, which does not repeat the URL, since that may hold a
/// password.
struct MemcachedUrl {
    explicit MemcachedUrl(std::string_view url);

    std::vector<adapters::libmemcached::Endpoint> servers;
    std::string user;
    std::optional<Secret> password;

private:
    using Endpoint = adapters::libmemcached::Endpoint;

    [[noreturn]] static void refuse(std::string_view what)
    {
        throw ImproperlyConfigured{"Memcached: " + std::string{what} +
                                   ". A URL looks like memcached://127.0.0.1:11211,127.0.0.1:11212 or "
                                   "unix:///run/memcached.sock."};
    }

    static std::string decoded(std::string_view text);
    void read_login(std::string_view login);
    static Endpoint read_host(std::string_view text);
};

inline MemcachedUrl::MemcachedUrl(std::string_view url)
{
    auto const is_socket = url.starts_with("unix://");
    if (!is_socket && !url.starts_with("memcached://"))
        refuse("the URL starts with neither memcached:// nor unix://");
    auto rest = url.substr(url.find("//") + 2);
    if (auto const at = rest.rfind('@'); at != std::string_view::npos) {
        read_login(rest.substr(0, at));
        rest.remove_prefix(at + 1);
    }
    if (!is_socket && rest.ends_with('/'))
        rest.remove_suffix(1);
    for (auto end = rest.find(','); true; end = rest.find(',')) {
        auto const text = rest.substr(0, end);
        if (is_socket && !text.starts_with('/'))
            refuse("the path of a socket does not start with /");
        servers.push_back(is_socket ? Endpoint{{}, 0, std::string{text}} : read_host(text));
        if (end == std::string_view::npos)
            break;
        rest.remove_prefix(end + 1);
    }
    for (std::size_t i = 0; i < servers.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (servers[i].name() == servers[j].name())
                refuse("a server is named twice");
}

inline std::string MemcachedUrl::decoded(std::string_view text)
{
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            result += text[i];
            continue;
        }
        unsigned byte = 0;
        auto const* const digits = text.data() + i + 1;
        if (i + 2 >= text.size() || std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2)
            refuse("a % is not followed by two hexadecimal digits");
        result += static_cast<char>(byte);
        i += 2;
    }
    return result;
}

inline void MemcachedUrl::read_login(std::string_view login)
{
    auto const colon = login.find(':');
    user = decoded(login.substr(0, colon));
    if (colon != std::string_view::npos && colon + 1 < login.size())
        password = Secret{decoded(login.substr(colon + 1))};
    if (user.empty() || !password)
        refuse("there is a user without a password, or a password without a user");
}

inline MemcachedUrl::Endpoint MemcachedUrl::read_host(std::string_view text)
{
    Endpoint server;
    auto host = text;
    std::string_view port;
    if (text.starts_with('[')) {
        auto const end = text.find(']');
        if (end == std::string_view::npos)
            refuse("an address in brackets does not end");
        host = text.substr(1, end - 1);
        port = text.substr(end + 1);
        if (!port.empty() && !port.starts_with(':'))
            refuse("something other than a port follows the address in brackets");
    } else if (auto const colon = text.find(':'); colon != std::string_view::npos) {
        host = text.substr(0, colon);
        port = text.substr(colon);
    }
    if (host.find('/') != std::string_view::npos)
        refuse("a host has a / in its name");
    if (!host.empty())
        server.host = host;
    if (port.empty())
        return server;
    auto const* const end = port.data() + port.size();
    if (auto const read = std::from_chars(port.data() + 1, end, server.port);
        read.ec != std::errc{} || read.ptr != end || server.port == 0)
        refuse("the port is no number from 1 to 65535");
    return server;
}

} // namespace cloakroom::inline v0::storage::detail

#endif
