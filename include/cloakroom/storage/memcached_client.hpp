// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_MEMCACHED_CLIENT_HPP
#define CLOAKROOM_STORAGE_MEMCACHED_CLIENT_HPP

#include <cloakroom/adapters/libmemcached.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/pool.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/storage/memcached_options.hpp>
#include <cloakroom/storage/memcached_url.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::storage::detail {

/// A session's whole key on the server.
class MemcachedKey {
public:
    static constexpr std::size_t max_size = 250;

    /// `prefix` leaves room for the longest storable key.
    MemcachedKey(std::string_view prefix, SessionKey const& key) : size_(prefix.size() + key.reveal().size())
    {
        auto* const end = std::copy(prefix.begin(), prefix.end(), text_.data());
        std::copy(key.reveal().begin(), key.reveal().end(), end);
    }

    std::string_view text() const { return {text_.data(), size_}; }

    /// Throws ImproperlyConfigured for a prefix that no server takes (S-502).
    static void check_prefix(std::string_view prefix)
    {
        if (prefix.size() + SessionKey::max_storable_length > max_size)
            throw ImproperlyConfigured{"MemcachedOptions::key_prefix may have at most " +
                                       std::to_string(max_size - SessionKey::max_storable_length) +
                                       " bytes: memcached takes keys of 250."};
        if (std::any_of(prefix.begin(), prefix.end(),
                        [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; }))
            throw ImproperlyConfigured{"MemcachedOptions::key_prefix must hold neither blanks nor control "
                                       "characters: memcached takes no such keys."};
    }

private:
    std::array<char, max_size> text_{};
    std::size_t size_;
};

/// One connection with what its commands need.
class MemcachedClient {
public:
    using Endpoint = adapters::libmemcached::Endpoint;

    MemcachedClient(Endpoint const& server, MemcachedOptions const& options,
                    adapters::libmemcached::Login const* login)
        : connection_(server, options.connect_timeout, options.command_timeout, login)
    {
    }

    adapters::libmemcached::Connection& connection() noexcept { return connection_; }
    /// Where the next value is made.
    std::string& value() noexcept { return value_; }

private:
    adapters::libmemcached::Connection connection_;
    std::string value_;
};

/// The servers of one Memcached, and the connections to them that nobody uses now.
class MemcachedClients {
public:
    MemcachedClients(std::string_view address, MemcachedOptions options);

    /// "127.0.0.1:11211", for people.
    std::string where() const
    {
        std::string text;
        for (auto const& server : url_.servers)
            text.append(text.empty() ? "" : ", ").append(server.name());
        return text;
    }

    /// On which server a key lies.
    std::size_t server_of(MemcachedKey const& key) const { return ring_.server_of(key.text()); }

    /// Answers `operation(client, repeated)`, with a connection to that server which nobody else uses
    /// meanwhile. When a connection that was open before turns out to be closed, the operation is done once
    /// more on a new one. `repeated` says that, and that the same life of the server may have done the first.
    template <class Operation>
    auto use(std::size_t server, Operation operation);

private:
    using Connections = Pool<MemcachedClient, 64>;

    static std::optional<adapters::libmemcached::Login> login_of(MemcachedUrl& url,
                                                                 MemcachedOptions& options);

    /// The answer of `operation`; a broken connection is not put back.
    template <class Operation>
    static auto run(Connections::Lease& client, Operation& operation, bool repeated);

    static Connections::Lease new_client(Connections& connections);

    MemcachedUrl url_;
    MemcachedOptions options_;
    std::optional<adapters::libmemcached::Login> login_;
    adapters::libmemcached::Ring ring_;
    std::vector<std::unique_ptr<Connections>> servers_;
};

inline MemcachedClients::MemcachedClients(std::string_view address, MemcachedOptions options)
    : url_(address), options_(std::move(options)), login_(login_of(url_, options_)), ring_(url_.servers)
{
    MemcachedKey::check_prefix(options_.key_prefix);
    if (options_.connect_timeout <= Duration::zero())
        throw ImproperlyConfigured{"MemcachedOptions::connect_timeout must be more than 0."};
    if (options_.command_timeout <= Duration::zero())
        throw ImproperlyConfigured{"MemcachedOptions::command_timeout must be more than 0."};
    for (auto const& server : url_.servers)
        servers_.push_back(std::make_unique<Connections>([this, &server] {
            return std::make_unique<MemcachedClient>(server, options_, login_ ? &*login_ : nullptr);
        }));
}

inline std::optional<adapters::libmemcached::Login> MemcachedClients::login_of(MemcachedUrl& url,
                                                                               MemcachedOptions& options)
{
    auto user = options.user.empty() ? std::move(url.user) : std::move(options.user);
    auto password = options.password ? std::move(options.password) : std::move(url.password);
    if (user.empty() != !password)
        throw ImproperlyConfigured{
            "MemcachedOptions::user: there is a user without a password, or a password without a user."};
    if (!password)
        return std::nullopt;
    return adapters::libmemcached::Login{std::move(user), *std::move(password)};
}

template <class Operation>
auto MemcachedClients::use(std::size_t server, Operation operation)
{
    auto& connections = *servers_[server];
    auto client =
        connections.lease_unless([](MemcachedClient& each) { return each.connection().inherited(); });
    auto const life = client->connection().life();
    auto const was_used = client->connection().is_used();
    try {
        return run(client, operation, false);
    } catch (adapters::libmemcached::Closed const&) {
        if (!was_used)
            throw;
    }
    // The others were opened before it, or about then.
    connections.clear();
    try {
        client = new_client(connections);
    } catch (StorageError const& error) {
        throw adapters::libmemcached::Uncertain{
            error.what() + std::string{" An open connection was lost before. Whether the command was done is "
                                       "not known."}};
    }
    return run(client, operation, client->connection().life() == life);
}

template <class Operation>
auto MemcachedClients::run(Connections::Lease& client, Operation& operation, bool repeated)
{
    try {
        return operation(*client, repeated);
    } catch (...) {
        if (client->connection().is_broken())
            client.discard();
        throw;
    }
}

inline MemcachedClients::Connections::Lease MemcachedClients::new_client(Connections& connections)
{
    for (;;) {
        auto client = connections.lease();
        if (!client->connection().is_used())
            return client;
        client.discard();
    }
}

} // namespace cloakroom::inline v0::storage::detail

#endif
