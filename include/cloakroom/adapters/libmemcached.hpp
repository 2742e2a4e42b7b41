// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_ADAPTERS_LIBMEMCACHED_HPP
#define CLOAKROOM_ADAPTERS_LIBMEMCACHED_HPP

#include <cloakroom/adapters/endpoint_name.hpp>
#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/fork.hpp>
#include <cloakroom/core/secret.hpp>

#include <algorithm>
#include <array>
#include <botan/secmem.h>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <functional>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <libmemcached/memcached.h>

namespace cloakroom::inline v0::adapters::libmemcached {

/// Where a server listens: a host and a port, or a socket in the file system.
struct Endpoint {
    std::string host = "127.0.0.1";
    in_port_t port = 11211;
    std::string socket;

    /// "127.0.0.1:11211" or "/run/memcached.sock", for people.
    std::string name() const { return adapters::detail::endpoint_name(host, port, socket); }
};

/// Who logs in by the text protocol (memcached -Y).
struct Login {
    std::string user;
    Secret password;
};

/// The command was sent, and what became of it is not known.
class Uncertain : public StorageError {
public:
    using StorageError::StorageError;
};

/// The same: the server has closed the connection.
class Closed : public Uncertain {
public:
    using Uncertain::Uncertain;
};

/// What lies under a key. The value is valid until the connection's next command.
struct Entry {
    std::string_view value;
    /// Another one after each change. Two lives of a server, before and after a restart, have none in common,
    /// and two servers neither, though each counts from 1.
    std::uint64_t version;
};

/// What a server says to a change.
enum class Answer {
    done,
    exists,    ///< swap: there is an entry, of another version
    not_found, ///< swap: there is no entry
    taken,     ///< add: there is an entry
};

struct FreeMemcached {
    void operator()(memcached_st* handle) const noexcept { memcached_free(handle); }
};
using Handle = std::unique_ptr<memcached_st, FreeMemcached>;

/// libmemcached's object with one server or several. It ejects none and hashes by weighted ketama.
Handle make_handle(std::vector<Endpoint> const& servers);

/// On which of several servers a key lies: ketama as libmemcached and pylibmc have it. Any thread may ask.
class Ring {
public:
    explicit Ring(std::vector<Endpoint> const& servers)
        : handle_(make_handle(servers)), is_single_(servers.size() == 1)
    {
    }

    std::size_t server_of(std::string_view key) const
    {
        return is_single_ ? 0 : memcached_generate_hash(handle_.get(), key.data(), key.size());
    }

private:
    Handle handle_;
    bool is_single_;
};

/// An open connection to one server, for one thread at a time. It speaks the text protocol: by the binary one
/// a load costs the client two fifths more, a load and a change one sixth (benchmarks/memcached.cpp). After
/// an exception of a command it may only be destroyed. In a child of the process that opened it (see
/// core/fork.hpp) too; it then lets go of libmemcached's object without freeing it, which would say goodbye
/// for both processes.
class Connection {
public:
    /// Throws StorageError with libmemcached's words when nobody answers within `connect_timeout`, when the
    /// login is refused, or when it is no memcached that answers. The server is then waited for as long as
    /// `timeout` at a time. Both are positive.
    Connection(Endpoint const& endpoint, Duration connect_timeout, Duration timeout, Login const* login);
    Connection(Connection const&) = delete;
    Connection& operator=(Connection const&) = delete;
    ~Connection()
    {
        memcached_result_free(&result_);
        memcached_result_free(&end_);
        if (inherited()) {
            [[maybe_unused]] auto* const shared = handle_.release();
        } else if (is_broken_) { // what cannot be sent is not waited for
            memcached_behavior_set(handle_.get(), MEMCACHED_BEHAVIOR_POLL_TIMEOUT, 0);
        }
    }

    /// Keys are of at most 250 bytes, none of them a space or a control character. A time is in seconds since
    /// 1970 and more than 30 days of them, or 0 for never; an entry whose time has passed is gone at once.

    std::optional<Entry> get(std::string_view key);
    Answer add(std::string_view key, std::string_view value, std::time_t expires);
    /// Replaces the entry if its version is still this one.
    Answer swap(std::string_view key, std::string_view value, std::time_t expires, std::uint64_t version);
    /// Whether there was one.
    bool remove(std::string_view key);

    /// Whether a command has failed.
    bool is_broken() const noexcept { return is_broken_; }
    /// Whether a command has been answered.
    bool is_used() const noexcept { return is_used_; }
    /// Whether another process opened this, and this one is its child.
    bool inherited() const { return fork_count() != forks_; }
    /// Differs between servers, and between two lives of the same.
    std::uint64_t life() const noexcept { return life_; }
    /// Where the server is, for people.
    std::string const& name() const noexcept { return name_; }

private:
    /// libmemcached has no room for 20 digits.
    static constexpr std::uint64_t max_cas = std::numeric_limits<std::int64_t>::max();

    /// Logs in, if asked for. It begins with the one command that libmemcached survives whoever answers, and
    /// for which it has the best words when nobody does.
    void say_hello(Login const* login);
    void learn_life();
    /// Whether there is one more entry in the answer to a get.
    bool fetch(memcached_result_st& result);
    Answer answer(memcached_return_t code, std::size_t size);
    void succeed() noexcept
    {
        is_broken_ = false;
        is_used_ = true;
    }
    std::string words(memcached_return_t code) const;
    [[noreturn]] void fail_connecting(memcached_return_t code) const;
    [[noreturn]] void fail(memcached_return_t code, std::size_t size) const;

    std::string name_;
    Handle handle_;
    memcached_result_st result_{};
    memcached_result_st end_{};
    std::uint64_t life_ = 0;
    unsigned forks_ = fork_count();
    bool is_broken_ = true;
    bool is_used_ = false;
};

inline Handle make_handle(std::vector<Endpoint> const& servers)
{
    Handle handle{memcached_create(nullptr)};
    if (!handle)
        throw std::bad_alloc{};
    memcached_behavior_set(handle.get(), MEMCACHED_BEHAVIOR_SUPPORT_CAS, 1);
    memcached_behavior_set(handle.get(), MEMCACHED_BEHAVIOR_TCP_NODELAY, 1);
    memcached_behavior_set(handle.get(), MEMCACHED_BEHAVIOR_TCP_KEEPALIVE, 1);
    if (servers.size() > 1)
        memcached_behavior_set(handle.get(), MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED, 1);
    for (auto const& server : servers) {
        auto const code = server.socket.empty()
                              ? memcached_server_add(handle.get(), server.host.c_str(), server.port)
                              : memcached_server_add_unix_socket(handle.get(), server.socket.c_str());
        if (code != MEMCACHED_SUCCESS)
            throw ImproperlyConfigured{"Memcached: libmemcached refuses the server " + server.name() + ": " +
                                       memcached_strerror(nullptr, code) + "."};
    }
    return handle;
}

inline Connection::Connection(Endpoint const& endpoint, Duration connect_timeout, Duration timeout,
                              Login const* login)
    : name_(endpoint.name()), handle_(make_handle({endpoint}))
{
    auto const milliseconds = [](Duration time) {
        return static_cast<std::uint64_t>(
            std::clamp<std::int64_t>(std::chrono::ceil<std::chrono::milliseconds>(time).count(), 1,
                                     std::numeric_limits<std::int32_t>::max()));
    };
    memcached_behavior_set(handle_.get(), MEMCACHED_BEHAVIOR_CONNECT_TIMEOUT, milliseconds(connect_timeout));
    memcached_behavior_set(handle_.get(), MEMCACHED_BEHAVIOR_POLL_TIMEOUT, milliseconds(timeout));
    say_hello(login);
    learn_life();
    memcached_result_create(handle_.get(), &result_);
    memcached_result_create(handle_.get(), &end_);
    is_broken_ = false;
}

inline void Connection::say_hello(Login const* login)
{
    constexpr std::string_view key = "cloakroom.login"; // there never is one
    constexpr std::time_t past = 2'592'001;
    auto code = memcached_delete(handle_.get(), key.data(), key.size(), 0);
    if (login != nullptr && (code == MEMCACHED_CLIENT_ERROR || code == MEMCACHED_NOTFOUND)) {
        Botan::secure_vector<char> words{login->user.begin(), login->user.end()};
        words.push_back(' ');
        auto const password = login->password.reveal();
        words.insert(words.end(), password.begin(), password.end());
        // A server that asks for no password takes this for an entry, which is gone at once.
        code = memcached_set(handle_.get(), key.data(), key.size(), words.data(), words.size(), past, 0);
        if (code == MEMCACHED_SUCCESS)
            return;
    }
    if (code != MEMCACHED_NOTFOUND)
        fail_connecting(code);
}

inline void Connection::learn_life()
{
    struct Numbers {
        std::array<std::uint64_t, 3> values{};
        std::array<bool, 3> known{};
    };
    static constexpr std::array<std::string_view, 3> keys{"pid", "time", "uptime"};
    Numbers numbers;
    auto const code = memcached_stat_execute(
        handle_.get(), "",
        [](memcached_instance_st const*, char const* key, std::size_t key_size, char const* value,
           std::size_t size, void* context) {
            auto& found = *static_cast<Numbers*>(context);
            for (std::size_t i = 0; i < keys.size(); ++i)
                if (std::string_view{key, key_size} == keys[i])
                    found.known[i] =
                        std::from_chars(value, value + size, found.values[i]).ptr == value + size;
            return MEMCACHED_SUCCESS;
        },
        &numbers);
    if (code != MEMCACHED_SUCCESS)
        fail_connecting(code);
    if (!(numbers.known[0] && numbers.known[1] && numbers.known[2]))
        throw StorageError{"Memcached at " + name_ +
                           ": it does not tell its process and its age. Check that a memcached listens "
                           "there, and no proxy in between."};
    // When it was started, in the server's own words; the constants are those of splitmix64.
    life_ = numbers.values[0] * 0x9e3779b97f4a7c15U;
    for (auto const part : {numbers.values[1] - numbers.values[2],
                            static_cast<std::uint64_t>(std::hash<std::string_view>{}(name_))}) {
        life_ = (life_ ^ part ^ life_ >> 30U) * 0xbf58476d1ce4e5b9U;
        life_ = (life_ ^ life_ >> 27U) * 0x94d049bb133111ebU;
        life_ ^= life_ >> 31U;
    }
    life_ &= max_cas;
}

inline std::optional<Entry> Connection::get(std::string_view key)
{
    is_broken_ = true;
    auto const* const data = key.data();
    auto const size = key.size();
    if (auto const code = memcached_mget(handle_.get(), &data, &size, 1); code != MEMCACHED_SUCCESS)
        fail(code, 0);
    if (!fetch(result_)) {
        succeed();
        return std::nullopt;
    }
    if (fetch(end_))
        fail(MEMCACHED_PROTOCOL_ERROR, 0);
    auto const cas = memcached_result_cas(&result_);
    if (cas == 0)
        throw StorageError{"Memcached at " + name_ +
                           ": its entries have no versions. Start it without the option -C."};
    succeed();
    return Entry{{memcached_result_value(&result_), memcached_result_length(&result_)}, cas ^ life_};
}

inline bool Connection::fetch(memcached_result_st& result)
{
    auto code = MEMCACHED_SUCCESS;
    result.count = 1; // with 0, libmemcached says of some errors that nothing was found
    if (memcached_fetch_result(handle_.get(), &result, &code) != nullptr)
        return true;
    if (code != MEMCACHED_END)
        fail(code, 0);
    return false;
}

inline Answer Connection::add(std::string_view key, std::string_view value, std::time_t expires)
{
    is_broken_ = true;
    return answer(
        memcached_add(handle_.get(), key.data(), key.size(), value.data(), value.size(), expires, 0),
        value.size());
}

inline Answer Connection::swap(std::string_view key, std::string_view value, std::time_t expires,
                               std::uint64_t version)
{
    auto const cas = version ^ life_;
    if (cas == 0 || cas > max_cas) // none of this life, and libmemcached leaves a 0 out
        return Answer::exists;
    is_broken_ = true;
    return answer(
        memcached_cas(handle_.get(), key.data(), key.size(), value.data(), value.size(), expires, 0, cas),
        value.size());
}

inline bool Connection::remove(std::string_view key)
{
    is_broken_ = true;
    return answer(memcached_delete(handle_.get(), key.data(), key.size(), 0), 0) == Answer::done;
}

inline Answer Connection::answer(memcached_return_t code, std::size_t size)
{
    switch (code) {
    case MEMCACHED_SUCCESS:
        succeed();
        return Answer::done;
    case MEMCACHED_DATA_EXISTS:
        succeed();
        return Answer::exists;
    case MEMCACHED_NOTFOUND:
        succeed();
        return Answer::not_found;
    case MEMCACHED_NOTSTORED:
        succeed();
        return Answer::taken;
    default:
        fail(code, size);
    }
}

inline std::string Connection::words(memcached_return_t code) const
{
    // "(0x5581f2a4) CONNECTION FAILURE(Connection refused),  host: 127.0.0.1:11211 -> connect.cc:636". Of an
    // answer that it does not know it repeats what may be anything.
    auto const* const message = memcached_last_error_message(handle_.get());
    if (message == nullptr || code == MEMCACHED_UNKNOWN_READ_FAILURE)
        return memcached_strerror(nullptr, code);
    std::string_view text{message};
    if (auto const end = text.find(") "); text.starts_with("(0x") && end != std::string_view::npos)
        text.remove_prefix(end + 2);
    text = text.substr(0, text.find(" -> "));
    for (auto const* const place : {",  host: ", "  host: ", ",  socket: ", "  socket: "})
        text = text.substr(0, text.find(place));
    return std::string{text};
}

inline void Connection::fail_connecting(memcached_return_t code) const
{
    if (code == MEMCACHED_CLIENT_ERROR)
        throw StorageError{"Memcached at " + name_ + ": " + words(code) +
                           ". Check the user and the password, and that the server was started with -Y."};
    if (code == MEMCACHED_UNKNOWN_READ_FAILURE || code == MEMCACHED_INVALID_ARGUMENTS ||
        code == MEMCACHED_ERROR || !memcached_failed(code))
        throw StorageError{"Memcached at " + name_ + ": " + words(code) +
                           ". Check that it is a memcached that listens there."};
    throw StorageError{"Memcached at " + name_ + ": " + words(code) +
                       ". Check that the server runs, that the address is right, and that nothing between "
                       "here and there blocks it."};
}

inline void Connection::fail(memcached_return_t code, std::size_t size) const
{
    auto const text = "Memcached at " + name_ + ": ";
    switch (code) {
    case MEMCACHED_E2BIG:
        throw StorageError{text + "object too large for cache. The entry has " + std::to_string(size) +
                           " bytes with its deadline: keep less in the session, or raise the largest size "
                           "of the server, 1 MB, by its option -I."};
    case MEMCACHED_SERVER_MEMORY_ALLOCATION_FAILURE:
        throw StorageError{text + "out of memory, for an entry of " + std::to_string(size) +
                           " bytes. Give the server more by its option -m, or start it without -M, so that "
                           "it forgets what was not used for longest."};
    case MEMCACHED_SERVER_ERROR:
    case MEMCACHED_CLIENT_ERROR:
    case MEMCACHED_ERROR:
        throw StorageError{text + words(code) + ". Look the words up in the server's documentation."};
    case MEMCACHED_TIMEOUT:
        throw Uncertain{text + words(code) +
                        ": no answer within command_timeout. Whether the command was done is not known. "
                        "Check the server's load, or raise command_timeout."};
    default:
        throw Closed{text + "the connection was lost (" + words(code) +
                     "). Whether the command was done is not known. Check that the server runs; the next "
                     "call connects anew."};
    }
}

} // namespace cloakroom::inline v0::adapters::libmemcached

#endif
