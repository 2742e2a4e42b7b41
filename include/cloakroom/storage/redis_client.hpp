// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_REDIS_CLIENT_HPP
#define CLOAKROOM_STORAGE_REDIS_CLIENT_HPP

#include <cloakroom/adapters/hiredis.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/pool.hpp>
#include <cloakroom/storage/bounded_wait.hpp>
#include <cloakroom/storage/redis_commands.hpp>
#include <cloakroom/storage/redis_errors.hpp>
#include <cloakroom/storage/redis_options.hpp>
#include <cloakroom/storage/redis_redirection.hpp>
#include <cloakroom/storage/redis_script.hpp>
#include <cloakroom/storage/redis_url.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cloakroom::inline v0::storage::detail {

/// How to reach servers, and as whom.
struct RedisLogin {
    RedisLogin(std::string_view address, RedisOptions options);

    RedisUrl url;
    bool is_cluster;
    std::optional<adapters::hiredis::Tls> tls;
    Duration connect_timeout;
    Duration command_timeout;
};

/// One connection that is logged in and has its database selected.
class RedisClient {
public:
    using Answer = adapters::hiredis::Answer;

    RedisClient(RedisLogin const& login, adapters::hiredis::Endpoint const& endpoint);

    adapters::hiredis::Connection& connection() noexcept { return connection_; }

    /// Whether the server has closed it, or says something that nobody asked for. Of one that has had no
    /// command yet the answer to the first tells more.
    bool is_stale() const noexcept { return is_used_ && connection_.is_stale(); }

    /// Whether the commands that follow are done for a slot that has been moved to this server in part. Each
    /// then needs a begin(), a send() and an answer of its own.
    void ask_first(bool is_asking) noexcept { is_asking_ = is_asking; }

    /// Where the next commands are put, without what an exception may have left.
    RedisCommands& begin()
    {
        is_used_ = true;
        commands_.clear();
        if (is_asking_) {
            commands_.begin(1);
            commands_.add("ASKING");
        }
        return commands_;
    }

    /// Sends the commands, which are then forgotten.
    void send()
    {
        connection_.send(commands_.text(), commands_.count());
        commands_.clear();
    }

    /// The next answer. Throws RedisRedirected or StorageError for a refusal.
    Answer receive()
    {
        auto answer = receive_any();
        if (auto const words = answer.error())
            refuse_redis(connection_.name(), *words);
        return answer;
    }

    /// Answers a script in one round trip; in two, if the server does not know it yet, which changes nothing.
    /// `add_words(commands)` adds the keys, one or two, and then the rest of the words.
    template <class AddWords>
    Answer run(RedisScript const& script, std::size_t keys, std::size_t words, AddWords add_words)
    {
        begin().begin_script("EVALSHA", script.name.text(), keys, words);
        add_words(commands_);
        send();
        auto answer = receive_any();
        if (auto const refused = answer.error(); refused && refused->starts_with("NOSCRIPT")) {
            begin().begin_script("EVAL", script.text, keys, words);
            add_words(commands_);
            send();
            return receive();
        }
        if (auto const refused = answer.error())
            refuse_redis(connection_.name(), *refused);
        return answer;
    }

    /// The number that an answer is.
    std::int64_t number(adapters::hiredis::Reply answer) const
    {
        if (auto const number = answer.integer())
            return *number;
        fail_redis_protocol(connection_.name());
    }

private:
    Answer receive_any()
    {
        if (is_asking_)
            connection_.receive(); // what becomes of the command says enough
        return connection_.receive();
    }

    void log_in(RedisLogin const& login);

    adapters::hiredis::Connection connection_;
    RedisCommands commands_;
    bool is_asking_ = false;
    bool is_used_ = false;
};

/// The connections to one server that nobody uses now.
class RedisClients {
public:
    RedisClients(std::shared_ptr<RedisLogin const> login, adapters::hiredis::Endpoint endpoint)
        : pool_([login = std::move(login), endpoint = std::move(endpoint)] {
              return std::make_unique<RedisClient>(*login, endpoint);
          })
    {
    }

    /// Answers `operation(client)`, with a connection that nobody else uses meanwhile. Connections that the
    /// server has closed, or that a parent process opened, are replaced. The operation is not repeated.
    template <class Operation>
    auto use(Operation operation)
    {
        auto client = pool_.lease_unless(
            [](RedisClient& each) { return each.connection().inherited() || each.is_stale(); });
        try {
            return operation(*client);
        } catch (...) {
            if (!client->connection().is_ready())
                client.discard();
            throw;
        }
    }

    /// The same for an operation that changes nothing: done once more when the connection is lost meanwhile.
    template <class Operation>
    auto read(Operation operation)
    {
        try {
            return use(operation);
        } catch (adapters::hiredis::Closed const&) {
            return use(operation);
        }
    }

    /// Closes them.
    void clear() noexcept { pool_.clear(); }

private:
    Pool<RedisClient, 64> pool_;
};

inline RedisLogin::RedisLogin(std::string_view address, RedisOptions options)
    : url(address),
      is_cluster(options.cluster || url.endpoints.size() > 1),
      connect_timeout(bounded_wait(options.connect_timeout)),
      command_timeout(bounded_wait(options.command_timeout))
{
    if (options.password)
        url.password = std::move(options.password);
    if (!options.user.empty())
        url.user = std::move(options.user);
    if (options.tls || url.is_tls)
        tls.emplace(options.tls.value_or(adapters::hiredis::TlsFiles{}));
    if (!url.user.empty() && !url.password)
        throw ImproperlyConfigured{"RedisOptions::user: there is a user without a password."};
    if (is_cluster && url.database != 0)
        throw ImproperlyConfigured{"Redis: a cluster has no databases but 0. Give the sessions a key_prefix "
                                   "of their own instead."};
    if (is_cluster && !url.endpoints.front().socket.empty())
        throw ImproperlyConfigured{
            "Redis: a cluster is reached by hosts and ports, not by a unix:// socket."};
    if (connect_timeout <= Duration::zero())
        throw ImproperlyConfigured{"RedisOptions::connect_timeout must be more than 0."};
    if (command_timeout <= Duration::zero())
        throw ImproperlyConfigured{"RedisOptions::command_timeout must be more than 0."};
}

inline RedisClient::RedisClient(RedisLogin const& login, adapters::hiredis::Endpoint const& endpoint)
    : connection_(endpoint, login.connect_timeout, login.command_timeout, login.tls ? &*login.tls : nullptr)
{
    try {
        log_in(login);
    } catch (...) {
        commands_.wipe();
        throw;
    }
}

inline void RedisClient::log_in(RedisLogin const& login)
{
    auto const& url = login.url;
    if (url.password) {
        constexpr std::size_t other_words = 256;
        commands_.reserve(url.user.size() + url.password->reveal().size() + other_words);
        commands_.begin(url.user.empty() ? 2 : 3);
        commands_.add("AUTH");
        if (!url.user.empty())
            commands_.add(url.user);
        commands_.add(url.password->reveal());
    }
    if (url.database != 0) {
        commands_.begin(2);
        commands_.add("SELECT");
        commands_.add(std::to_string(url.database));
    }
    auto const count = commands_.count();
    if (login.tls) {
        commands_.begin(1);
        commands_.add("PING");
    }
    if (commands_.count() == 0)
        return;
    connection_.send(commands_.text(), commands_.count());
    commands_.wipe();
    for (std::size_t i = 0; i < count; ++i)
        receive();
    if (login.tls)
        connection_.receive(); // and whatever TLS says after its handshake
}

} // namespace cloakroom::inline v0::storage::detail

#endif
