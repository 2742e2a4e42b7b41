// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_SQLITE_DATABASE_HPP
#define CLOAKROOM_AUTH_SQLITE_DATABASE_HPP

#include <cloakroom/adapters/sqlite.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/storage/sqlite_client.hpp>
#include <cloakroom/storage/sqlite_options.hpp>
#include <cloakroom/storage/sqlite_pool.hpp>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace cloakroom::inline v0::auth::detail {

/// One connection to the file that sessions may be in as well, with statements that were prepared once.
class SqliteStatements {
public:
    using Statement = adapters::sqlite::Statement;
    using Row = Statement::Run;

    SqliteStatements(std::string const& path, storage::SqliteOptions const& options) : opened_{path, options}
    {
    }

    adapters::sqlite::Connection& connection() noexcept { return opened_.connection(); }

    /// Starts a statement. `sql` is a text that stays. Throws StorageError when there is no such table.
    template <class... Parameters>
    Row run(std::string_view sql, Parameters const&... parameters)
    {
        return prepared(sql).run(parameters...);
    }
    /// Runs a statement that gives no rows: whether it changed any.
    template <class... Parameters>
    bool write(std::string_view sql, Parameters const&... parameters)
    {
        run(sql, parameters...).step();
        return connection().changes() != 0;
    }
    Statement& prepared(std::string_view sql)
    {
        return statements_.try_emplace(sql, connection(), sql).first->second;
    }

    /// Does `operation()` in one step for everybody else. When it throws nothing has changed, as the
    /// connection is then closed.
    template <class Operation>
    auto in_one_step(Operation operation)
    {
        connection().execute("BEGIN IMMEDIATE");
        auto answer = operation();
        connection().execute("COMMIT");
        return answer;
    }

    /// A row is not as it is written here or by Django.
    [[noreturn]] void refuse_row(std::string_view table)
    {
        throw StorageError{"SQLite database \"" + connection().path() + "\": a row of " + std::string{table} +
                           " has a column of another type than Django or cloakroom writes. It is left alone; "
                           "look at it and repair it."};
    }

private:
    storage::detail::SqliteClient opened_;
    std::map<std::string_view, Statement> statements_;
};

/// The pooled connections of a store; usable on both sides of a fork(), as storage::Sqlite is.
class SqliteDatabase {
public:
    /// Opens the file, or makes it, and closes it again. Throws StorageError, ImproperlyConfigured for a
    /// database in memory.
    SqliteDatabase(std::string const& path, storage::SqliteOptions options)
        : clients_(std::make_unique<Clients>(
              storage::detail::lasting_sqlite_path<SqliteStatements>(path, options), options))
    {
    }

    /// Answers `operation(client)`.
    template <class Operation>
    auto use(Operation operation)
    {
        return clients_->use(std::move(operation));
    }

private:
    using Clients = storage::detail::SqlitePool<SqliteStatements>;

    std::unique_ptr<Clients> clients_;
};

} // namespace cloakroom::inline v0::auth::detail

#endif
