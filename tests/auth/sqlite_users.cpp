// SPDX-License-Identifier: MIT
#include <cloakroom/auth/sqlite_users.hpp>

#include <cloakroom/adapters/sqlite.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/testing/user_store_laws.hpp>

#include "support/catch.hpp"
#include "support/error_text.hpp"
#include "support/temporary_folder.hpp"

#include <chrono>
#include <string>

namespace cr = cloakroom;
namespace auth = cr::auth;
using namespace std::chrono_literals;

namespace {

struct Site {
    Site() { users.migrate(); }

    void execute(std::string const& sql)
    {
        cr::adapters::sqlite::Connection{folder.path("db.sqlite3"), 5s}.execute(sql.c_str());
    }

    TemporaryFolder folder;
    auth::SqliteUsers users{folder.path("db.sqlite3"), {.busy_timeout = 20s}};
};

} // namespace

TEST_CASE("users in Django's table keep the laws of a user store")
{
    Site site;
    cr::testing::user_store_laws([&](auto const& users) -> auth::SqliteUsers& {
        for (auto const& user : users)
            site.users.create(user);
        return site.users;
    });
}

TEST_CASE("a user of Django's table comes back with all columns")
{
    Site site;
    auth::User const given{.id = "ignored",
                           .username = "zo\xc3\xab",
                           .password = "md5$a$b",
                           .is_active = false,
                           .email = "zoe@site.example",
                           .first_name = "Zo\xc3\xab",
                           .last_name = "O'Hara",
                           .is_staff = true,
                           .is_superuser = true,
                           .date_joined = cr::TimePoint{1'780'000'000'123'456us}};
    auto const made = site.users.create(given);
    REQUIRE(made);
    auto expected = given;
    expected.id = "1";
    CHECK(*made == expected);
    CHECK(site.users.find("1") == expected);
    CHECK_FALSE(site.users.create(given)); // the name is taken
    site.users.set_last_login("1", cr::TimePoint{1'780'000'001s});
    expected.last_login = cr::TimePoint{1'780'000'001s};
    CHECK(site.users.find_by_name(given.username) == expected);
    CHECK(site.users.set_active("1", true));
    CHECK(site.users.find("1")->is_active);
    CHECK_FALSE(site.users.set_active("2", true));
}

TEST_CASE("a row that Django wrote is read, and an id that is no number is nobody's (S-654)")
{
    Site site;
    site.execute("INSERT INTO auth_user VALUES (7, 'md5$saltsalt$0f0f', NULL, 0, 'ann', '', '', 0, 1, "
                 "'2026-05-28 20:26:40.123456', '')");
    auto const ann = site.users.find("7");
    REQUIRE(ann);
    CHECK(ann->username == "ann");
    CHECK(ann->password == "md5$saltsalt$0f0f");
    CHECK_FALSE(ann->last_login);
    CHECK(ann->date_joined == cr::TimePoint{1'780'000'000'123'456us});
    CHECK(site.users.find_by_name("ann") == ann);
    for (auto const* const id : {"abc", "", "07", " 7", "7 ", "+7", "7.0", "8"})
        CHECK_FALSE(site.users.find(id));
}

TEST_CASE("texts that Django could not read are not stored")
{
    using namespace std::string_literals;
    Site site;
    CHECK_THROWS_AS(site.users.create({.username = "a\0b"s}), cr::ValueError);
    CHECK_THROWS_AS(site.users.create({.username = "\xff"s}), cr::ValueError);
    CHECK_THROWS_AS(site.users.create({.username = "ann", .email = "\xff"s}), cr::ValueError);
    CHECK(site.users.create({.username = "ann", .email = "\xc3\xab"s}));
}

TEST_CASE("a user table that is missing or of another shape is broken (R40)")
{
    TemporaryFolder const folder;
    auth::SqliteUsers users{folder.path("db.sqlite3")};
    CHECK_THROWS_AS(users.find("1"), cr::StorageError);
    CHECK_THROWS_AS(users.find_by_name("ann"), cr::StorageError);
    users.migrate();
    CHECK_FALSE(users.find("1"));

    Site site;
    site.execute("INSERT INTO auth_user VALUES (7, 'x', NULL, 0, 'ann', '', '', 0, 1, 'some day', '')");
    CHECK_THROWS_AS(site.users.find("7"), cr::StorageError);
    site.execute("INSERT INTO auth_user VALUES (8, 'x', 'some day', 0, 'bob', '', '', 0, 1, "
                 "'2026-05-28 20:26:40.123456', '')");
    CHECK_THROWS_AS(site.users.find("8"), cr::StorageError);
    site.execute("DROP TABLE auth_user; CREATE TABLE auth_user (id integer)");
    CHECK_THROWS_AS(auth::SqliteUsers{site.folder.path("db.sqlite3")}.migrate(), cr::StorageError);
}

TEST_CASE("no error of a user table repeats what follows the name in a URI, where a key may be")
{
    Site site;
    auth::SqliteUsers users{"file:" + site.folder.path("db.sqlite3") + "?hexkey=5ec7e75ec7e7"};
    site.execute("INSERT INTO auth_user VALUES (7, 'x', NULL, 0, 'ann', '', '', 0, 1, 'some day', '')");
    auto const foreign = error_of([&] { users.find("7"); });
    CHECK(contains(foreign, "\"file:" + site.folder.path("db.sqlite3") + "\""));
    CHECK_FALSE(contains(foreign, "5ec7e7"));
    site.execute("DROP TABLE auth_user");
    auto const missing = error_of([&] { users.find("7"); });
    CHECK(contains(missing, "no such table"));
    CHECK_FALSE(contains(missing, "5ec7e7"));
}
