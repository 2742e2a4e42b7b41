// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_SQLITE_CLIENT_HPP
#define CLOAKROOM_STORAGE_SQLITE_CLIENT_HPP

#include <cloakroom/adapters/sqlite.hpp>
#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/storage/bounded_wait.hpp>
#include <cloakroom/storage/sqlite_options.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace cloakroom::inline v0::storage::detail {

/// One connection to the session table, with its statements, each prepared when it is first needed.
class SqliteClient {
public:
    using Connection = adapters::sqlite::Connection;
    using Statement = adapters::sqlite::Statement;

    enum Query { load, create, commit, touch, rotate, erase, clear_expired, page };

    /// Throws StorageError, ImproperlyConfigured for a database in memory.
    SqliteClient(std::string const& path, SqliteOptions const& options)
        : connection_(path, options.busy_timeout)
    {
        if (connection_.file().empty())
            throw ImproperlyConfigured{
                "Sqlite: \"" + connection_.path() +
                "\" is a database in memory, which each connection has for itself: name a "
                "file, or use storage::Memory."};
        if (options.journal == SqliteJournal::unchanged)
            return;
        use_write_ahead_log(bounded_wait(options.busy_timeout));
        connection_.execute(options.journal == SqliteJournal::wal ? "PRAGMA synchronous=NORMAL"
                                                                  : "PRAGMA synchronous=FULL");
    }

    Connection& connection() noexcept { return connection_; }

    /// Throws StorageError when there is no such table.
    Statement& prepared(Query query)
    {
        auto& statement = statements_[query];
        return statement ? *statement : statement.emplace(connection_, sql[query]);
    }

    /// Django's table and index, to the letter (S-520), where they are missing.
    void migrate();

private:
    // The deadline of a single row is compared after it has been read, so that a row of another shape is
    // noticed. A sweep begins at the first deadline there can be: numbers and nulls, which Django never
    // writes, stand before.
    static constexpr std::array<std::string_view, 8> sql{
        "SELECT session_data, expire_date FROM django_session WHERE session_key = ?1",
        "INSERT INTO django_session (session_key, session_data, expire_date) VALUES (?1, ?2, ?3) "
        "ON CONFLICT (session_key) DO NOTHING",
        "UPDATE django_session SET session_data = ?4, expire_date = ?5 "
        "WHERE session_key = ?1 AND session_data = ?2 AND expire_date > ?3",
        "UPDATE django_session SET expire_date = ?5 "
        "WHERE session_key = ?1 AND session_data = ?2 AND expire_date > ?3 AND expire_date = ?4",
        "UPDATE django_session SET session_key = ?6, session_data = ?4, expire_date = ?5 "
        "WHERE session_key = ?1 AND session_data = ?2 AND expire_date > ?3",
        "DELETE FROM django_session WHERE session_key = ?1",
        "DELETE FROM django_session WHERE rowid IN (SELECT rowid FROM django_session "
        "WHERE expire_date >= '0001-01-01 00:00:00' AND expire_date < ?1 LIMIT ?2)",
        "SELECT session_key, session_data, expire_date FROM django_session "
        "WHERE session_key > ?1 AND typeof(session_key) = 'text' ORDER BY session_key LIMIT ?2",
    };

    std::string journal_mode()
    {
        Statement query{connection_, "PRAGMA journal_mode"};
        auto run = query.run();
        run.step();
        return std::string{run.text(0).value_or("")};
    }

    void use_write_ahead_log(Duration patience);
    bool is_migrated();

    Connection connection_;
    std::array<std::optional<Statement>, sql.size()> statements_;
};

inline void SqliteClient::use_write_ahead_log(Duration patience)
{
    if (journal_mode() == "wal")
        return;
    // SQLite does not wait by itself when several connections change the mode at once.
    auto const deadline = std::chrono::steady_clock::now() + patience;
    while (!connection_.try_execute("PRAGMA journal_mode=WAL") && std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    connection_.execute("PRAGMA journal_mode=WAL");
    if (auto const mode = journal_mode(); mode != "wal")
        throw StorageError{"SQLite database \"" + connection_.path() +
                           "\": cannot keep a write-ahead log here, it stays "
                           "in mode " +
                           mode +
                           ". Use SqliteJournal::unchanged, or a file system that can share "
                           "memory."};
}

inline bool SqliteClient::is_migrated()
{
    Statement query{connection_, "SELECT name FROM sqlite_master "
                                 "WHERE name IN ('django_session', 'django_session_expire_date_a5c62663')"};
    auto run = query.run();
    return run.step() && run.step();
}

inline void SqliteClient::migrate()
{
    if (!is_migrated())
        connection_.execute("BEGIN IMMEDIATE;"
                            "CREATE TABLE IF NOT EXISTS \"django_session\" (\"session_key\" varchar(40) NOT "
                            "NULL PRIMARY KEY, "
                            "\"session_data\" text NOT NULL, \"expire_date\" datetime NOT NULL);"
                            "CREATE INDEX IF NOT EXISTS \"django_session_expire_date_a5c62663\" "
                            "ON \"django_session\" (\"expire_date\");"
                            "COMMIT");
    for (auto const query : sql)
        Statement{connection_, query}; // refuses a table of another shape
}

} // namespace cloakroom::inline v0::storage::detail

#endif
