// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_REDIS_URL_HPP
#define CLOAKROOM_STORAGE_REDIS_URL_HPP

#include <cloakroom/adapters/hiredis.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/secret.hpp>

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
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

    static int number(std::string_view text, int highest, std::string_view what)
    {
        int value = 0;
        auto const* const end = text.data() + text.size();
        if (auto const read = std::from_chars(text.data(), end, value);
            read.ec != std::errc{} || read.ptr != end || value < 0 || value > highest)
            refuse(std::string{what} + " is no number from 0 to " + std::to_string(highest));
        return value;
    }

    static std::string decoded(std::string_view text);
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
            database = number(path.substr(3), max_database, "db");
            path = *before;
        }
        if (auto const login = take_until(path, '@'))
            read_login(*login);
        if (!path.starts_with('/'))
            refuse("the path of the socket does not start with /");
        endpoints.emplace_back().socket = decoded(path);
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
        database = number(rest.substr(slash + 1), max_database, "the database");
    rest = rest.substr(0, slash);
    for (;;) {
        auto const comma = rest.find(',');
        add_host(rest.substr(0, comma));
        if (comma == std::string_view::npos)
            return;
        rest.remove_prefix(comma + 1);
    }
}

inline std::string RedisUrl::decoded(std::string_view text)
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

inline void RedisUrl::read_login(std::string_view login)
{
    auto const colon = login.find(':');
    user = decoded(login.substr(0, colon));
    if (colon != std::string_view::npos && colon + 1 < login.size())
        password = Secret{decoded(login.substr(colon + 1))};
    if (!user.empty() && !password)
        refuse("there is a user without a password");
}

inline void RedisUrl::add_host(std::string_view text)
{
    auto& endpoint = endpoints.emplace_back();
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
    if (!host.empty())
        endpoint.host = host;
    if (!port.empty())
        endpoint.port = number(port.substr(1), 65'535, "the port");
}

} // namespace cloakroom::inline v0::storage::detail

#endif
