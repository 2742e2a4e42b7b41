// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_ADAPTERS_SQLITE_HPP
#define CLOAKROOM_ADAPTERS_SQLITE_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/fork.hpp>

#include <algorithm>
#include <chrono>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <sqlite3.h>

namespace cloakroom::inline v0::adapters::sqlite {

/// Throws StorageError: the file, SQLite's own words, and what to do about it. `code` is an (extended) result
/// code.
[[noreturn]] void fail(std::string_view path, int code, std::string_view message);

inline bool is_uri(std::string_view path)
{
    return path.starts_with("file:");
}

/// What people may read of a path: of a URI nothing behind its name, where a key may be.
inline std::string_view path_for_people(std::string_view path)
{
    return is_uri(path) ? path.substr(0, path.find_first_of("?#")) : path;
}

/// An open database file, for one thread at a time. Opened in another process than the current one (before a
/// fork) it may only be destroyed, and then lets go of SQLite's object without closing it, which would end
/// the other process's locks.
class Connection {
public:
    /// Opens the file for reading and writing, and makes it if its folder is there. A path that starts with
    /// `file:` is a URI. Whoever finds the file locked waits up to `busy_timeout`. Throws StorageError.
    Connection(std::string const& path, Duration busy_timeout);
    Connection(Connection&& other) noexcept
        : path_(std::move(other.path_)), handle_(std::exchange(other.handle_, nullptr)), forks_(other.forks_)
    {
    }
    Connection& operator=(Connection&&) = delete;
    ~Connection()
    {
        if (!inherited())
            sqlite3_close_v2(handle_);
    }

    /// Runs statements that give no rows.
    void execute(char const* sql)
    {
        if (!try_execute(sql))
            fail(path_, sqlite3_extended_errcode(handle_), sqlite3_errmsg(handle_));
    }

    /// The same; false when the database is locked.
    bool try_execute(char const* sql);

    /// How many rows the last INSERT, UPDATE or DELETE matched.
    std::size_t changes() const noexcept { return static_cast<std::size_t>(sqlite3_changes(handle_)); }

    /// The absolute name of the file; empty for a database that is in memory alone.
    std::string file() const
    {
        char const* const name = sqlite3_db_filename(handle_, "main");
        return name == nullptr ? std::string{} : std::string{name};
    }

    /// Whether another process opened this, and this one is its child.
    bool inherited() const { return fork_count() != forks_; }

    /// The path as it was given, without a URI's options, for people.
    std::string const& path() const noexcept { return path_; }
    sqlite3* handle() const noexcept { return handle_; }

private:
    std::string path_;
    sqlite3* handle_ = nullptr;
    unsigned forks_ = fork_count();
};

/// A prepared statement. The Connection stays where it is and outlives it.
class Statement {
public:
    /// One execution: the parameters are bound and not copied, so they outlive it. Its end resets the
    /// statement, which ends the read or write that it was.
    class Run {
    public:
        Run(Run const&) = delete;
        Run& operator=(Run const&) = delete;
        ~Run() { sqlite3_reset(statement_.handle_); }

        /// Whether there is another row, which can then be read. Throws StorageError.
        bool step();

        /// Runs a write to its end; false, with nothing changed, when a unique column refused it. Throws
        /// StorageError.
        bool finish_unless_duplicate();

        /// The column's text, or nothing when it holds anything else. Valid until the next step.
        std::optional<std::string_view> text(int column) const;

        /// The column's integer, or nothing when it holds anything else.
        std::optional<std::int64_t> integer(int column) const
        {
            if (sqlite3_column_type(statement_.handle_, column) != SQLITE_INTEGER)
                return std::nullopt;
            return sqlite3_column_int64(statement_.handle_, column);
        }

    private:
        friend Statement;
        explicit Run(Statement& statement) noexcept : statement_(statement) {}

        Statement& statement_;
    };

    /// Throws StorageError, for instance when a table is missing.
    Statement(Connection& connection, std::string_view sql);
    Statement(Statement const&) = delete;
    Statement& operator=(Statement const&) = delete;
    ~Statement()
    {
        if (!connection_.inherited())
            sqlite3_finalize(handle_);
    }

    /// Starts an execution with the parameters ?1, ?2, ...: texts and integers.
    template <class... Parameters>
    Run run(Parameters const&... parameters)
    {
        int index = 0;
        (check(bind(++index, parameters)), ...);
        return Run{*this};
    }

private:
    int bind(int index, std::string_view text) noexcept
    {
        return sqlite3_bind_text64(handle_, index, text.empty() ? "" : text.data(), text.size(),
                                   SQLITE_STATIC, SQLITE_UTF8);
    }

    int bind(int index, std::int64_t number) noexcept { return sqlite3_bind_int64(handle_, index, number); }

    void check(int code)
    {
        if (code != SQLITE_OK)
            fail(connection_.path(), sqlite3_extended_errcode(connection_.handle()),
                 sqlite3_errmsg(connection_.handle()));
    }

    Connection& connection_;
    sqlite3_stmt* handle_ = nullptr;
};

inline Connection::Connection(std::string const& path, Duration busy_timeout) : path_(path_for_people(path))
{
    if (sqlite3_threadsafe() == 0)
        throw StorageError{"This SQLite library was built without thread support: use one that has it."};
    constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI;
    if (auto const code = sqlite3_open_v2(path.c_str(), &handle_, flags, nullptr); code != SQLITE_OK) {
        std::string const message = handle_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(handle_);
        auto const extended = handle_ == nullptr ? code : sqlite3_extended_errcode(handle_);
        sqlite3_close_v2(std::exchange(handle_, nullptr));
        fail(path_, extended, message);
    }
    sqlite3_extended_result_codes(handle_, 1);
    auto const milliseconds = std::chrono::ceil<std::chrono::milliseconds>(busy_timeout).count();
    sqlite3_busy_timeout(handle_, static_cast<int>(std::clamp<std::int64_t>(milliseconds, 0, INT_MAX)));
}

inline bool Connection::try_execute(char const* sql)
{
    auto const code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY)
        fail(path_, code, sqlite3_errmsg(handle_));
    return code == SQLITE_OK;
}

inline Statement::Statement(Connection& connection, std::string_view sql) : connection_(connection)
{
    check(sqlite3_prepare_v3(connection.handle(), sql.data(), static_cast<int>(sql.size()),
                             SQLITE_PREPARE_PERSISTENT, &handle_, nullptr));
}

inline bool Statement::Run::step()
{
    auto const code = sqlite3_step(statement_.handle_);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        statement_.check(code);
    return code == SQLITE_ROW;
}

inline bool Statement::Run::finish_unless_duplicate()
{
    auto const code = sqlite3_step(statement_.handle_);
    if (code != SQLITE_DONE && code != SQLITE_CONSTRAINT_PRIMARYKEY && code != SQLITE_CONSTRAINT_UNIQUE)
        statement_.check(code);
    return code == SQLITE_DONE;
}

inline std::optional<std::string_view> Statement::Run::text(int column) const
{
    if (sqlite3_column_type(statement_.handle_, column) != SQLITE_TEXT)
        return std::nullopt;
    auto const* const bytes = reinterpret_cast<char const*>(sqlite3_column_text(statement_.handle_, column));
    if (bytes == nullptr)
        throw StorageError{"SQLite is out of memory."};
    return std::string_view{bytes,
                            static_cast<std::size_t>(sqlite3_column_bytes(statement_.handle_, column))};
}

namespace detail {

/// What somebody who meets the error can do.
inline std::string_view advice(int code, std::string_view message)
{
    switch (code & 0xff) {
    case SQLITE_ERROR:
        if (message.starts_with("no such table"))
            return "Make the tables: call migrate(), or run Django's \"manage.py migrate\".";
        return "Its tables are not those that Django makes: compare them, or use another file.";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
        return "Somebody else kept the database locked for longer than busy_timeout: end that transaction "
               "sooner, "
               "or raise busy_timeout.";
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return "Let this process write the file and its folder, where SQLite keeps more files beside it.";
    case SQLITE_CANTOPEN:
        return "Check that the folder exists and that this process may read and write there.";
    case SQLITE_FULL:
        return "Make room on the disk, or raise the file's size limit; clear_expired() frees pages for new "
               "sessions.";
    case SQLITE_IOERR:
        return "The operating system could not read or write: check the disk and the system's log.";
    case SQLITE_NOTADB:
        return "The file holds something else: check the path.";
    case SQLITE_CORRUPT:
        return "The file is damaged: check the disk, and restore a copy.";
    case SQLITE_TOOBIG:
        return "The session is too large for a row: keep large things elsewhere.";
    case SQLITE_CONSTRAINT:
        return "The table has rules that Django's does not have: remove them, or use another file.";
    case SQLITE_NOMEM:
        return "Give the process more memory.";
    default:
        return "Look the code up at sqlite.org/rescode.html.";
    }
}

} // namespace detail

[[noreturn]] inline void fail(std::string_view path, int code, std::string_view message)
{
    std::string text{"SQLite database \""};
    text.append(path).append("\": ").append(message).append(" (code ").append(std::to_string(code));
    text.append("). ").append(detail::advice(code, message));
    throw StorageError{text};
}

} // namespace cloakroom::inline v0::adapters::sqlite

#endif
