// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_MEMCACHED_URL_HPP
#define CLOAKROOM_STORAGE_MEMCACHED_URL_HPP

#include <cloakroom/adapters/libmemcached.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/secret.hpp>
#include <cloakroom/storage/server_url.hpp>

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

inline void MemcachedUrl::read_login(std::string_view login)
{
    UrlLogin read{login, refuse};
    user = std::move(read.user);
    password = std::move(read.password);
    if (user.empty() || !password)
        refuse("there is a user without a password, or a password without a user");
}

inline MemcachedUrl::Endpoint MemcachedUrl::read_host(std::string_view text)
{
    UrlHost const read{text, refuse};
    if (read.host.find('/') != std::string_view::npos)
        refuse("a host has a / in its name");
    Endpoint server;
    if (!read.host.empty())
        server.host = read.host;
    if (read.port)
        server.port = static_cast<in_port_t>(url_number(*read.port, 1, 65'535, "the port", refuse));
    return server;
}

} // namespace cloakroom::inline v0::storage::detail

#endif
