// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_ADAPTERS_HIREDIS_HPP
#define CLOAKROOM_ADAPTERS_HIREDIS_HPP

#include <cloakroom/adapters/endpoint_name.hpp>
#include <cloakroom/adapters/hiredis_tls.hpp>
#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/fork.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/time.h>
#include <system_error>
#include <utility>

namespace cloakroom::inline v0::adapters::hiredis {

// hiredis.h comes through hiredis_tls.hpp: hiredis' own header for TLS needs it first.

/// Where a server listens: a host and a port, or a socket in the file system.
struct Endpoint {
    std::string host = "127.0.0.1";
    int port = 6379;
    std::string socket;

    /// "127.0.0.1:6379" or "/run/redis.sock", for people.
    std::string name() const { return adapters::detail::endpoint_name(host, port, socket); }
};

/// The server has closed the connection. What was sent may have been done or not.
class Closed : public StorageError {
public:
    using StorageError::StorageError;
};

/// What the server answered, or a part of it. Valid as long as the Answer that it comes from.
class Reply {
public:
    explicit Reply(redisReply const* reply) noexcept : reply_(reply) {}

    bool is_array() const noexcept { return reply_->type == REDIS_REPLY_ARRAY; }
    bool is_nil() const noexcept { return reply_->type == REDIS_REPLY_NIL; }
    /// The server's own words, if it refused.
    std::optional<std::string_view> error() const noexcept { return bytes(REDIS_REPLY_ERROR); }
    std::optional<std::string_view> text() const noexcept { return bytes(REDIS_REPLY_STRING); }
    /// A word such as OK.
    std::optional<std::string_view> status() const noexcept { return bytes(REDIS_REPLY_STATUS); }
    std::optional<std::int64_t> integer() const noexcept
    {
        if (reply_->type != REDIS_REPLY_INTEGER)
            return std::nullopt;
        return reply_->integer;
    }
    /// How many parts an array has; 0 for anything else.
    std::size_t size() const noexcept { return is_array() ? reply_->elements : 0; }
    Reply operator[](std::size_t index) const noexcept { return Reply{reply_->element[index]}; }

private:
    std::optional<std::string_view> bytes(int type) const noexcept
    {
        if (reply_->type != type)
            return std::nullopt;
        return std::string_view{reply_->str, static_cast<std::size_t>(reply_->len)};
    }

    redisReply const* reply_;
};

/// A whole answer.
class Answer : public Reply {
public:
    explicit Answer(redisReply* reply) noexcept : Reply(reply), owned_(reply) {}

private:
    struct Free {
        void operator()(redisReply* reply) const noexcept { freeReplyObject(reply); }
    };
    std::unique_ptr<redisReply, Free> owned_;
};

/// An open connection, for one thread at a time. It sends without raising SIGPIPE. After an exception it may
/// only be destroyed; in a child of the process that opened it (see core/fork.hpp), too.
class Connection {
public:
    /// Throws StorageError with the system's words when nobody answers within `connect_timeout`. Each answer
    /// is then waited for as long as `timeout`. Both are positive. With `tls` everything is encrypted.
    Connection(Endpoint const& endpoint, Duration connect_timeout, Duration timeout,
               Tls const* tls = nullptr);

    /// Sends whole commands, `count` of them, in the server's protocol. Throws Closed or StorageError.
    void send(std::string_view commands, std::size_t count);

    /// The answer to the oldest command that has none yet. Throws Closed or StorageError.
    Answer receive();

    /// Whether every command has its answer, so that another one may follow.
    bool is_ready() const noexcept { return unanswered_ == 0; }

    /// Whether the server has closed the connection, or said something that nobody asked for. Does not wait.
    /// By TLS the answer is right only after the first receive(), which takes the greetings, too.
    bool is_stale() const noexcept
    {
        char byte = 0;
        return ::recv(context_->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 ||
               (errno != EAGAIN && errno != EWOULDBLOCK);
    }

    /// Whether another process opened this, and this one is its child.
    bool inherited() const { return fork_count() != forks_; }

    /// Where the server is, for people.
    std::string const& name() const noexcept { return name_; }

private:
    struct Free {
        void operator()(redisContext* context) const noexcept { redisFree(context); }
    };
    using Moment = std::chrono::steady_clock::time_point;

    static timeval timeval_of(Duration time)
    {
        auto const seconds = std::chrono::floor<std::chrono::seconds>(time);
        return {static_cast<time_t>(seconds.count()), static_cast<suseconds_t>((time - seconds).count())};
    }

    void send_by_tls(std::string_view commands);
    void read_by_tls();
    /// More bytes of an answer. `since` is when the wait for the answer began.
    void read_more(std::optional<Moment>& since);
    [[noreturn]] void fail(int error) const;
    [[noreturn]] void fail_slow() const;

    std::string name_;
    Duration timeout_;
    std::unique_ptr<redisContext, Free> context_;
    std::size_t unanswered_ = 0;
    bool is_tls_ = false;
    unsigned forks_ = fork_count();
};

inline Connection::Connection(Endpoint const& endpoint, Duration connect_timeout, Duration timeout,
                              Tls const* tls)
    : name_(endpoint.name()), timeout_(timeout), is_tls_(tls != nullptr)
{
    auto const patience = timeval_of(connect_timeout);
    context_.reset(endpoint.socket.empty()
                       ? redisConnectWithTimeout(endpoint.host.c_str(), endpoint.port, patience)
                       : redisConnectUnixWithTimeout(endpoint.socket.c_str(), patience));
    if (!context_)
        throw std::bad_alloc{};
    if (context_->err != 0)
        throw StorageError{
            "Redis at " + name_ + ": " + context_->errstr +
            ". Check that the server runs, that the address is right, and that nothing between "
            "here and there blocks it."};
    redisSetTimeout(context_.get(), timeval_of(timeout));
    if (endpoint.socket.empty())
        redisEnableKeepAlive(context_.get());
    fcntl(context_->fd, F_SETFD, FD_CLOEXEC);
    if (tls == nullptr)
        return;
    WithoutSigpipe const quiet;
    if (!tls->secure(context_.get()))
        throw StorageError{"Redis at " + name_ + ": " + context_->errstr +
                           ". Check that the server speaks TLS there, and that its certificate is signed by "
                           "tls.authority and has not expired."};
}

inline void Connection::send(std::string_view commands, std::size_t count)
{
    unanswered_ += count;
    if (is_tls_) {
        send_by_tls(commands);
        return;
    }
    while (!commands.empty()) {
        auto const sent = ::send(context_->fd, commands.data(), commands.size(), MSG_NOSIGNAL);
        if (sent >= 0)
            commands.remove_prefix(static_cast<std::size_t>(sent));
        else if (errno != EINTR)
            fail(errno);
    }
}

inline Answer Connection::receive()
{
    std::optional<Moment> since;
    for (;;) {
        void* reply = nullptr;
        if (redisReaderGetReply(context_->reader, &reply) != REDIS_OK)
            throw StorageError{"Redis at " + name_ + ": " + context_->reader->errstr +
                               ". Check that it is a Redis server that listens there."};
        if (reply != nullptr) {
            --unanswered_;
            return Answer{static_cast<redisReply*>(reply)};
        }
        read_more(since);
    }
}

inline void Connection::read_more(std::optional<Moment>& since)
{
    // The socket's own time-out bounds each wait; the clock bounds a server that answers in drops.
    if (since && std::chrono::steady_clock::now() - *since > timeout_)
        fail_slow();
    if (!since)
        since = std::chrono::steady_clock::now();
    if (is_tls_) {
        read_by_tls();
        return;
    }
    std::array<char, 16'384> bytes;
    auto const size = ::recv(context_->fd, bytes.data(), bytes.size(), 0);
    if (size > 0) {
        if (redisReaderFeed(context_->reader, bytes.data(), static_cast<std::size_t>(size)) != REDIS_OK)
            throw std::bad_alloc{};
    } else if (size == 0) {
        fail(ECONNRESET);
    } else if (errno != EINTR) {
        fail(errno);
    }
}

inline void Connection::send_by_tls(std::string_view commands)
{
    WithoutSigpipe const quiet;
    errno = 0;
    auto is_done = 0;
    if (redisAppendFormattedCommand(context_.get(), commands.data(), commands.size()) != REDIS_OK)
        throw std::bad_alloc{};
    while (is_done == 0)
        if (redisBufferWrite(context_.get(), &is_done) != REDIS_OK)
            fail(errno);
}

inline void Connection::read_by_tls()
{
    WithoutSigpipe const quiet;
    errno = 0;
    if (redisBufferRead(context_.get()) != REDIS_OK)
        fail(context_->err == REDIS_ERR_EOF ? ECONNRESET : errno);
}

inline void Connection::fail(int error) const
{
    if (error == EAGAIN || error == EWOULDBLOCK)
        fail_slow();
    throw Closed{"Redis at " + name_ + ": the connection was lost (" + std::system_category().message(error) +
                 "). Whether the command was done is not known. Check that the server runs; the next call "
                 "connects anew."};
}

inline void Connection::fail_slow() const
{
    throw StorageError{"Redis at " + name_ +
                       ": no answer within command_timeout. Whether the command was done "
                       "is not known. Check the server's load, or raise command_timeout."};
}

} // namespace cloakroom::inline v0::adapters::hiredis

#endif
