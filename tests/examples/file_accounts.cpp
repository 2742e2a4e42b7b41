// SPDX-License-Identifier: MIT
// The user store and the revocation of examples/custom_policies, which are text files.
#include "examples/custom_policies/epoch_file.hpp"
#include "examples/custom_policies/password_file.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

#include <cloakroom.hpp>
#include <cloakroom/testing/auth_laws.hpp>
#include <cloakroom/testing/explain.hpp>
#include <cloakroom/testing/md5_passwords.hpp>
#include <cloakroom/testing/revocation_laws.hpp>
#include <cloakroom/testing/user_store_laws.hpp>

#include <chrono>
#include <fstream>
#include <string>
#include <string_view>

namespace cr = cloakroom;
namespace auth = cr::auth;
using custom_policies::EpochFile;
using custom_policies::PasswordFile;
using namespace std::chrono_literals;

namespace {

void write(std::string const& path, std::string_view text)
{
    std::ofstream{path} << text;
}

} // namespace

TEST_CASE("PasswordFile keeps the laws of a user store")
{
    TemporaryFolder const folder;
    CHECK(cr::testing::explain<PasswordFile>() == "");
    cr::testing::user_store_laws([&](auto const& users) {
        PasswordFile store{folder.path("users")};
        for (auto const& user : users)
            REQUIRE(store.create(user.username, user.password, user.is_active));
        return store;
    });
}

TEST_CASE("EpochFile keeps the laws of a revocation, and nobody who was ended is alive")
{
    TemporaryFolder const folder;
    CHECK(cr::testing::explain<EpochFile>() == "");
    cr::testing::revocation_laws([&] { return EpochFile{folder.path("epochs")}; });
    cr::testing::auth_laws([] { return cr::storage::SignedCookie{}; },
                           [&] { return EpochFile{folder.path("others")}; }, {.limit = 4});
}

TEST_CASE("PasswordFile reads what was written by hand, and refuses what is none of it")
{
    using namespace std::string_literals;
    TemporaryFolder const folder;
    auto const path = folder.path("users");
    PasswordFile users{path};
    CHECK_FALSE(users.find("ann")); // there is no file yet
    write(path, "ann\ton\tmd5$a$b\nbob\toff\tmd5$c\td\n");
    REQUIRE(users.find("ann"));
    CHECK(users.find("ann")->password == "md5$a$b");
    REQUIRE(users.find("bob"));
    CHECK_FALSE(users.find("bob")->is_active);
    CHECK_FALSE(users.find("bob\toff"));
    CHECK_FALSE(users.create("ann", "md5$x$y"));
    CHECK(users.set_active("bob", true));
    CHECK(PasswordFile{path}.find("bob")->is_active);
    CHECK(PasswordFile{path}.find("bob")->password == "md5$c\td");
    for (auto const& name : {""s, "a\tb"s, "a\nb\ton\tx"s})
        CHECK_THROWS_AS(users.create(name, "md5$x$y"), cr::ValueError);
    CHECK_THROWS_AS(users.set_password("ann", "md5$a$b", "x\neve\ton\ty"), cr::ValueError);
    CHECK(users.find("ann")->password == "md5$a$b");

    for (auto const* const broken :
         {"ann", "ann\ton", "ann\tmd5$a$b\n", "\ton\tmd5$a$b\n", "ann\n\tmd5$a$b\n"}) {
        write(path, broken);
        CHECK_THROWS_AS(users.find("ann"), cr::StorageError);
    }
    CHECK_THROWS_AS(PasswordFile{folder.path("none/users")}.create("ann", "x"), cr::StorageError);
}

TEST_CASE("EpochFile keeps epochs for the next process, and the user \"*\" is not all users")
{
    TemporaryFolder const folder;
    auto const path = folder.path("epochs");
    cr::TimePoint const now{1'780'000'000s};
    auto const epoch = EpochFile{path}.bump("*", now);
    CHECK(EpochFile{path}.epoch("*") == epoch);
    CHECK(EpochFile{path}.epoch("ann") == 0);
    EpochFile{path}.bump_all(now);
    CHECK(EpochFile{path}.epoch("ann") == epoch + 1);
    CHECK_THROWS_AS(EpochFile{path}.bump("a\nb", now), cr::ValueError);
    write(path, "=ann\tsoon\n");
    CHECK_THROWS_AS(EpochFile{path}.epoch("ann"), cr::StorageError);
}

TEST_CASE("a site without a database logs people in and everywhere out")
{
    TemporaryFolder const folder;
    using Session = cr::Session<cr::storage::SignedCookie, cr::serializer::Json, cr::signer::Hmac>;
    Session::Backend sessions{{}, {}, cr::signer::Hmac{"key"}};
    PasswordFile users{folder.path("users")};
    EpochFile epochs{folder.path("epochs")};
    auth::Backend accounts{sessions, users, epochs, "key", {}, auth::Passwords<cr::testing::Md5Passwords>{}};
    REQUIRE(users.create("ann", accounts.passwords().make_password("pw")));

    auto const log_in = [&] {
        auto const user = accounts.authenticate("ann", "pw");
        REQUIRE(user);
        Session session{sessions};
        REQUIRE(accounts.login(session, *user));
        session.save();
        return *session.session_key();
    };
    auto const is_known = [&](cr::SessionKey const& cookie) {
        Session session{sessions, cookie};
        return accounts.get_user(session).has_value();
    };
    auto const laptop = log_in();
    auto const phone = log_in();
    CHECK(is_known(laptop));
    CHECK(is_known(phone));
    CHECK_FALSE(accounts.authenticate("ann", "wrong"));

    accounts.end_all(*users.find("ann"));
    CHECK_FALSE(is_known(laptop));
    CHECK_FALSE(is_known(phone));
    CHECK(is_known(log_in()));
    users.set_active("ann", false);
    CHECK_FALSE(accounts.authenticate("ann", "pw"));
}
