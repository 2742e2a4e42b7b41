// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_REDIS_CLIENT_HPP
#define CLOAKROOM_STORAGE_REDIS_CLIENT_HPP

#include <cloakroom/adapters/hiredis.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/pool.hpp>
#include <cloakroom/storage/redis_errors.hpp>
#include <cloakroom/storage/redis_options.hpp>
#include <cloakroom/storage/redis_script.hpp>
#include <cloakroom/storage/redis_url.hpp>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cloakroom::inline v0::storage::detail {

/// Commands in the server's protocol, one after the other.
class RedisCommands {
public:
    void clear() noexcept
    {
        text_.clear();
        count_ = 0;
    }

    /// Begins a command of that many words, its name included.
    void begin(std::size_t words)
    {
        number('*', words);
        ++count_;
    }
    /// Adds a word, which is `first` and `second` without anything between.
    void add(std::string_view first, std::string_view second = {})
    {
        number('$', first.size() + second.size());
        text_.append(first).append(second).append("\r\n");
    }

    /// Begins a command that runs a script on `keys` keys, with that many words of its own, keys included.
    void begin_script(std::string_view command, std::string_view script, std::size_t keys, std::size_t words)
    {
        begin(3 + words);
        add(command);
        add(script);
        add(keys == 1 ? "1" : "2");
    }

    std::string_view text() const noexcept { return text_; }
    std::size_t count() const noexcept { return count_; }

private:
    void number(char kind, std::size_t value)
    {
        std::array<char, 24> digits;
        auto* const end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
        text_ += kind;
        text_.append(digits.data(), end).append("\r\n");
    }

    std::string text_;
    std::size_t count_ = 0;
};

/// A pattern of SCAN that stands for the text itself.
inline std::string redis_pattern(std::string_view text)
{
    std::string pattern;
    for (auto const c : text) {
        if (c == '*' || c == '?' || c == '[' || c == ']' || c == '\\')
            pattern += '\\';
        pattern += c;
    }
    return pattern;
}

/// How to reach a server, and as whom.
struct RedisLogin {
    RedisLogin(std::string_view url, RedisOptions options);

    RedisUrl url;
    std::optional<adapters::hiredis::Tls> tls;
    Duration connect_timeout;
    Duration command_timeout;
};

/// One connection that is logged in and has its database selected.
class RedisClient {
public:
    using Answer = adapters::hiredis::Answer;

    explicit RedisClient(RedisLogin const& login);

    adapters::hiredis::Connection& connection() noexcept { return connection_; }

    /// Where the next commands are put. Empty at first.
    RedisCommands& commands() noexcept { return commands_; }

    /// Sends the commands, which are then forgotten.
    void send()
    {
        connection_.send(commands_.text(), commands_.count());
        commands_.clear();
    }

    /// The next answer. Throws StorageError for a refusal.
    Answer receive()
    {
        auto answer = connection_.receive();
        if (auto const words = answer.error())
            fail_redis(connection_.name(), *words);
        return answer;
    }

    /// Answers a script in one round trip; in two, if the server does not know it yet, which changes nothing.
    /// `add_words(commands)` adds the keys, one or two, and then the rest of the words.
    template <class AddWords>
    Answer run(RedisScript const& script, std::size_t keys, std::size_t words, AddWords add_words)
    {
        commands_.clear(); // of what an exception may have left
        commands_.begin_script("EVALSHA", script.name.text(), keys, words);
        add_words(commands_);
        send();
        auto answer = connection_.receive();
        if (auto const refused = answer.error(); refused && refused->starts_with("NOSCRIPT")) {
            commands_.begin_script("EVAL", script.text, keys, words);
            add_words(commands_);
            send();
            return receive();
        }
        if (auto const refused = answer.error())
            fail_redis(connection_.name(), *refused);
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
    adapters::hiredis::Connection connection_;
    RedisCommands commands_;
};

/// The connections of one Redis that nobody uses now.
class RedisClients {
public:
    explicit RedisClients(RedisLogin login)
        : pool_([login = std::move(login)] { return std::make_unique<RedisClient>(login); })
    {
    }

    /// Answers `operation(client)`, with a connection that nobody else uses meanwhile. Connections that the
    /// server has closed, or that a parent process opened, are replaced. The operation is not repeated.
    template <class Operation>
    auto use(Operation operation)
    {
        auto client = pool_.lease();
        while (client->connection().inherited() || client->connection().is_stale()) {
            client.discard();
            client = pool_.lease();
        }
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

private:
    Pool<RedisClient, 64> pool_;
};

inline RedisLogin::RedisLogin(std::string_view address, RedisOptions options)
    : url(address), connect_timeout(options.connect_timeout), command_timeout(options.command_timeout)
{
    if (options.password)
        url.password = std::move(options.password);
    if (!options.user.empty())
        url.user = std::move(options.user);
    if (options.tls || url.is_tls)
        tls.emplace(options.tls.value_or(adapters::hiredis::TlsFiles{}));
    if (!url.user.empty() && !url.password)
        throw ImproperlyConfigured{"RedisOptions::user: there is a user without a password."};
    if (connect_timeout <= Duration::zero())
        throw ImproperlyConfigured{"RedisOptions::connect_timeout must be more than 0."};
    if (command_timeout <= Duration::zero())
        throw ImproperlyConfigured{"RedisOptions::command_timeout must be more than 0."};
}

inline RedisClient::RedisClient(RedisLogin const& login)
    : connection_(login.url.endpoint, login.connect_timeout, login.command_timeout,
                  login.tls ? &*login.tls : nullptr)
{
    auto const& url = login.url;
    if (url.password) {
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
    commands_ = {}; // the password does not stay in the buffer
    for (std::size_t i = 0; i < count; ++i)
        receive();
    if (login.tls)
        connection_.receive(); // and whatever TLS says after its handshake
}

} // namespace cloakroom::inline v0::storage::detail

#endif
