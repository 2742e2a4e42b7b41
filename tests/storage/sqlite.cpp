// SPDX-License-Identifier: MIT
#include <cloakroom/storage/sqlite.hpp>

#include <cloakroom/adapters/sqlite.hpp>
#include <cloakroom/core/conversion.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/testing/storage_laws.hpp>

#include "support/catch.hpp"
#include "support/error_text.hpp"
#include "support/in_child.hpp"
#include "support/storage.hpp"
#include "support/temporary_folder.hpp"
#include "support/vectors.hpp"

#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cr = cloakroom;
using cr::WriteResult;
using cr::storage::Sqlite;
using cr::storage::SqliteJournal;
using namespace std::chrono_literals;

namespace {

static_assert(cr::EnumerablePolicy<Sqlite>);
static_assert(std::is_nothrow_move_constructible_v<Sqlite>);
static_assert(!std::is_copy_constructible_v<Sqlite>);
static_assert(Sqlite::purpose == "django.contrib.sessions.SessionStore");
static_assert(Sqlite::accepts == cr::Content::text);

auto const a = key_of("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
auto const b = key_of("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");

/// A folder of its own with a migrated database, and a second way into it.
struct Database {
    explicit Database(cr::storage::SqliteOptions options = {.busy_timeout = 5s})
        : storage(folder.path("db.sqlite3"), options)
    {
        storage.migrate();
    }

    std::string file() const { return folder.path("db.sqlite3"); }

    void execute(std::string const& sql)
    {
        cr::adapters::sqlite::Connection{file(), 5s}.execute(sql.c_str());
    }

    /// The rows of a query, columns joined by '|'.
    std::vector<std::string> query(std::string_view sql)
    {
        cr::adapters::sqlite::Connection connection{file(), 5s};
        cr::adapters::sqlite::Statement statement{connection, sql};
        std::vector<std::string> rows;
        for (auto run = statement.run(); run.step();) {
            std::string row;
            for (int column = 0; auto const text = run.text(column); ++column)
                row += (column == 0 ? "" : "|") + std::string{*text};
            rows.push_back(row);
        }
        return rows;
    }

    TemporaryFolder folder;
    Sqlite storage;
};

/// Every operation, for errors that all of them meet.
Operations all_operations(Sqlite& storage)
{
    auto operations = record_operations(storage, a, b, test_now);
    operations.emplace_back("clear_expired", [&] { storage.clear_expired(test_now + 3h, 10); });
    operations.emplace_back("for_each", [&] { storage.for_each(test_now, [](auto const&, auto const&) {}); });
    return operations;
}

} // namespace

TEST_CASE("Sqlite keeps the storage laws")
{
    auto const journal = GENERATE(SqliteJournal::wal, SqliteJournal::unchanged);
    Database database{{.journal = journal}};
    cr::testing::StorageLawOptions options;
    options.depth = journal == SqliteJournal::wal ? 4 : 2;
    auto const report = cr::testing::storage_laws([&]() -> Sqlite& { return database.storage; }, options);
    CHECK(report.schedules > 10);
}

TEST_CASE("Sqlite gives back what was created, also after it has been opened anew")
{
    Database database;
    CHECK_FALSE(database.storage.load(a, test_now));
    CHECK(database.storage.create(a, record_of("text", test_now + 5s), test_now));
    CHECK(database.storage.load(a, test_now) == cr::Stored{"text", test_now + 5s});
    CHECK_FALSE(database.storage.load(b, test_now));
    CHECK(Sqlite{database.file()}.load(a, test_now) == cr::Stored{"text", test_now + 5s});
}

TEST_CASE("S-520: migrate makes Django's table and index to the letter")
{
    Database database;
    std::vector<std::string> const expected{
        "django_session|CREATE TABLE \"django_session\" (\"session_key\" varchar(40) NOT NULL PRIMARY KEY, "
        "\"session_data\" text NOT NULL, \"expire_date\" datetime NOT NULL)",
        "django_session_expire_date_a5c62663|CREATE INDEX \"django_session_expire_date_a5c62663\" ON "
        "\"django_session\" (\"expire_date\")"};
    CHECK(database.query("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name") ==
          expected);
}

TEST_CASE("Sqlite: migrate accepts a table that is there, and adds a missing index")
{
    Database database;
    REQUIRE(database.storage.create(a, record_of("1"), test_now));
    database.execute("DROP INDEX django_session_expire_date_a5c62663");
    database.storage.migrate();
    database.storage.migrate();
    Sqlite{database.file()}.migrate();
    CHECK(database.storage.load(a, test_now));
    CHECK(database.query("SELECT name FROM sqlite_master WHERE name LIKE '%expire%'").size() == 1);
}

TEST_CASE("Sqlite: migrate refuses a table of another shape and leaves it alone")
{
    Database database;
    database.execute(
        "DROP TABLE django_session; CREATE TABLE django_session (session_key text, expire_date text)");
    auto const error = error_of([&] { database.storage.migrate(); });
    INFO(error);
    CHECK(contains(error, "session_data"));
    CHECK(contains(error, "compare them"));
    CHECK(database.query("SELECT sql FROM sqlite_master WHERE type = 'table'") ==
          std::vector<std::string>{"CREATE TABLE django_session (session_key text, expire_date text)"});
}

TEST_CASE("S-526: no table is made unless asked for")
{
    TemporaryFolder folder;
    Sqlite storage{folder.path("db.sqlite3")};
    CHECK_THROWS_AS(storage.load(a, test_now), cr::StorageError);
    cr::adapters::sqlite::Connection connection{folder.path("db.sqlite3"), 5s};
    cr::adapters::sqlite::Statement statement{connection, "SELECT name FROM sqlite_master"};
    CHECK_FALSE(statement.run().step());
}

TEST_CASE("S-523: rows are Django's byte for byte")
{
    std::map<std::string, std::string> const moments{{"expiry_datetime", "2026-06-01 12:00:00"},
                                                     {"expiry_datetime_micro", "2026-06-01 12:00:00.000120"}};
    std::map<std::string, cr::Duration> const ages{{"expiry_300", 300s}, {"expiry_-10", -10s}};
    int compared = 0;
    for (auto const& row : vectors({"db_rows", "rows"}).as<cr::Array>()) {
        auto const name = text_at(row, "name");
        auto const& fields = *row.get_if<cr::Dict>();
        if (!fields.at("use_tz").as<bool>())
            continue;
        INFO(name);
        Database database;
        auto const clock = cr::TimePoint{cr::Duration{std::llround(fields.at("clock").as<double>() * 1e6)}};
        auto const expires = moments.contains(name) ? cr::SqlTime::parse(moments.at(name)).value()
                             : ages.contains(name)  ? clock + ages.at(name)
                                                    : clock + 14 * 24h;
        auto const key = key_of(text_at(row, "session_key"));
        auto const data = text_at(row, "session_data");
        std::vector<std::string> const expected{text_at(row, "session_key") + "|" + data + "|" +
                                                text_at(row, "expire_date") + "|text|text|text"};
        constexpr auto columns = "SELECT session_key, session_data, expire_date, typeof(session_key), "
                                 "typeof(session_data), typeof(expire_date) FROM django_session";

        REQUIRE(database.storage.create(key, {data, expires}, clock - 1h));
        CHECK(database.query(columns) == expected);

        // The same row, written by the other three that write one.
        auto const before = expires - 1h;
        database.execute("DELETE FROM django_session");
        REQUIRE(database.storage.create(key, {"old", expires + 1h}, before));
        REQUIRE(database.storage.commit(key, {"old", expires + 1h}, {data, expires}, before) ==
                WriteResult::committed);
        CHECK(database.query(columns) == expected);
        REQUIRE(database.storage.touch(key, {data, expires}, expires + 1s, before) == WriteResult::committed);
        CHECK(database.query(columns) != expected);
        REQUIRE(database.storage.touch(key, {data, expires + 1s}, expires, before) == WriteResult::committed);
        CHECK(database.query(columns) == expected);
        REQUIRE(database.storage.rotate(key, {data, expires}, a, {"x", expires}, before) ==
                WriteResult::committed);
        REQUIRE(database.storage.rotate(a, {"x", expires}, key, {data, expires}, before) ==
                WriteResult::committed);
        CHECK(database.query(columns) == expected);
        CHECK(database.storage.load(key, before) == cr::Stored{data, expires});
        ++compared;
    }
    CHECK(compared == 40);
}

TEST_CASE("Sqlite: create never overwrites, S-123 not even an expired record")
{
    Database database;
    auto& storage = database.storage;
    REQUIRE(storage.create(a, record_of("first", test_now + 1s), test_now));
    CHECK_FALSE(storage.create(a, record_of("second"), test_now));
    CHECK(storage.load(a, test_now)->payload == "first");
    CHECK_FALSE(storage.create(a, record_of("second"), test_now + 1min));
    CHECK_FALSE(storage.load(a, test_now + 1min));
    CHECK(storage.erase(a));
    CHECK(storage.create(a, record_of("third"), test_now + 1min));
}

TEST_CASE("Sqlite: deadlines are exact to the microsecond, S-121, S-122, S-129")
{
    Database database;
    auto& storage = database.storage;
    auto const expires = GENERATE(test_now, cr::TimePoint{1'780'000'000s},
                                  cr::TimePoint{1'780'000'000s} + 1us, cr::TimePoint{1'780'000'000s} - 1us);
    REQUIRE(storage.create(a, record_of("x", expires), expires - 1h));
    CHECK(storage.load(a, expires - microsecond));
    CHECK_FALSE(storage.load(a, expires));
    CHECK_FALSE(storage.load(a, expires + microsecond));

    cr::Stored const seen{"x", expires};
    CHECK(storage.commit(a, seen, record_of("y", expires), expires) == WriteResult::absent);
    CHECK(storage.touch(a, seen, expires + 1h, expires) == WriteResult::absent);
    CHECK(storage.rotate(a, seen, b, record_of("y", expires), expires) == WriteResult::absent);
    CHECK(storage.commit(a, seen, record_of("x", expires), expires - microsecond) == WriteResult::committed);

    CHECK(storage.clear_expired(expires, 10) == 0);
    CHECK(storage.clear_expired(expires - microsecond, 10) == 0);
    CHECK(storage.clear_expired(expires + microsecond, 10) == 1);
    CHECK_FALSE(storage.erase(a));
}

TEST_CASE("Sqlite: deadlines outside of what Python's datetime holds become the nearest inside")
{
    Database database;
    REQUIRE(database.storage.create(a, record_of("x", cr::TimePoint::max()), test_now));
    CHECK(database.storage.load(a, test_now)->expires == cr::latest_time);
    REQUIRE(database.storage.create(b, record_of("x", cr::TimePoint::min()), test_now));
    CHECK(database.query("SELECT expire_date FROM django_session ORDER BY expire_date") ==
          std::vector<std::string>{"0001-01-01 00:00:00", "9999-12-31 23:59:59.999999"});
    CHECK(database.storage.clear_expired(test_now, 10) == 1);
}

TEST_CASE("Sqlite: commit answers committed, conflict or absent")
{
    Database database;
    auto& storage = database.storage;
    REQUIRE(storage.create(a, record_of("1"), test_now));
    auto const seen = storage.load(a, test_now).value();
    CHECK(storage.commit(a, seen, record_of("2", test_now + 2h), test_now) == WriteResult::committed);
    CHECK(storage.load(a, test_now) == cr::Stored{"2", test_now + 2h});
    CHECK(storage.commit(a, seen, record_of("3"), test_now) == WriteResult::conflict);
    CHECK(storage.load(a, test_now) == cr::Stored{"2", test_now + 2h});
    CHECK(storage.commit(b, seen, record_of("3"), test_now) == WriteResult::absent);
    CHECK_FALSE(storage.erase(b));
}

TEST_CASE("Sqlite: touch answers committed, conflict or absent")
{
    Database database;
    auto& storage = database.storage;
    REQUIRE(storage.create(a, record_of("1"), test_now));
    auto const seen = storage.load(a, test_now).value();
    CHECK(storage.touch(a, seen, test_now + 2h, test_now) == WriteResult::committed);
    CHECK(storage.load(a, test_now) == cr::Stored{"1", test_now + 2h});
    CHECK(storage.touch(a, seen, test_now + 3h, test_now) == WriteResult::conflict);
    CHECK(storage.touch(b, seen, test_now + 3h, test_now) == WriteResult::absent);
    CHECK(storage.commit(a, seen, record_of("2"), test_now) == WriteResult::committed);
    CHECK(storage.touch(a, seen, test_now + 3h, test_now) == WriteResult::conflict);
    CHECK(storage.load(a, test_now) == cr::Stored{"2", test_now + 1h});
}

TEST_CASE("Sqlite: rotate answers committed, conflict, absent or taken")
{
    Database database;
    auto& storage = database.storage;
    auto const fresh = key_of("ffffffffffffffffffffffffffffffff");
    REQUIRE(storage.create(a, record_of("1"), test_now));
    REQUIRE(storage.create(b, record_of("b", test_now + 1s), test_now));
    auto const seen = storage.load(a, test_now).value();
    auto const rows =
        "SELECT session_key, session_data, expire_date FROM django_session ORDER BY session_key";
    auto const before = database.query(rows);
    CHECK(storage.rotate(a, seen, b, record_of("2"), test_now) == WriteResult::taken);
    CHECK(storage.rotate(a, seen, b, record_of("2"), test_now + 1min) == WriteResult::taken);
    CHECK(storage.rotate(a, {"?", seen.expires}, b, record_of("2"), test_now) == WriteResult::conflict);
    CHECK(storage.rotate(a, {"?", seen.expires}, fresh, record_of("2"), test_now) == WriteResult::conflict);
    CHECK(storage.rotate(fresh, seen, b, record_of("2"), test_now) == WriteResult::absent);
    CHECK(database.query(rows) == before);
    CHECK(storage.rotate(a, seen, fresh, record_of("2", test_now + 2h), test_now) == WriteResult::committed);
    CHECK_FALSE(storage.load(a, test_now));
    CHECK(storage.load(fresh, test_now) == cr::Stored{"2", test_now + 2h});
    CHECK(database.query(rows).size() == 2);
    CHECK(storage.rotate(fresh, {"2", test_now + 2h}, fresh, record_of("3"), test_now) ==
          WriteResult::committed);
}

TEST_CASE("Sqlite: clear_expired removes the oldest, as many as its budget says, through the index")
{
    Database database;
    auto& storage = database.storage;
    for (std::size_t i = 0; i < 100; ++i)
        REQUIRE(storage.create(numbered_key(i), record_of("x", test_now + 1s * (100 - i)), test_now));
    auto const later = test_now + 50s + microsecond;
    CHECK(storage.clear_expired(later, 0) == 0);
    CHECK(storage.clear_expired(later, 20) == 20);
    CHECK_FALSE(storage.erase(numbered_key(99)));
    CHECK(storage.erase(numbered_key(50)));
    CHECK(storage.clear_expired(later, SIZE_MAX) == 29);
    CHECK(storage.clear_expired(later, SIZE_MAX) == 0);
    CHECK(database.query("SELECT session_key FROM django_session").size() == 50);
}

TEST_CASE("Sqlite: for_each visits live records alone, and the visitor may use the storage")
{
    Database database;
    auto& storage = database.storage;
    for (std::size_t i = 0; i < 600; ++i)
        REQUIRE(
            storage.create(numbered_key(i), record_of(std::to_string(i), test_now + 1s * (i % 2)), test_now));
    database.execute("INSERT INTO django_session VALUES ('short', 'x', '2099-01-01 00:00:00')");
    std::map<std::string, cr::Stored> seen;
    storage.for_each(test_now, [&](cr::SessionKey const& key, cr::Stored const& stored) {
        seen.emplace(key.reveal(), stored);
        CHECK(storage.erase(key));
    });
    CHECK(seen.size() == 300);
    CHECK(seen.at(std::string{numbered_key(301).reveal()}) == cr::Stored{"301", test_now + 1s});
    storage.for_each(test_now, [&](auto const&, auto const&) { FAIL("nothing is left"); });
}

TEST_CASE("Sqlite holds 100,000 records and finds each")
{
    Database database;
    database.execute("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999) "
                     "INSERT INTO django_session SELECT printf('session%020d', i), i, "
                     "datetime(1780000000 + i, 'unixepoch') FROM n");
    for (std::size_t i = 0; i < 100'000; i += 7) {
        auto const stored = database.storage.load(numbered_key(i), cr::TimePoint{1'779'999'999s});
        REQUIRE(stored == cr::Stored{std::to_string(i), cr::TimePoint{1'780'000'000s} + i * 1s});
    }
    CHECK(database.storage.clear_expired(cr::TimePoint{1'780'000'000s} + 60'000s, 70'000) == 60'000);
    std::size_t count = 0;
    database.storage.for_each(cr::TimePoint{1'780'000'000s}, [&](auto const&, auto const&) { ++count; });
    CHECK(count == 40'000);
}

TEST_CASE("Sqlite: a row of another shape is an error and is left alone")
{
    auto const data = GENERATE("CAST('x' AS BLOB), '2099-01-01 00:00:00'", "NULL, '2099-01-01 00:00:00'",
                               "'x', 'tomorrow'", "'x', '2099-01-01'", "'x', 4070908800", "'x', NULL",
                               "'x', '2099-01-01 00:00:00+00:00'", "'x', '2099-02-30 00:00:00'");
    INFO(data);
    Database database;
    database.execute(
        "DROP TABLE django_session; CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY, "
        "session_data text, expire_date datetime)");
    database.execute("INSERT INTO django_session VALUES ('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', " +
                     std::string{data} + ")");
    auto const rows =
        "SELECT quote(session_key), quote(session_data), quote(expire_date) FROM django_session";
    auto const before = database.query(rows);
    auto const error = error_of([&] { database.storage.load(a, test_now); });
    INFO(error);
    CHECK(contains(error, "not as Django writes it"));
    CHECK(contains(error, database.file()));
    CHECK_FALSE(contains(error, "aaaaaaaa"));
    CHECK_THROWS_AS(database.storage.commit(a, {"y", test_now}, record_of("z"), test_now), cr::StorageError);
    CHECK_THROWS_AS(database.storage.touch(a, {"y", test_now}, test_now + 2h, test_now), cr::StorageError);
    CHECK_THROWS_AS(database.storage.rotate(a, {"y", test_now}, b, record_of("z"), test_now),
                    cr::StorageError);
    CHECK_THROWS_AS(database.storage.for_each(test_now, [](auto const&, auto const&) {}), cr::StorageError);
    CHECK_FALSE(database.storage.create(a, record_of("z"), test_now));
    CHECK(database.storage.clear_expired(test_now, 10) == 0);
    CHECK(database.query(rows) == before);
    CHECK(database.storage.create(b, record_of("z"), test_now));
    CHECK(database.storage.load(b, test_now));
}

TEST_CASE("Sqlite: a missing table is an error that names migrate, and is mended by it")
{
    TemporaryFolder folder;
    Sqlite storage{folder.path("db.sqlite3")};
    for (auto const& [name, operation] : all_operations(storage)) {
        auto const error = error_of(operation);
        INFO(name << ": " << error);
        CHECK(contains(error, "no such table: django_session"));
        CHECK(contains(error, "migrate()"));
        CHECK(contains(error, folder.path("db.sqlite3")));
    }
    storage.migrate();
    CHECK(storage.create(a, record_of("1"), test_now));
}

TEST_CASE("Sqlite: a folder that is missing is an error at construction")
{
    TemporaryFolder folder;
    auto const error = error_of([&] { Sqlite{folder.path("missing/db.sqlite3")}; });
    INFO(error);
    CHECK(contains(error, "unable to open database file"));
    CHECK(contains(error, "Check that the folder exists"));
    CHECK(contains(error, folder.path("missing/db.sqlite3")));
    CHECK_NOTHROW(Sqlite{folder.path("db.sqlite3")});
    CHECK_THROWS_AS(Sqlite{folder.path("")}, cr::StorageError);
}

TEST_CASE("Sqlite: a file that is no database is an error at construction and stays as it is")
{
    TemporaryFolder folder;
    auto const garbage = std::string(5'000, 'g');
    std::ofstream{folder.path("db.sqlite3")} << garbage;
    auto const error = error_of([&] { Sqlite{folder.path("db.sqlite3")}; });
    INFO(error);
    CHECK(contains(error, "not a database"));
    CHECK(contains(error, "check the path"));
    std::ifstream file{folder.path("db.sqlite3")};
    CHECK(std::string{std::istreambuf_iterator<char>{file}, {}} == garbage);
}

TEST_CASE("Sqlite: no text repeats what follows the name in a URI, where a key may be")
{
    TemporaryFolder folder;
    auto const uri = [&](std::string const& name) {
        return "file:" + folder.path(name) + "?hexkey=5ec7e75ec7e7";
    };
    auto const missing = error_of([&] { Sqlite{uri("missing/db.sqlite3")}; });
    CHECK(contains(missing, "\"file:" + folder.path("missing/db.sqlite3") + "\""));
    CHECK_FALSE(contains(missing, "5ec7e7"));
    CHECK_FALSE(
        contains(error_of([&] { Sqlite{"file:" + folder.path("missing/x") + "#5ec7e7"}; }), "5ec7e7"));

    Sqlite storage{uri("db.sqlite3")};
    CHECK(storage.where() == "file:" + folder.path("db.sqlite3"));
    auto const unmigrated = error_of([&] { storage.load(a, test_now); });
    CHECK(contains(unmigrated, "no such table"));
    CHECK_FALSE(contains(unmigrated, "5ec7e7"));
    storage.migrate();
    REQUIRE(storage.create(a, record_of("1"), test_now));
    cr::adapters::sqlite::Connection connection{uri("db.sqlite3"), 1s};
    CHECK(connection.path() == "file:" + folder.path("db.sqlite3"));
    connection.execute("UPDATE django_session SET expire_date = 'never'");
    auto const foreign = error_of([&] { storage.load(a, test_now); });
    CHECK(contains(foreign, "not as Django writes it"));
    CHECK_FALSE(contains(foreign, "5ec7e7"));
    auto const in_memory = error_of<cr::ImproperlyConfigured>(
        [] { Sqlite{"file:x?mode=memory&cache=shared&hexkey=5ec7e75ec7e7"}; });
    CHECK(contains(in_memory, "in memory"));
    CHECK_FALSE(contains(in_memory, "5ec7e7"));
}

TEST_CASE("Sqlite: a database in memory is refused")
{
    CHECK_THROWS_WITH(Sqlite{":memory:"}, catch_::ContainsSubstring("storage::Memory"));
    CHECK_THROWS_AS(Sqlite{":memory:"}, cr::ImproperlyConfigured);
    CHECK_THROWS_AS(Sqlite{""}, cr::ImproperlyConfigured);
    CHECK_THROWS_AS(Sqlite{"file:x?mode=memory&cache=shared"}, cr::ImproperlyConfigured);
}

TEST_CASE("Sqlite: what is read-only can be read, and says so when it should be written")
{
    Database database;
    REQUIRE(database.storage.create(a, record_of("1"), test_now));
    Sqlite storage{"file:" + database.file() + "?mode=ro"};
    CHECK(storage.load(a, test_now)->payload == "1");
    for (auto const& [name, operation] : all_operations(storage)) {
        if (name == "load" || name == "for_each")
            continue;
        auto const error = error_of(operation);
        INFO(name << ": " << error);
        CHECK(contains(error, "attempt to write a readonly database"));
        CHECK(contains(error, "Let this process write the file and its folder"));
    }
    CHECK(database.storage.load(a, test_now) == cr::Stored{"1", test_now + 1h});
}

TEST_CASE("Sqlite: a file or folder that this user may not write is an error that says so")
{
    Database database{{.journal = SqliteJournal::unchanged}};
    REQUIRE(database.storage.create(a, record_of("1"), test_now));
    auto const [file_mode, folder_mode] = GENERATE(std::pair{0444, 0755}, std::pair{0666, 0555});
    REQUIRE(chmod(database.file().c_str(), static_cast<mode_t>(file_mode)) == 0);
    REQUIRE(chmod(database.folder.path("").c_str(), static_cast<mode_t>(folder_mode)) == 0);
    auto const status = in_child([&] {
        if (geteuid() == 0 && (setgid(65'534) != 0 || setuid(65'534) != 0))
            throw std::runtime_error{"cannot become another user"};
        Sqlite storage{database.file(), {.journal = SqliteJournal::unchanged}};
        for (auto const& error :
             {error_of([&] { storage.erase(a); }), error_of([&] { Sqlite{database.file()}; })})
            if (!contains(error, "the file and its folder") && !contains(error, "read and write there"))
                throw std::runtime_error{"not the right words: " + error};
        if (!storage.load(a, test_now))
            throw std::runtime_error{"cannot read"};
    });
    REQUIRE(chmod(database.folder.path("").c_str(), 0755) == 0);
    CHECK(status == 0);
    CHECK(database.storage.load(a, test_now));
}

TEST_CASE("Sqlite: a disk that refuses to write is an error that says so")
{
    Database database;
    REQUIRE(database.storage.create(a, record_of("1"), test_now));
    auto const file = database.file();
    auto const status = in_child([&] {
        signal(SIGXFSZ, SIG_IGN);
        rlimit const limit{100'000, 100'000};
        if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
            throw std::runtime_error{"cannot set a limit"};
        Sqlite storage{file};
        auto const error =
            error_of([&] { storage.create(b, record_of(std::string(200'000, 'x')), test_now); });
        if (!contains(error, "check the disk") || !storage.load(a, test_now) || storage.load(b, test_now))
            throw std::runtime_error{"not the right words: " + error};
    });
    CHECK(status == 0);
    CHECK(database.storage.load(a, test_now)->payload == "1");
}

TEST_CASE("Sqlite: a full disk is an error that says so, and passes when there is room again")
{
    TemporaryFolder folder;
    auto const disk = folder.path("disk");
    REQUIRE(mkdir(disk.c_str(), 0755) == 0);
    if (mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=512k") != 0) {
        WARN("this process may not mount a small disk");
        return;
    }
    {
        Sqlite storage{disk + "/db.sqlite3", {.journal = SqliteJournal::unchanged}};
        storage.migrate();
        REQUIRE(storage.create(a, record_of("1"), test_now));
        {
            std::ofstream filler{disk + "/filler"};
            for (int i = 0; i < 600 && filler; ++i)
                filler << std::string(1'024, 'f') << std::flush;
        }
        auto const error =
            error_of([&] { storage.create(b, record_of(std::string(100'000, 'x')), test_now); });
        INFO(error);
        CHECK(contains(error, "database or disk is full"));
        CHECK(contains(error, "Make room on the disk"));
        CHECK(storage.load(a, test_now));
        CHECK_FALSE(storage.load(b, test_now));
        REQUIRE(unlink((disk + "/filler").c_str()) == 0);
        CHECK(storage.create(b, record_of(std::string(100'000, 'x')), test_now));
    }
    CHECK(umount(disk.c_str()) == 0);
}

TEST_CASE("Sqlite: a database that stays locked is an error after busy_timeout, and passes with the lock")
{
    Database database{{.busy_timeout = 50ms}};
    auto& storage = database.storage;
    REQUIRE(storage.create(a, record_of("1"), test_now));
    cr::adapters::sqlite::Connection other{database.file(), 5s};
    other.execute("BEGIN IMMEDIATE");
    for (auto const& [name, operation] : all_operations(storage)) {
        if (name == "load" || name == "for_each")
            continue;
        auto const start = std::chrono::steady_clock::now();
        auto const error = error_of(operation);
        INFO(name << ": " << error);
        CHECK(std::chrono::steady_clock::now() - start >= 40ms);
        CHECK(contains(error, "database is locked"));
        CHECK(contains(error, "busy_timeout"));
    }
    CHECK(storage.load(a, test_now)->payload == "1"); // readers do not wait for writers
    other.execute("COMMIT");
    CHECK(storage.commit(a, {"1", test_now + 1h}, record_of("2"), test_now) == WriteResult::committed);
}

TEST_CASE("Sqlite: a lock that ends within busy_timeout is waited for")
{
    Database database{{.busy_timeout = 30s}};
    cr::adapters::sqlite::Connection other{database.file(), 5s};
    other.execute("BEGIN IMMEDIATE");
    std::thread releaser{[&] {
        std::this_thread::sleep_for(100ms);
        other.execute("COMMIT");
    }};
    auto const start = std::chrono::steady_clock::now();
    CHECK(database.storage.create(a, record_of("1"), test_now));
    CHECK(std::chrono::steady_clock::now() - start >= 90ms);
    releaser.join();
}

TEST_CASE("Sqlite: the journal is a write-ahead log unless the file's mode is to stay")
{
    TemporaryFolder folder;
    auto const file = folder.path("db.sqlite3");
    auto const mode = [&] {
        cr::adapters::sqlite::Connection connection{file, 5s};
        cr::adapters::sqlite::Statement statement{connection, "PRAGMA journal_mode"};
        auto run = statement.run();
        run.step();
        return std::string{run.text(0).value()};
    };
    Sqlite{file, {.journal = SqliteJournal::unchanged}}.migrate();
    CHECK(mode() == "delete");
    auto const journal = GENERATE(SqliteJournal::wal, SqliteJournal::wal_full);
    Sqlite{file, {.journal = journal}};
    CHECK(mode() == "wal");
    Sqlite{file, {.journal = SqliteJournal::unchanged}};
    CHECK(mode() == "wal");
}

TEST_CASE("Sqlite: many that open a new file at once all succeed")
{
    for (int round = 0; round < 10; ++round) {
        TemporaryFolder folder;
        auto const failed = run_threads(8, [&](int thread) {
            Sqlite storage{folder.path("db.sqlite3"), {.busy_timeout = 30s}};
            storage.migrate();
            if (!storage.create(numbered_key(static_cast<std::size_t>(thread)), record_of("1"), test_now))
                throw std::runtime_error{"not created"};
        });
        REQUIRE(failed == 0);
    }
}

TEST_CASE("Sqlite: a relative path leads to the same file after the program has changed its folder")
{
    TemporaryFolder first;
    TemporaryFolder second;
    REQUIRE(chdir(first.path("").c_str()) == 0);
    Sqlite storage{"db.sqlite3"};
    storage.migrate();
    REQUIRE(chdir(second.path("").c_str()) == 0);
    CHECK(storage.create(a, record_of("1"), test_now));
    CHECK(Sqlite{first.path("db.sqlite3")}.load(a, test_now));
    CHECK(access(second.path("db.sqlite3").c_str(), F_OK) != 0);
    REQUIRE(chdir("/") == 0);
}

TEST_CASE("Sqlite can be moved")
{
    Database database;
    REQUIRE(database.storage.create(a, record_of("1"), test_now));
    Sqlite moved{std::move(database.storage)};
    CHECK(moved.load(a, test_now));
    database.storage = std::move(moved);
    CHECK(database.storage.load(a, test_now));
}

TEST_CASE("Sqlite: 8 threads that count in shared records lose nothing")
{
    auto const journal = GENERATE(SqliteJournal::wal, SqliteJournal::unchanged);
    Database database{{.busy_timeout = 60s, .journal = journal}};
    database.execute("PRAGMA synchronous=OFF");
    constexpr std::size_t records = 5;
    int const steps = journal == SqliteJournal::wal ? 200 : 30;
    for (std::size_t i = 0; i < records; ++i)
        REQUIRE(database.storage.create(numbered_key(i), record_of("0"), test_now));
    auto const failed = run_threads(8, [&](int thread) {
        for (int step = 0; step < steps; ++step) {
            auto const number = static_cast<std::size_t>(step * 3 + thread) % records;
            if (!count_up(database.storage, numbered_key(number), test_now))
                throw std::runtime_error{"a record has gone"};
        }
    });
    CHECK(failed == 0);
    long sum = 0;
    for (std::size_t i = 0; i < records; ++i)
        sum += std::stol(database.storage.load(numbered_key(i), test_now).value().payload);
    CHECK(sum == 8L * steps);
}

TEST_CASE("Sqlite: two processes that count in one record lose nothing")
{
    Database database{{.busy_timeout = 60s}};
    REQUIRE(database.storage.create(a, record_of("0"), test_now)); // the children inherit an open connection
    std::vector<pid_t> children;
    for (int i = 0; i < 2; ++i) {
        auto const child = fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            int status = 0;
            try {
                for (int step = 0; step < 300; ++step)
                    if (!count_up(database.storage, a, test_now))
                        status = 2;
            } catch (...) {
                status = 1;
            }
            _exit(status);
        }
        children.push_back(child);
    }
    for (int step = 0; step < 300; ++step)
        REQUIRE(count_up(database.storage, a, test_now));
    for (auto const child : children) {
        int status = 0;
        REQUIRE(waitpid(child, &status, 0) == child);
        CHECK(status == 0);
    }
    CHECK(database.storage.load(a, test_now)->payload == "900");
    CHECK(database.query("PRAGMA integrity_check") == std::vector<std::string>{"ok"});
}

TEST_CASE("Sqlite: a child that destroys what it inherited takes nothing from its parent")
{
    TemporaryFolder folder;
    auto storage = std::make_unique<Sqlite>(folder.path("db.sqlite3"));
    storage->migrate();
    REQUIRE(storage->create(a, record_of("0"), test_now));
    auto const status = in_child([&] { storage.reset(); });
    CHECK(status == 0);
    CHECK(count_up(*storage, a, test_now));
    auto const used_status = in_child([&] {
        if (!count_up(*storage, a, test_now))
            throw std::runtime_error{"the record has gone"};
        storage.reset();
    });
    CHECK(used_status == 0);
    CHECK(count_up(*storage, a, test_now));
    CHECK(storage->load(a, test_now)->payload == "3");
}

TEST_CASE("Sqlite: a child that goes on after its parent has closed the file loses nothing")
{
    TemporaryFolder folder;
    auto const file = folder.path("db.sqlite3");
    auto storage = std::make_unique<Sqlite>(file);
    storage->migrate();
    REQUIRE(storage->create(a, record_of("0"), test_now));
    int to_child[2];
    int to_parent[2];
    REQUIRE(pipe(to_child) == 0);
    REQUIRE(pipe(to_parent) == 0);
    char token = 'x';
    auto const child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        auto good = count_up(*storage, a, test_now) && write(to_parent[1], &token, 1) == 1 &&
                    read(to_child[0], &token, 1) == 1;
        for (int i = 0; i < 50; ++i)
            good = good && count_up(*storage, a, test_now);
        _exit(good ? 0 : 1);
    }
    REQUIRE(read(to_parent[0], &token, 1) == 1);
    storage.reset();
    REQUIRE(write(to_child[1], &token, 1) == 1);
    Sqlite other{file};
    for (int i = 0; i < 50; ++i)
        REQUIRE(count_up(other, a, test_now));
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    CHECK(other.load(a, test_now)->payload == "101");
    for (auto const* ends : {to_child, to_parent}) {
        close(ends[0]);
        close(ends[1]);
    }
}
