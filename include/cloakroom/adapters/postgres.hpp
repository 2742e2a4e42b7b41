// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_ADAPTERS_POSTGRES_HPP
#define CLOAKROOM_ADAPTERS_POSTGRES_HPP

#include <cloakroom/adapters/postgres_advice.hpp>
#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/fork.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <libpq-fe.h>
#include <memory>
#include <optional>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace cloakroom::inline v0::adapters::postgres {

/// Types of columns and parameters, numbered as in PostgreSQL's catalogue.
enum class Type : Oid { none = 0, int8 = 20, text = 25, varchar = 1043, timestamptz = 1184 };

/// A number as PostgreSQL's binary format has it, for int8 and timestamptz.
class BinaryNumber {
public:
    explicit BinaryNumber(std::int64_t number) noexcept
    {
        for (int i = 0; i < 8; ++i)
            bytes_[static_cast<std::size_t>(i)] =
                static_cast<char>(static_cast<std::uint64_t>(number) >> (56 - 8 * i));
    }

    /// A timestamptz. Moments outside of Python's datetime become the nearest inside.
    explicit BinaryNumber(TimePoint moment) noexcept
        : BinaryNumber((std::clamp(moment, earliest_time, latest_time) - epoch).count())
    {
    }

    /// The moment that the number of a timestamptz means; nothing outside of Python's datetime, where
    /// PostgreSQL's infinities are.
    static std::optional<TimePoint> moment(std::int64_t number) noexcept
    {
        if (number < (earliest_time - epoch).count() || number > (latest_time - epoch).count())
            return std::nullopt;
        return epoch + Duration{number};
    }

    std::string_view bytes() const noexcept { return {bytes_.data(), bytes_.size()}; }

private:
    /// 2000-01-01, from which PostgreSQL counts.
    static constexpr TimePoint epoch{std::chrono::seconds{946'684'800}};

    std::array<char, 8> bytes_;
};

/// What a statement gave: rows in binary format, or how many it changed. Empty when default-made.
class Result {
public:
    Result() = default;
    explicit Result(PGresult* handle) noexcept : handle_(handle) {}

    explicit operator bool() const noexcept { return handle_ != nullptr; }
    bool failed() const noexcept
    {
        auto const status = PQresultStatus(handle_.get());
        return status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK;
    }

    /// The five characters by which PostgreSQL names an error; empty for one of the client's.
    std::string_view sqlstate() const noexcept { return field(PG_DIAG_SQLSTATE); }

    /// The error in the server's or libpq's words, without the details, which may hold values.
    std::string message() const
    {
        auto const primary = field(PG_DIAG_MESSAGE_PRIMARY);
        return std::string{primary.empty() ? std::string_view{PQresultErrorMessage(handle_.get())} : primary};
    }

    /// The column's type, or another number where it is none of ours.
    Type type(int column) const noexcept { return static_cast<Type>(PQftype(handle_.get(), column)); }

    int rows() const noexcept { return PQntuples(handle_.get()); }

    /// How many rows an INSERT, UPDATE or DELETE matched.
    std::size_t changes() const noexcept
    {
        std::string_view const digits = PQcmdTuples(handle_.get());
        std::size_t count = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), count);
        return count;
    }

    /// The text of a column of type text or varchar, else nothing. Valid as long as this object.
    std::optional<std::string_view> text(int row, int column) const noexcept
    {
        if (type(column) != Type::text && type(column) != Type::varchar)
            return std::nullopt;
        return value(row, column);
    }

    /// The moment of a column of type timestamptz, else nothing, also outside of Python's datetime.
    std::optional<TimePoint> moment(int row, int column) const noexcept
    {
        auto const bytes = type(column) == Type::timestamptz ? value(row, column) : std::nullopt;
        if (!bytes || bytes->size() != 8)
            return std::nullopt;
        std::uint64_t number = 0;
        for (char const byte : *bytes)
            number = number << 8 | static_cast<unsigned char>(byte);
        return BinaryNumber::moment(static_cast<std::int64_t>(number));
    }

private:
    struct Clear {
        void operator()(PGresult* handle) const noexcept { PQclear(handle); }
    };

    std::optional<std::string_view> value(int row, int column) const noexcept
    {
        if (PQgetisnull(handle_.get(), row, column) != 0)
            return std::nullopt;
        return std::string_view{PQgetvalue(handle_.get(), row, column),
                                static_cast<std::size_t>(PQgetlength(handle_.get(), row, column))};
    }

    std::string_view field(int code) const noexcept
    {
        auto const* const text = PQresultErrorField(handle_.get(), code);
        return text == nullptr ? std::string_view{} : std::string_view{text};
    }

    std::unique_ptr<PGresult, Clear> handle_;
};

/// Refuses a connection string that libpq does not understand, or that looks as if a password got into the
/// name of the server, with ImproperlyConfigured. Connects to nothing.
void check_connection_string(std::string const& text);

/// How long a Connection waits.
struct Patience {
    Duration connect;
    Duration call;
};

/// A connection to a PostgreSQL server, for one thread at a time. Opened in another process than the current
/// one (before a fork) it may only be destroyed, which the server and the other process do not notice.
///
/// After a StorageError nothing is known of the state that the connection is in: destroy it.
class Connection {
public:
    /// Connects with a connection string or URL of libpq, whose own connect_timeout comes before
    /// `patience.connect`. Throws StorageError.
    Connection(std::string const& text, Patience patience);
    Connection(Connection const&) = delete;
    Connection& operator=(Connection const&) = delete;
    ~Connection();

    /// Runs statements without parameters; the result is the last one's, of which only texts can be read.
    /// Throws StorageError.
    Result execute(char const* sql);

    /// The types of a statement's parameters, with Type::none behind the last.
    using Types = std::array<Type, 6>;

    /// Prepares a statement with the parameters $1, $2, ... Throws StorageError.
    void prepare(char const* name, char const* sql, Types const& types);

    /// Runs a prepared statement with parameters: texts and BinaryNumbers. begin() comes first. Throws
    /// StorageError.
    template <class... Parameters>
    Result run(char const* name, Parameters const&... parameters)
    {
        auto result = send(name, bytes_of(parameters)...);
        refuse_failure(result);
        return result;
    }

    /// The same; an empty result, with nothing changed, when a unique column refused the row.
    template <class... Parameters>
    Result run_unless_duplicate(char const* name, Parameters const&... parameters)
    {
        auto result = send(name, bytes_of(parameters)...);
        if (result.sqlstate() == "23505")
            return {};
        refuse_failure(result);
        return result;
    }

    /// Begins an operation of one or more runs, from which on their patience counts. False, and nothing can
    /// be run any more, when the server has ended the connection while it was idle. Does not look within a
    /// millisecond of the last operation: that would cost more than it finds.
    bool begin() noexcept
    {
        auto const last = std::exchange(begun_, std::chrono::steady_clock::now());
        if (begun_ - last < std::chrono::milliseconds{1})
            return true;
        pollfd socket{PQsocket(handle_.get()), POLLIN, 0};
        return ::poll(&socket, 1, 0) == 0;
    }

    /// Whether another process opened this, and this one is its child.
    bool inherited() const { return fork_count() != forks_; }

    /// Throws StorageError: which server, these words, and what to do about it.
    [[noreturn]] void fail(std::string_view words, std::string_view advice) const;

private:
    struct Finish {
        void operator()(PGconn* handle) const noexcept { PQfinish(handle); }
    };

    static std::string_view bytes_of(std::string_view text) noexcept
    {
        return text.empty() ? std::string_view{""} : text;
    }
    static std::string_view bytes_of(BinaryNumber const& number) noexcept { return number.bytes(); }

    template <class... Bytes>
    Result send(char const* name, Bytes... bytes)
    {
        std::array<char const*, sizeof...(Bytes)> const values{bytes.data()...};
        std::array<int, sizeof...(Bytes)> const sizes{static_cast<int>(bytes.size())...};
        std::array<int, sizeof...(Bytes)> const binary{(static_cast<void>(bytes), 1)...};
        if (((bytes.size() > INT_MAX) || ...))
            fail("the session is too large.", "Keep large things elsewhere.");
        return finish(PQsendQueryPrepared(handle_.get(), name, sizeof...(Bytes), values.data(), sizes.data(),
                                          binary.data(), 1));
    }

    /// The result of what was sent; the first that failed, if several.
    Result finish(int sent);
    void wait();
    void refuse_failure(Result const& result) const;

    std::unique_ptr<PGconn, Finish> handle_;
    Duration call_patience_;
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
    unsigned forks_ = fork_count();
};

namespace detail {

/// Whether the text is a port, several with commas between, or empty.
inline bool is_port(std::string_view text)
{
    return text.find_first_not_of("0123456789,") == std::string_view::npos;
}

} // namespace detail

inline void check_connection_string(std::string const& text)
{
    // libpq's words are left out: they quote parts of the string, and so perhaps of the password.
    constexpr auto refuse = [] {
        throw ImproperlyConfigured{
            "Postgres: the connection string is none that libpq understands. Write "
            "\"postgresql://user:password@host:5432/database\", with every character of the password that is "
            "neither letter nor digit as %XX, or \"host=... dbname=... user=... password='...'\"."};
    };
    char* words = nullptr;
    std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> const options{
        PQconninfoParse(text.c_str(), &words), PQconninfoFree};
    PQfreemem(words);
    if (!options)
        refuse();
    auto const is_url = text.starts_with("postgres://") || text.starts_with("postgresql://");
    for (auto const* option = options.get(); option->keyword != nullptr; ++option) {
        std::string_view const name = option->keyword;
        std::string_view const value = option->val == nullptr ? "" : option->val;
        if ((name == "port" && !detail::is_port(value)) ||
            (name == "host" && value.find('@') != value.npos && !value.starts_with('@')) ||
            (is_url && name == "dbname" && value.find_first_of("@/") != value.npos))
            refuse();
    }
}

inline Connection::Connection(std::string const& text, Patience patience) : call_patience_(patience.call)
{
    auto const seconds = std::chrono::ceil<std::chrono::seconds>(patience.connect).count();
    auto const timeout = std::to_string(std::clamp<std::int64_t>(seconds, 1, INT_MAX));
    // Of two values the later one holds. "dbname" is the whole string, as expand_dbname says.
    constexpr std::array names{"connect_timeout", "fallback_application_name", "dbname", "client_encoding",
                               static_cast<char const*>(nullptr)};
    std::array const values{timeout.c_str(), "cloakroom", text.c_str(), "UTF8",
                            static_cast<char const*>(nullptr)};
    handle_.reset(PQconnectdbParams(names.data(), values.data(), 1));
    if (!handle_)
        throw StorageError{"PostgreSQL: out of memory. Give the process more."};
    if (PQstatus(handle_.get()) != CONNECTION_OK) {
        // libpq gives no SQLSTATE for a connection that was refused; the words tell.
        std::string_view const words = PQerrorMessage(handle_.get());
        auto const has = [&](std::string_view part) { return words.find(part) != words.npos; };
        fail(words, detail::advice(has("too many") || has("remaining connection slots") ? "53300"
                                   : has("FATAL:  database ")                           ? "3D"
                                   : has("authentication") || has("password") || has("pg_hba.conf") ||
                                           has("FATAL:  role ")
                                       ? "28"
                                   : has("the database system is") ? "57P"
                                                                   : ""));
    }
    PQsetNoticeReceiver(handle_.get(), [](void*, PGresult const*) {}, nullptr);
    PQsetnonblocking(handle_.get(), 1);
}

inline Connection::~Connection()
{
    if (!inherited())
        return;
    // libpq says goodbye to the server when it closes: in the child it says so to a socket that leads
    // nowhere.
    auto const nowhere = ::socket(AF_UNIX, SOCK_STREAM, 0);
    if (nowhere < 0 || PQsocket(handle_.get()) < 0 || ::dup2(nowhere, PQsocket(handle_.get())) < 0)
        static_cast<void>(handle_.release()); // NOLINT(bugprone-unused-return-value): never to be closed here
    if (nowhere >= 0)
        ::close(nowhere);
}

inline Result Connection::execute(char const* sql)
{
    begin();
    auto result = finish(PQsendQuery(handle_.get(), sql));
    refuse_failure(result);
    return result;
}

inline void Connection::prepare(char const* name, char const* sql, Types const& types)
{
    std::array<Oid, std::tuple_size_v<Types>> numbers;
    std::transform(types.begin(), types.end(), numbers.begin(),
                   [](Type type) { return static_cast<Oid>(type); });
    begin();
    auto const count = std::find(types.begin(), types.end(), Type::none) - types.begin();
    refuse_failure(finish(PQsendPrepare(handle_.get(), name, sql, static_cast<int>(count), numbers.data())));
}

inline Result Connection::finish(int sent)
{
    if (sent == 0)
        fail(PQerrorMessage(handle_.get()), detail::advice(""));
    Result result;
    for (;;) {
        wait();
        Result next{PQgetResult(handle_.get())};
        if (!next)
            return result;
        if (!result || !result.failed())
            result = std::move(next);
    }
}

inline void Connection::wait()
{
    for (bool first = true;; first = false) {
        auto const unsent = PQflush(handle_.get());
        if (unsent < 0 || PQisBusy(handle_.get()) == 0 || PQsocket(handle_.get()) < 0)
            return; // PQgetResult tells
        auto left = std::chrono::ceil<std::chrono::milliseconds>(call_patience_);
        if (!first)
            left -= std::chrono::floor<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun_);
        pollfd socket{PQsocket(handle_.get()), static_cast<short>(unsent == 0 ? POLLIN : POLLIN | POLLOUT),
                      0};
        auto const ready =
            ::poll(&socket, 1, static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, INT_MAX)));
        if (ready == 0)
            fail("no answer within call_timeout.",
                 "The server or the network hangs, or call_timeout is too short; the call may or may not "
                 "have been done. Later calls connect anew.");
        if (ready < 0 && errno != EINTR)
            fail(std::generic_category().message(errno), detail::advice(""));
        if (ready > 0 && (socket.revents & ~POLLOUT) != 0 && PQconsumeInput(handle_.get()) == 0)
            return; // PQgetResult tells
    }
}

inline void Connection::refuse_failure(Result const& result) const
{
    if (!result)
        fail(PQerrorMessage(handle_.get()), detail::advice(""));
    if (!result.failed())
        return;
    auto const state = result.sqlstate();
    auto words = result.message();
    if (!state.empty())
        words.append(" (SQLSTATE ").append(state).append(").");
    fail(words, detail::advice(state));
}

[[noreturn]] inline void Connection::fail(std::string_view words, std::string_view advice) const
{
    auto const text_or = [](char const* text, std::string_view otherwise) {
        return text == nullptr || *text == '\0' ? otherwise : std::string_view{text};
    };
    std::string text{"PostgreSQL database \""};
    text.append(text_or(PQdb(handle_.get()), "")).append("\" at ");
    text.append(text_or(PQhost(handle_.get()), "the local socket")).append(":");
    text.append(text_or(PQport(handle_.get()), "5432")).append(": ");
    while (words.ends_with('\n'))
        words.remove_suffix(1);
    text.append(words).append(" ").append(advice);
    throw StorageError{text};
}

} // namespace cloakroom::inline v0::adapters::postgres

#endif
