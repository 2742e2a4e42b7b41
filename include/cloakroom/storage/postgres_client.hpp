// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_POSTGRES_CLIENT_HPP
#define CLOAKROOM_STORAGE_POSTGRES_CLIENT_HPP

#include <cloakroom/adapters/postgres.hpp>
#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/pool.hpp>
#include <cloakroom/storage/postgres_options.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace cloakroom::inline v0::storage::detail {

/// One connection to the session table, with its statements, each prepared when it is first needed.
class PostgresClient {
public:
    using Connection = adapters::postgres::Connection;
    using Result = adapters::postgres::Result;
    using Type = adapters::postgres::Type;

    enum Query { load, deadline, create, commit, touch, rotate, erase, clear_expired, page };

    /// Throws StorageError.
    PostgresClient(std::string const& address, PostgresOptions const& options)
        : connection_(address, {options.connect_timeout, options.call_timeout})
    {
        using std::chrono::milliseconds;
        auto const timeout = std::clamp<std::int64_t>(
            std::chrono::duration_cast<milliseconds>(options.call_timeout).count() / 5 * 4, 1,
            std::numeric_limits<int>::max());
        connection_.execute(("SET TIME ZONE 'UTC'; SET default_transaction_isolation = 'read committed'; "
                             "SET statement_timeout = " +
                             std::to_string(timeout))
                                .c_str());
    }

    Connection& connection() noexcept { return connection_; }

    /// Throws StorageError, also when there is no such table.
    template <class... Parameters>
    Result run(Query query, Parameters const&... parameters)
    {
        return connection_.run(prepared(query), parameters...);
    }

    /// The same; an empty result, with nothing changed, when the row's key is in use.
    template <class... Parameters>
    Result run_unless_duplicate(Query query, Parameters const&... parameters)
    {
        return connection_.run_unless_duplicate(prepared(query), parameters...);
    }

    /// Django's table and indexes, to the letter (S-521), where they are missing.
    void migrate();

    /// Throws StorageError: there is a row that Django does not write.
    [[noreturn]] void fail_shape() const
    {
        connection_.fail("a row of django_session is not as Django writes it, which is a text and a "
                         "timestamp with time zone of the years 1 to 9999.",
                         "It is left alone. Look for it with: SELECT ctid FROM django_session WHERE "
                         "session_data IS NULL OR (expire_date BETWEEN '0001-01-01 00:00:00+00' AND "
                         "'9999-12-31 23:59:59.999999+00') IS NOT TRUE");
    }

private:
    struct Statement {
        char const* name;
        char const* sql;
        Connection::Types parameters;
    };

    static Statement const& statement(Query query);

    char const* prepared(Query query)
    {
        auto const& [name, sql, parameters] = statement(query);
        if (!is_prepared_[query])
            connection_.prepare(name, sql, parameters);
        is_prepared_[query] = true;
        return name;
    }

    bool is_migrated()
    {
        return connection_
                   .execute("SELECT 'yes' WHERE to_regclass('django_session') IS NOT NULL "
                            "AND to_regclass('django_session_expire_date_a5c62663') IS NOT NULL "
                            "AND to_regclass('django_session_session_key_c0390e0f_like') IS NOT NULL")
                   .rows() != 0;
    }

    /// Throws StorageError when the table is not as Django makes it.
    void check_columns();

    Connection connection_;
    std::array<bool, page + 1> is_prepared_{};
};

/// The connections of one Postgres that nobody uses now.
class PostgresClients {
public:
    PostgresClients(std::string address, PostgresOptions options)
        : pool_([address = std::move(address), options] {
              return std::make_unique<PostgresClient>(address, options);
          })
    {
    }

    /// Answers `operation(client)`, with a connection that nobody else uses meanwhile, that was opened in
    /// this process and that the server has not ended. One that failed is closed, and nothing is tried again.
    template <class Operation>
    auto use(Operation operation)
    {
        auto client = pool_.lease_unless(is_stale);
        try {
            return operation(*client);
        } catch (...) {
            client.discard();
            throw;
        }
    }

private:
    static bool is_stale(PostgresClient& client)
    {
        return client.connection().inherited() || !client.connection().begin();
    }

    Pool<PostgresClient, 64> pool_;
};

inline PostgresClient::Statement const& PostgresClient::statement(Query query)
{
    constexpr auto text = Type::text;
    constexpr auto moment = Type::timestamptz;
    // A commit and a touch are plain UPDATEs, and what met no row then asks for the deadline. A CTE that told
    // a conflict from an absence in one round trip would make each commit about a sixth slower.
    //
    // A sweep finds its rows by deadline and takes them by key: whoever revives one meanwhile wins.
    static constexpr std::array<Statement, page + 1> statements{{
        {"cloakroom_load",
         "SELECT session_data, expire_date FROM django_session WHERE session_key = $1",
         {text}},
        {"cloakroom_deadline", "SELECT expire_date FROM django_session WHERE session_key = $1", {text}},
        {"cloakroom_create",
         "INSERT INTO django_session (session_key, session_data, expire_date) VALUES ($1, $2, $3) "
         "ON CONFLICT (session_key) DO NOTHING",
         {text, text, moment}},
        {"cloakroom_commit",
         "UPDATE django_session SET session_data = $4, expire_date = $5 "
         "WHERE session_key = $1 AND session_data = $2 AND expire_date > $3",
         {text, text, moment, text, moment}},
        {"cloakroom_touch",
         "UPDATE django_session SET expire_date = $5 "
         "WHERE session_key = $1 AND session_data = $2 AND expire_date > $3 AND expire_date = $4",
         {text, text, moment, moment, moment}},
        {"cloakroom_rotate",
         "UPDATE django_session SET session_key = $6, session_data = $4, expire_date = $5 "
         "WHERE session_key = $1 AND session_data = $2 AND expire_date > $3",
         {text, text, moment, text, moment, text}},
        {"cloakroom_erase", "DELETE FROM django_session WHERE session_key = $1", {text}},
        {"cloakroom_clear_expired",
         "DELETE FROM django_session WHERE session_key = ANY (ARRAY("
         "SELECT session_key FROM django_session WHERE expire_date < $1 "
         "AND expire_date >= '0001-01-01 00:00:00+00' ORDER BY expire_date LIMIT $2 FOR UPDATE))",
         {moment, Type::int8}},
        {"cloakroom_page",
         "SELECT session_key, session_data, expire_date FROM django_session "
         "WHERE session_key > $1 AND expire_date > $2 ORDER BY session_key LIMIT $3",
         {text, moment, Type::int8}},
    }};
    return statements[query];
}

inline void PostgresClient::check_columns()
{
    auto const columns =
        connection_.execute("SELECT session_key, session_data, expire_date FROM django_session LIMIT 0");
    if (columns.type(0) != Type::varchar || columns.type(1) != Type::text ||
        columns.type(2) != Type::timestamptz)
        connection_.fail(
            "the columns of django_session have other types than varchar(40), text and "
            "timestamp with time zone.",
            "The table is not the one that Django makes: compare them, or use another database.");
    // Planning refuses a key that is not unique.
    connection_.execute("EXPLAIN INSERT INTO django_session (session_key, session_data, expire_date) "
                        "VALUES ('', '', 'epoch') ON CONFLICT (session_key) DO NOTHING");
}

inline void PostgresClient::migrate()
{
    if (!is_migrated()) {
        // The lock, any number, keeps those apart who migrate at once: IF NOT EXISTS alone does not.
        connection_.execute(
            "BEGIN; SELECT pg_advisory_xact_lock(7165063011442); "
            "CREATE TABLE IF NOT EXISTS \"django_session\" (\"session_key\" varchar(40) NOT NULL PRIMARY "
            "KEY, "
            "\"session_data\" text NOT NULL, \"expire_date\" timestamp with time zone NOT NULL)");
        check_columns();
        connection_.execute("CREATE INDEX IF NOT EXISTS \"django_session_session_key_c0390e0f_like\" "
                            "ON \"django_session\" (\"session_key\" varchar_pattern_ops); "
                            "CREATE INDEX IF NOT EXISTS \"django_session_expire_date_a5c62663\" "
                            "ON \"django_session\" (\"expire_date\"); COMMIT");
    }
    check_columns();
}

} // namespace cloakroom::inline v0::storage::detail

#endif
