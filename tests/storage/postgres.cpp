// SPDX-License-Identifier: MIT
#include <cloakroom/storage/postgres.hpp>

#include <cloakroom/adapters/postgres.hpp>
#include <cloakroom/core/conversion.hpp>
#include <cloakroom/core/date_time.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/testing/storage_laws.hpp>
#include <cloakroom/testing/storage_stress.hpp>

#include "support/catch.hpp"
#include "support/error_text.hpp"
#include "support/in_child.hpp"
#include "support/postgres_server.hpp"
#include "support/storage.hpp"
#include "support/vectors.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cr = cloakroom;
using cr::WriteResult;
using cr::storage::Postgres;
using namespace std::chrono_literals;

namespace {

static_assert(cr::EnumerablePolicy<Postgres>);
static_assert(std::is_nothrow_move_constructible_v<Postgres>);
static_assert(!std::is_copy_constructible_v<Postgres>);
static_assert(Postgres::purpose == "django.contrib.sessions.SessionStore");
static_assert(Postgres::accepts == cr::Content::text);

auto const a = key_of("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
auto const b = key_of("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");

using Rows = std::vector<std::string>;

/// A second way into a database. The rows of a query are their first columns.
Rows query(std::string const& address, std::string const& sql)
{
    cr::adapters::postgres::Connection connection{address, {10s, 60s}};
    auto const result = connection.execute(sql.c_str());
    Rows rows;
    for (int row = 0; row < result.rows(); ++row)
        rows.emplace_back(result.text(row, 0).value_or("(no text)"));
    return rows;
}

PostgresServer& server()
{
    static PostgresServer one;
    return one;
}

/// A migrated database of its own.
struct Database {
    explicit Database(cr::storage::PostgresOptions options = {}, PostgresServer& on = server())
        : name(new_name()),
          address((::query(on.address(), "CREATE DATABASE " + name), on.address(name))),
          storage(address, options)
    {
        storage.migrate();
    }

    static std::string new_name()
    {
        static int number = 0;
        return "test" + std::to_string(++number);
    }

    Rows query(std::string const& sql) const { return ::query(address, sql); }

    std::string name;
    std::string address;
    Postgres storage;
};

std::string const all_rows =
    "SELECT concat_ws('|', session_key, session_data, expire_date AT TIME ZONE 'UTC') "
    "FROM django_session ORDER BY session_key";

/// Ends the connections of a database and returns when they are gone.
void end_connections(Database const& database)
{
    auto const others = " FROM pg_stat_activity WHERE datname = '" + database.name + "'";
    query(server().address(), "SELECT pg_terminate_backend(pid)" + others);
    while (!query(server().address(), "SELECT 'x'" + others).empty())
        std::this_thread::sleep_for(1ms);
    std::this_thread::sleep_for(10ms);
}

/// Every operation, for errors that all of them meet.
Operations all_operations(Postgres& storage)
{
    auto operations = record_operations(storage, a, b, test_now);
    operations.emplace_back("clear_expired", [&] { storage.clear_expired(test_now + 3h, 10); });
    operations.emplace_back("for_each", [&] { storage.for_each(test_now, [](auto const&, auto const&) {}); });
    return operations;
}

/// What pg_catalog and information_schema tell of the table.
Rows shape(std::string const& address)
{
    return query(address,
                 "SELECT concat_ws('|', column_name, data_type, character_maximum_length, is_nullable, "
                 "datetime_precision, column_default) AS line FROM information_schema.columns "
                 "WHERE table_name = 'django_session' "
                 "UNION ALL SELECT indexdef FROM pg_indexes WHERE tablename = 'django_session' "
                 "UNION ALL SELECT conname || '|' || pg_get_constraintdef(oid) FROM pg_constraint "
                 "WHERE conrelid = 'django_session'::regclass ORDER BY line");
}

} // namespace

TEST_CASE("Postgres keeps the storage laws in every schedule of two and of three clients")
{
    Database database;
    auto const use = [&]() -> Postgres& { return database.storage; };
    CHECK(cr::testing::storage_laws(use, {.depth = 4, .clients = 2}).schedules > 500);
    CHECK(cr::testing::storage_laws(use, {.depth = 3, .clients = 3}).schedules > 80);
}

TEST_CASE("Postgres stands the stress of real threads")
{
    Database database;
    CHECK_NOTHROW(cr::testing::storage_stress(database.storage, {.threads = 4, .rounds = 50}));
}

TEST_CASE("S-521: migrate makes Django's table and both indexes, and leaves alone what is there")
{
    Database database;
    auto& storage = database.storage;
    query(server().address(), "CREATE DATABASE django");
    std::string statements;
    for (auto const& statement : vectors({"servers", "pg", "sqlmigrate"}).as<cr::Array>())
        statements += statement.as<std::string>();
    query(server().address("django"), statements);
    auto const wanted = shape(server().address("django"));
    CHECK(wanted.size() == 7);
    CHECK(shape(database.address) == wanted);

    REQUIRE(storage.create(a, record_of("1"), test_now));
    storage.migrate();
    database.query("DROP INDEX django_session_expire_date_a5c62663");
    CHECK(shape(database.address) != wanted);
    storage.migrate();
    CHECK(shape(database.address) == wanted);
    CHECK(storage.load(a, test_now));

    Postgres beside_django{server().address("django")};
    beside_django.migrate();
    CHECK(shape(server().address("django")) == wanted);

    query(server().address(), "CREATE DATABASE crowd");
    CHECK(run_threads(6, [&](int) { Postgres{server().address("crowd")}.migrate(); }) == 0);
    CHECK(shape(server().address("crowd")) == wanted);
}

TEST_CASE("Postgres: a missing table is an error that names migrate, and S-526 is made only when asked for")
{
    query(server().address(), "CREATE DATABASE bare");
    Postgres storage{server().address("bare")};
    for (auto const& [name, operation] : all_operations(storage)) {
        auto const error = error_of(operation);
        INFO(name << ": " << error);
        CHECK(contains(error, "relation \"django_session\" does not exist"));
        CHECK(contains(error, "migrate()"));
        CHECK(contains(error, "\"bare\" at 127.0.0.1:"));
    }
    CHECK(query(server().address("bare"), "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")
              .empty());
    storage.migrate();
    CHECK(storage.create(a, record_of("1"), test_now));
}

TEST_CASE("Postgres: a table or a row of another shape is an error and is left alone")
{
    Database database;
    auto& storage = database.storage;
    auto const refused_table = [&](std::string const& columns, std::string const& words) {
        INFO(columns);
        database.query("DROP TABLE django_session; CREATE TABLE django_session (" + columns + ")");
        auto const before = database.query("SELECT count(*)::text FROM pg_indexes");
        auto const error = error_of([&] { storage.migrate(); });
        INFO(error);
        CHECK(contains(error, words));
        CHECK(contains(error, "compare them"));
        CHECK(database.query("SELECT count(*)::text FROM pg_indexes") == before);
    };
    refused_table("session_key varchar(40) PRIMARY KEY, expire_date timestamptz", "session_data");
    refused_table("session_key varchar(40), session_data text, expire_date timestamptz", "no unique");
    refused_table("session_key varchar(40) PRIMARY KEY, session_data text, expire_date timestamp",
                  "other types");
    CHECK(storage.create(a, record_of("1"), test_now));
    CHECK(contains(error_of([&] { storage.load(a, test_now); }), "not as Django writes it"));

    for (auto const* const row : {"NULL, '2099-01-01 00:00:00+00'", "'x', NULL", "'x', 'infinity'",
                                  "'x', '-infinity'", "'x', '20000-01-01 00:00:00+00'"}) {
        INFO(row);
        database.query("DROP TABLE django_session; CREATE TABLE django_session (session_key varchar(40) "
                       "PRIMARY KEY, session_data text, expire_date timestamptz)");
        database.query("INSERT INTO django_session VALUES ('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', " +
                       std::string{row} + ")");
        auto const before = database.query(all_rows);
        auto const error = error_of([&] { storage.load(a, test_now); });
        INFO(error);
        CHECK(contains(error, "not as Django writes it"));
        CHECK_FALSE(contains(error, "aaaaaaaa"));
        if (!contains(row, "NULL, ")) {
            CHECK_THROWS_AS(storage.commit(a, {"y", test_now}, record_of("z"), test_now), cr::StorageError);
            CHECK_THROWS_AS(storage.touch(a, {"y", test_now}, test_now + 2h, test_now), cr::StorageError);
            CHECK_THROWS_AS(storage.rotate(a, {"y", test_now}, b, record_of("z"), test_now),
                            cr::StorageError);
        }
        CHECK_FALSE(storage.create(a, record_of("z"), test_now));
        CHECK(storage.clear_expired(test_now, 10) == 0);
        CHECK(database.query(all_rows) == before);
        // The statement that the error names finds the row.
        CHECK(
            database.query("SELECT session_key" + error.substr(error.find(" FROM django_session"))).size() ==
            1);
        CHECK(storage.create(b, record_of("z"), test_now));
        CHECK(storage.load(b, test_now));
    }
}

TEST_CASE("S-525: rows are Django's, and Django's are read")
{
    Database database;
    auto& storage = database.storage;
    constexpr auto rows = "SELECT concat_ws('|', session_key, session_data, expire_date) FROM django_session";
    int compared = 0;
    for (auto const& row : vectors({"servers", "pg", "rows"}).as<cr::Array>()) {
        auto const key = key_of(text_at(row, "session_key"));
        auto const data = text_at(row, "session_data");
        auto const deadline = text_at(row, "expire_date_text");
        auto const line = text_at(row, "session_key") + "|" + data + "|" + deadline;
        REQUIRE(deadline.ends_with("+00"));
        auto const expires = cr::SqlTime::parse(deadline.substr(0, deadline.size() - 3)).value();
        auto const before = expires - 1h;

        database.query("INSERT INTO django_session VALUES ('" + text_at(row, "session_key") + "', '" + data +
                       "', '" + deadline + "')");
        CHECK(storage.load(key, before) == cr::Stored{data, expires});
        CHECK(storage.erase(key));

        // Written by each of the four that write one, by a program in another time zone.
        query(server().address(), "ALTER DATABASE " + database.name + " SET timezone = 'Asia/Kolkata'");
        Postgres elsewhere{database.address};
        auto const check = [&](bool written) {
            CHECK(written);
            CHECK(database.query(std::string{"SET TIME ZONE 'UTC'; "} + rows) == Rows{line});
        };
        check(elsewhere.create(key, {data, expires}, before));
        CHECK(elsewhere.commit(key, {data, expires}, {"x", expires + 1h}, before) == WriteResult::committed);
        check(elsewhere.commit(key, {"x", expires + 1h}, {data, expires}, before) == WriteResult::committed);
        CHECK(elsewhere.touch(key, {data, expires}, expires + 1us, before) == WriteResult::committed);
        check(elsewhere.touch(key, {data, expires + 1us}, expires, before) == WriteResult::committed);
        CHECK(elsewhere.rotate(key, {data, expires}, a, {"x", expires}, before) == WriteResult::committed);
        check(elsewhere.rotate(a, {"x", expires}, key, {data, expires}, before) == WriteResult::committed);
        CHECK(storage.erase(key));
        ++compared;
    }
    CHECK(compared == 2);
}

TEST_CASE("S-131, S-132: keys that Django cannot have written open nothing")
{
    Database database;
    auto& storage = database.storage;
    REQUIRE(storage.create(a, record_of("1"), test_now));
    auto const overlong = key_of(std::string(32, 'a') + std::string(300, 'a'));
    auto const upper = key_of(std::string(32, 'A'));
    auto const with_nul = key_of(std::string_view{"aaaaaaaaaaaaaaa\0aaaaaaaaaaaaaaaa", 32});
    CHECK(text_at(vectors({"servers", "pg", "load_overlong_key"}), "ok") == "{}");
    CHECK(text_at(vectors({"servers", "pg", "load_key_in_upper_case"}), "ok") == "{}");
    CHECK_FALSE(storage.load(overlong, test_now));
    CHECK_FALSE(storage.load(upper, test_now));
    CHECK(text_at(vectors({"servers", "pg", "load_key_with_NUL"}), "error") == "django.db.utils.DataError");
    CHECK_THROWS_AS(storage.load(with_nul, test_now), cr::StorageError);
    for (auto const* const key : {&overlong, &upper, &with_nul})
        CHECK_FALSE(key->is_storable()); // so that a session asks no storage for it
    CHECK(storage.load(a, test_now));
}

TEST_CASE("Postgres: deadlines are exact to the microsecond, S-121, S-122, S-123, S-129")
{
    Database database;
    auto& storage = database.storage;
    for (auto const expires : {test_now, cr::TimePoint{1'780'000'000s}, cr::TimePoint{1'780'000'000s} + 1us,
                               cr::TimePoint{1'780'000'000s} - 1us, cr::TimePoint{-1us}}) {
        REQUIRE(storage.create(a, record_of("x", expires), expires - 1h));
        CHECK(storage.load(a, expires - microsecond) == cr::Stored{"x", expires});
        CHECK_FALSE(storage.load(a, expires));
        CHECK_FALSE(storage.create(a, record_of("y"), expires + 1h));

        cr::Stored const seen{"x", expires};
        CHECK(storage.commit(a, seen, record_of("y", expires), expires) == WriteResult::absent);
        CHECK(storage.touch(a, seen, expires + 1h, expires) == WriteResult::absent);
        CHECK(storage.rotate(a, seen, b, record_of("y", expires), expires) == WriteResult::absent);
        CHECK(storage.commit(a, seen, record_of("x", expires), expires - microsecond) ==
              WriteResult::committed);

        CHECK(storage.clear_expired(expires, 10) == 0);
        CHECK(storage.clear_expired(expires - microsecond, 10) == 0);
        CHECK(storage.clear_expired(expires + microsecond, 10) == 1);
        CHECK_FALSE(storage.erase(a));
    }
    REQUIRE(storage.create(a, record_of("x", cr::TimePoint::max()), test_now));
    CHECK(storage.load(a, test_now)->expires == cr::latest_time);
    REQUIRE(storage.create(b, record_of("x", cr::TimePoint::min()), test_now));
    CHECK(storage.clear_expired(test_now, 10) == 1);
    CHECK(storage.clear_expired(cr::TimePoint::max(), 10) == 0);
}

TEST_CASE("Postgres: commit, touch and rotate tell committed, conflict, absent and taken apart")
{
    Database database;
    auto& storage = database.storage;
    auto const fresh = key_of("ffffffffffffffffffffffffffffffff");
    REQUIRE(storage.create(a, record_of("1"), test_now));
    auto seen = storage.load(a, test_now).value();
    CHECK(storage.commit(a, seen, record_of("2", test_now + 2h), test_now) == WriteResult::committed);
    CHECK(storage.commit(a, seen, record_of("3"), test_now) == WriteResult::conflict);
    CHECK(storage.commit(b, seen, record_of("3"), test_now) == WriteResult::absent);
    CHECK(storage.load(a, test_now) == cr::Stored{"2", test_now + 2h});

    seen = storage.load(a, test_now).value();
    CHECK(storage.touch(a, seen, test_now + 3h, test_now) == WriteResult::committed);
    CHECK(storage.touch(a, seen, test_now + 4h, test_now) == WriteResult::conflict);
    CHECK(storage.touch(b, seen, test_now + 4h, test_now) == WriteResult::absent);
    CHECK(storage.commit(a, seen, record_of("1"), test_now) == WriteResult::committed);

    seen = storage.load(a, test_now).value();
    REQUIRE(storage.create(b, record_of("b", test_now + 1s), test_now));
    auto const before = database.query(all_rows);
    CHECK(storage.rotate(a, seen, b, record_of("2"), test_now) == WriteResult::taken);
    CHECK(storage.rotate(a, seen, b, record_of("2"), test_now + 1min) == WriteResult::taken);
    CHECK(storage.rotate(a, {"?", seen.expires}, b, record_of("2"), test_now) == WriteResult::conflict);
    CHECK(storage.rotate(a, {"?", seen.expires}, fresh, record_of("2"), test_now) == WriteResult::conflict);
    CHECK(storage.rotate(fresh, seen, b, record_of("2"), test_now) == WriteResult::absent);
    CHECK(database.query(all_rows) == before);
    CHECK(storage.rotate(a, seen, fresh, record_of("2", test_now + 2h), test_now) == WriteResult::committed);
    CHECK_FALSE(storage.load(a, test_now));
    CHECK(storage.load(fresh, test_now) == cr::Stored{"2", test_now + 2h});
    CHECK(database.query(all_rows).size() == 2);

    // A large text, which the server keeps beside the row.
    std::string large(3'000'000, 'x');
    CHECK(storage.commit(fresh, {"2", test_now}, record_of(large), test_now) == WriteResult::committed);
    CHECK(storage.load(fresh, test_now)->payload == large);
    CHECK(storage.commit(fresh, {large, test_now}, record_of(""), test_now) == WriteResult::committed);
    CHECK(storage.load(fresh, test_now)->payload.empty());
}

TEST_CASE("Postgres: clear_expired takes the oldest through the index, for_each visits what lives")
{
    Database database;
    auto& storage = database.storage;
    auto const fill = [&](std::string const& count) {
        database.query(
            "TRUNCATE django_session; INSERT INTO django_session SELECT 'session' || lpad(i::text, "
            "20, '0'), i::text, to_timestamp(1780000000 + i) FROM generate_series(0, " +
            count + " - 1) AS i; ANALYZE django_session");
    };
    auto const moment = [](int i) { return cr::TimePoint{1'780'000'000s} + i * 1s; };
    fill("100");
    CHECK(storage.clear_expired(moment(50), 0) == 0);
    CHECK(storage.clear_expired(moment(50), 20) == 20);
    CHECK_FALSE(storage.erase(numbered_key(19)));
    CHECK(storage.erase(numbered_key(20)));
    CHECK(storage.clear_expired(moment(50), SIZE_MAX) == 29);
    CHECK(storage.clear_expired(moment(50), SIZE_MAX) == 0);
    CHECK(database.query("SELECT session_key FROM django_session").size() == 50);

    // Of 10,000 and of 100,000 rows, 300 are expired: the pages that each sweep touches are counted.
    auto const pages = [&](std::string const& count) {
        fill(count);
        auto const read = [&] {
            query(server().address(), "SELECT pg_sleep(0)");
            return std::stol(
                database
                    .query("SELECT (heap_blks_read + heap_blks_hit)::text FROM pg_statio_user_tables "
                           "WHERE relname = 'django_session'")
                    .at(0));
        };
        auto const scans = "SELECT seq_scan::text FROM pg_stat_user_tables WHERE relname = 'django_session'";
        {
            Postgres counted{database.address};
            CHECK(counted.clear_expired(test_now, 0) == 0); // reads what a plan needs
        }
        std::this_thread::sleep_for(100ms);
        auto const before = read();
        auto const scans_before = database.query(scans);
        {
            Postgres counted{database.address};
            for (int i = 0; i < 10; ++i)
                CHECK(counted.clear_expired(moment(300), 30) == 30);
            CHECK(counted.clear_expired(moment(300), 30) == 0);
        } // a connection that ends hands in its counts
        std::this_thread::sleep_for(100ms);
        CHECK(database.query(scans) == scans_before);
        return read() - before;
    };
    auto const few = pages("10000");
    auto const many = pages("100000");
    CHECK(few > 300);
    CHECK(many < few * 2);

    CHECK(storage.load(numbered_key(99'999), moment(0)) == cr::Stored{"99999", moment(99'999)});
    CHECK_FALSE(storage.load(numbered_key(299), moment(0)));

    fill("600");
    database.query("INSERT INTO django_session VALUES ('short', 'x', '2099-01-01 00:00:00+00')");
    std::map<std::string, cr::Stored> seen;
    storage.for_each(moment(299), [&](cr::SessionKey const& key, cr::Stored const& stored) {
        seen.emplace(key.reveal(), stored);
        CHECK(storage.erase(key));
    });
    CHECK(seen.size() == 300);
    CHECK(seen.at(std::string{numbered_key(300).reveal()}) == cr::Stored{"300", moment(300)});
    storage.for_each(moment(299), [&](auto const&, auto const&) { FAIL("nothing is left"); });
}

TEST_CASE("Postgres: who cannot connect hears the server's words and what to do, and never the password")
{
    std::map<std::string, std::pair<std::string, std::string>> const cases{
        {server().address("postgres", "wrong-coat"), {"password authentication failed", "Check the user"}},
        {server().address("nowhere"), {"database \"nowhere\" does not exist", "createdb"}},
        {"host=127.0.0.1 port=1 user=x password=wrong-coat",
         {"Connection refused", "Check that the server runs"}},
        {"postgresql://x:wrong-coat@no-such-host.invalid/db",
         {"could not translate host name", "Check that"}},
        {"host=/nowhere-at-all user=x password=wrong-coat", {"No such file or directory", "Check that"}},
        {server().address() + "?sslmode=require", {"server does not support SSL", "Check that"}},
    };
    for (auto const& [address, words] : cases) {
        Postgres storage{address};
        for (auto const& [name, operation] : all_operations(storage)) {
            auto const error = error_of(operation);
            INFO(name << ": " << error);
            CHECK(contains(error, words.first));
            CHECK(contains(error, words.second));
            CHECK_FALSE(contains(error, "wrong-coat"));
            CHECK_FALSE(contains(error, PostgresServer::password));
        }
    }
    for (std::string const address :
         {"postgresql://user:wr@ng-coat@host/db", "postgresql://user:1/ng-coat@host/db",
          "postgresql://user:wr/ng-coat@host/db", "password=wr ng-coat", "password='wrong-coat",
          "postgresql://user:wr%ng-coat@host/db", "host=x wrong-coat=y", "hots=x"}) {
        INFO(address);
        try {
            Postgres{address};
            FAIL("accepted");
        } catch (cr::ImproperlyConfigured const& error) {
            CHECK(contains(error.what(), "postgresql://user:password@host"));
            CHECK_FALSE(contains(error.what(), "coat"));
        }
    }
    CHECK_NOTHROW(Postgres{"postgresql://user:wr%40ng@host:1,other:2/db?target_session_attrs=read-write"});
    CHECK_NOTHROW(Postgres{""});
    CHECK_THROWS_AS((Postgres{"", {.connect_timeout = 0s}}), cr::ImproperlyConfigured);
    CHECK_THROWS_AS((Postgres{"", {.call_timeout = -1s}}), cr::ImproperlyConfigured);

    // Too many: one connection is left open in each of many pools.
    std::vector<std::unique_ptr<Postgres>> crowd;
    auto const error = error_of([&] {
        for (int i = 0; i < 60; ++i)
            crowd.push_back(std::make_unique<Postgres>(server().address())), crowd.back()->migrate();
    });
    INFO(error);
    CHECK(contains(error, "max_connections"));
    crowd.clear();
}

TEST_CASE("Postgres: who may only read says so when it should write")
{
    Database database;
    REQUIRE(database.storage.create(a, record_of("1"), test_now));
    for (auto const& [setting, words] :
         {std::pair{"ALTER DATABASE " + database.name + " SET default_transaction_read_only = on",
                    "in a read-only transaction"},
          std::pair{"DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN PASSWORD 'x'; ALTER DATABASE " +
                        database.name + " RESET default_transaction_read_only",
                    "permission denied"}}) {
        query(server().address(), setting);
        auto address = database.address;
        if (contains(words, "denied")) {
            database.query("GRANT SELECT ON django_session TO reader");
            auto const name = std::string{PostgresServer::user} + ":" + PostgresServer::password;
            address.replace(address.find(name), name.size(), "reader:x");
        }
        Postgres storage{address};
        CHECK(storage.load(a, test_now)->payload == "1");
        for (auto const& [name, operation] : all_operations(storage)) {
            if (name == "load" || name == "for_each")
                continue;
            auto const error = error_of(operation);
            INFO(name << ": " << error);
            CHECK(contains(error, words));
            CHECK((contains(error, "connect to the primary") || contains(error, "Grant this user")));
        }
        CHECK(storage.load(a, test_now) == cr::Stored{"1", test_now + 1h});
    }
    database.query("DROP OWNED BY reader");
    query(server().address(), "DROP ROLE reader");
}

TEST_CASE("Postgres: a row that stays locked is an error before call_timeout, and nothing was done")
{
    Database database{{.call_timeout = 1500ms}};
    auto& storage = database.storage;
    REQUIRE(storage.create(a, record_of("1"), test_now));
    cr::adapters::postgres::Connection other{database.address, {5s, 5s}};
    other.execute("BEGIN");
    other.execute("UPDATE django_session SET session_data = 'theirs'");
    for (auto const& [name, operation] : all_operations(storage)) {
        if (name != "commit" && name != "erase" && name != "clear_expired")
            continue;
        auto const start = std::chrono::steady_clock::now();
        auto const error = error_of(operation);
        INFO(name << ": " << error);
        CHECK(std::chrono::steady_clock::now() - start >= 1s);
        CHECK(contains(error, "canceling statement due to statement timeout"));
        CHECK(contains(error, "call_timeout"));
    }
    CHECK(storage.load(a, test_now)->payload == "1"); // readers do not wait for writers
    other.execute("ROLLBACK");
    CHECK(database.query(all_rows).at(0).find("|1|") != std::string::npos);

    other.execute("BEGIN");
    other.execute("UPDATE django_session SET session_data = 'theirs'");
    std::thread releaser{[&] {
        std::this_thread::sleep_for(50ms);
        other.execute("COMMIT");
    }};
    Postgres patient{database.address, {.call_timeout = 60s}};
    auto const answer = patient.commit(a, {"1", test_now + 1h}, record_of("2"), test_now);
    releaser.join();
    CHECK(answer == WriteResult::conflict);
}

TEST_CASE("Postgres: an idle connection that was ended is replaced, one that is under way is an error once")
{
    Database database;
    auto& storage = database.storage;
    REQUIRE(storage.create(a, record_of("0"), test_now));
    // Several idle connections, made by threads that wait for each other inside of for_each.
    std::atomic<int> inside{0};
    CHECK(run_threads(4, [&](int) {
              storage.for_each(test_now, [&](auto const&, auto const&) {
                  ++inside;
                  while (inside < 4)
                      std::this_thread::yield();
                  storage.load(a, test_now);
              });
          }) == 0);
    for (auto const& [name, operation] : all_operations(storage)) {
        end_connections(database);
        INFO(name);
        CHECK_NOTHROW(operation());
    }
    storage.erase(b);
    storage.erase(a);
    REQUIRE(storage.create(a, record_of("0"), test_now));

    cr::adapters::postgres::Connection other{server().address(), {5s, 5s}};
    cr::adapters::postgres::Connection holder{database.address + "?application_name=holder", {5s, 5s}};
    holder.execute("BEGIN");
    holder.execute("UPDATE django_session SET session_data = 'theirs'");
    std::thread killer{[&] {
        std::this_thread::sleep_for(100ms);
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
        holder.execute("ROLLBACK");
    }};
    auto const error = error_of([&] { storage.commit(a, {"0", test_now}, record_of("1"), test_now); });
    killer.join();
    INFO(error);
    CHECK(contains(error, "terminating connection due to administrator command"));
    CHECK(contains(error, "may or may not have been done"));
    CHECK(storage.load(a, test_now)->payload == "0");
    CHECK(count_up(storage, a, test_now));
}

TEST_CASE("Postgres: parent and child count in one record and take no connection from each other")
{
    Database database;
    auto storage = std::make_unique<Postgres>(database.address);
    REQUIRE(storage->create(a, record_of("0"), test_now)); // the children inherit an open connection
    auto const backends = "SELECT pid::text FROM pg_stat_activity WHERE datname = '" + database.name + "'";
    auto const before = query(server().address(), backends);
    CHECK(in_child([&] { storage.reset(); }) == 0);
    CHECK(in_child([&] {
              if (!count_up(*storage, a, test_now))
                  throw std::runtime_error{"the record has gone"};
              storage.reset();
          }) == 0);
    CHECK(count_up(*storage, a, test_now));
    CHECK(query(server().address(), backends) == before);

    std::vector<pid_t> children;
    for (int i = 0; i < 2; ++i) {
        auto const child = fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            int status = 0;
            try {
                for (int step = 0; step < 100; ++step)
                    if (!count_up(*storage, a, test_now))
                        status = 2;
            } catch (...) {
                status = 1;
            }
            _exit(status);
        }
        children.push_back(child);
    }
    for (int step = 0; step < 100; ++step)
        REQUIRE(count_up(*storage, a, test_now));
    for (auto const child : children) {
        int status = 0;
        REQUIRE(waitpid(child, &status, 0) == child);
        CHECK(status == 0);
    }
    CHECK(storage->load(a, test_now)->payload == "302");
    Postgres moved{std::move(*storage)};
    CHECK(moved.load(a, test_now));
}

TEST_CASE("Postgres: a server that hangs is an error within call_timeout, and all works when it goes on")
{
    PostgresServer own;
    Database database{{.connect_timeout = 1s, .call_timeout = 500ms}, own};
    auto& storage = database.storage;
    auto const large = record_of(std::string(20'000'000, 'x')); // more than the socket takes
    REQUIRE(storage.create(a, record_of("1"), test_now));
    cr::adapters::postgres::Connection kept{database.address, {5s, 500ms}};
    own.pause();
    auto const slow = [&](auto const& operation, cr::Duration longest) {
        auto const start = std::chrono::steady_clock::now();
        auto const error = error_of(operation);
        INFO(error);
        CHECK(error != "no StorageError");
        CHECK(std::chrono::steady_clock::now() - start >= 400ms);
        CHECK(std::chrono::steady_clock::now() - start < longest);
        return error;
    };
    CHECK(contains(slow([&] { storage.commit(a, {"1", test_now}, large, test_now); }, 2s),
                   "no answer within call_timeout"));
    // The pool is empty now: the next waits for a connection.
    CHECK(contains(slow([&] { storage.load(a, test_now); }, 4s), "timeout expired"));
    CHECK(contains(slow([&] { kept.execute("SELECT 1"); }, 2s), "call_timeout"));
    own.resume();
    CHECK(storage.load(a, test_now));
    CHECK(storage.erase(a));
    CHECK(storage.create(a, record_of("1"), test_now));
}

TEST_CASE("Postgres: whatever was acknowledged is there after restarts and kills under load")
{
    PostgresServer own{{"fsync=on", "synchronous_commit=on", "recovery_init_sync_method=syncfs"}};
    Database database{{.connect_timeout = 2s, .call_timeout = 5s}, own};
    auto& storage = database.storage;
    constexpr std::size_t threads = 8;
    for (std::size_t i = 0; i < threads; ++i)
        REQUIRE(storage.create(numbered_key(i), record_of("0"), test_now));
    std::atomic<bool> stop{false};
    std::atomic<long> acknowledged{0};
    std::atomic<long> failed{0};
    std::atomic<int> wrong{0};
    std::vector<std::thread> workers;
    for (std::size_t i = 0; i < threads; ++i)
        workers.emplace_back([&, i] {
            for (std::size_t step = 0; !stop; ++step) {
                try {
                    if (!count_up(storage, numbered_key((i + step) % 4), test_now))
                        ++wrong;
                    ++acknowledged;
                } catch (cr::StorageError const&) {
                    ++failed;
                    std::this_thread::sleep_for(5ms);
                }
            }
        });
    auto const progress = [&] {
        auto const before = acknowledged.load();
        for (int i = 0; i < 2'000 && acknowledged < before + 50; ++i)
            std::this_thread::sleep_for(10ms);
        CHECK(acknowledged >= before + 50);
    };
    for (int round = 0; round < 3; ++round) {
        progress();
        auto const failed_before = failed.load();
        if (round % 2 == 0)
            own.kill_it();
        else
            own.stop();
        std::this_thread::sleep_for(50ms);
        own.start();
        CHECK(failed > failed_before);
    }
    progress();
    stop = true;
    for (auto& worker : workers)
        worker.join();
    long sum = 0;
    for (std::size_t i = 0; i < 4; ++i)
        sum += std::stol(storage.load(numbered_key(i), test_now).value().payload);
    CHECK(wrong == 0);
    CHECK(sum >= acknowledged);
    CHECK(sum <= acknowledged + failed); // a write whose answer was lost may be there, once
}

TEST_CASE("Postgres: a full disk is an error that says so, and passes when there is room again")
{
    TemporaryFolder folder;
    auto const disk = folder.path("disk");
    std::filesystem::create_directory(disk);
    if (mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=3m,mode=0777") != 0) {
        WARN("this process may not mount a small disk");
        return;
    }
    std::filesystem::permissions(folder.path(""), std::filesystem::perms{0755});
    if (auto const* const owner = getpwnam("postgres"); owner != nullptr)
        REQUIRE(chown(disk.c_str(), owner->pw_uid, owner->pw_gid) == 0);
    {
        PostgresServer own;
        Database database{{}, own};
        auto& storage = database.storage;
        query(own.address(), "CREATE TABLESPACE small LOCATION '" + disk + "'");
        database.query("ALTER TABLE django_session SET TABLESPACE small; ALTER TABLE django_session ALTER "
                       "session_data SET STORAGE EXTERNAL");
        REQUIRE(storage.create(a, record_of("1"), test_now));
        auto const error =
            error_of([&] { storage.create(b, record_of(std::string(4'000'000, 'x')), test_now); });
        INFO(error);
        CHECK(contains(error, "No space left on device"));
        CHECK(contains(error, "Make room on the server's disk"));
        CHECK(storage.load(a, test_now)->payload == "1");
        CHECK_FALSE(storage.load(b, test_now));
        REQUIRE(mount("tmpfs", disk.c_str(), "tmpfs", MS_REMOUNT, "size=64m") == 0);
        CHECK(storage.create(b, record_of(std::string(4'000'000, 'x')), test_now));
    }
    CHECK(umount(disk.c_str()) == 0);
}
