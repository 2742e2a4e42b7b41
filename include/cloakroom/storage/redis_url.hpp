// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_REDIS_URL_HPP
#define CLOAKROOM_STORAGE_REDIS_URL_HPP

#include <cloakroom/adapters/hiredis.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/secret.hpp>
#include <cloakroom/storage/server_url.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::storage::detail {

/// What a URL says: `redis://user:password@host:port/database`, all parts but the scheme optional, an IPv6
/// address in brackets; of a cluster `host:port,host:port`; or `unix:///path/to/socket?db=0`. User and
/// password may be percent-encoded. Throws ImproperlyConfigured, which does not repeat the URL, since that
/// may hold a password.
struct RedisUrl {
    explicit RedisUrl(std::string_view url);

    /// At least one.
    std::vector<adapters::hiredis::Endpoint> endpoints;
    int database = 0;
    std::string user;
    std::optional<Secret> password;
    /// Whether the scheme is rediss://, which asks for TLS.
    bool is_tls = false;

    /// "127.0.0.1:6379/0", for people: nothing of user or password.
    std::string where() const
    {
        std::string text;
        for (auto const& endpoint : endpoints)
            text.append(text.empty() ? "" : ", ").append(endpoint.name());
        return text.append("/").append(std::to_string(database));
    }

private:
    [[noreturn]] static void refuse(std::string_view what)
    {
        throw ImproperlyConfigured{"Redis: " + std::string{what} +
                                   ". A URL looks like redis://user:password@127.0.0.1:6379/0 or "
                                   "unix:///run/redis.sock?db=0."};
    }

    /// The text before `separator`, which is taken off `text` with it; nothing if there is none.
    static std::optional<std::string_view> take_until(std::string_view& text, char separator)
    {
        auto const end = text.rfind(separator);
        if (end == std::string_view::npos)
            return std::nullopt;
        auto const before = text.substr(0, end);
        text.remove_prefix(end + 1);
        return before;
    }

    void read_login(std::string_view login);
    void add_host(std::string_view text);
};

inline RedisUrl::RedisUrl(std::string_view url)
{
    constexpr int max_database = 1'000'000;
    if (url.starts_with("unix://")) {
        auto path = url.substr(7);
        if (auto const before = take_until(path, '?')) {
            if (!path.starts_with("db="))
                refuse("the only option of a unix:// URL is db");
            database = url_number(path.substr(3), 0, max_database, "db", refuse);
            path = *before;
        }
        if (auto const login = take_until(path, '@'))
            read_login(*login);
        if (!path.starts_with('/'))
            refuse("the path of the socket does not start with /");
        endpoints.emplace_back().socket = decoded_url_part(path, refuse);
        return;
    }
    is_tls = url.starts_with("rediss://");
    if (!is_tls && !url.starts_with("redis://"))
        refuse("the URL starts with neither redis:// nor rediss:// nor unix://");
    auto rest = url.substr(url.find("//") + 2);
    if (auto const login = take_until(rest, '@'))
        read_login(*login);
    auto const slash = rest.find('/');
    if (slash != std::string_view::npos && slash + 1 < rest.size())
        database = url_number(rest.substr(slash + 1), 0, max_database, "the database", refuse);
    rest = rest.substr(0, slash);
    for (;;) {
        auto const comma = rest.find(',');
        add_host(rest.substr(0, comma));
        if (comma == std::string_view::npos)
            return;
        rest.remove_prefix(comma + 1);
    }
}

inline void RedisUrl::read_login(std::string_view login)
{
    UrlLogin read{login, refuse};
    user = std::move(read.user);
    password = std::move(read.password);
    if (!user.empty() && !password)
        refuse("there is a user without a password");
}

inline void RedisUrl::add_host(std::string_view text)
{
    UrlHost const read{text, refuse};
    auto& endpoint = endpoints.emplace_back();
    if (!read.host.empty())
        endpoint.host = read.host;
    if (read.port)
        endpoint.port = url_number(*read.port, 0, 65'535, "the port", refuse);
}

} // namespace cloakroom::inline v0::storage::detail

#endif
