// SPDX-License-Identifier: MIT
// What log-ins leave behind where something fails or is over already.
#include <cloakroom/auth/backend.hpp>

#include <cloakroom/auth/memory_revocation.hpp>
#include <cloakroom/auth/memory_users.hpp>
#include <cloakroom/auth/session_auth_hash.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/testing/md5_passwords.hpp>

#include "auth/site.hpp"
#include "support/catch.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

using namespace auth_tests;

namespace {

/// Users whose table can be read and not written.
struct ReadOnlyUsers : auth::MemoryUsers {
    void set_last_login(std::string_view id, cr::TimePoint now)
    {
        if (is_read_only)
            throw cr::StorageError{"the table cannot be written"};
        auth::MemoryUsers::set_last_login(id, now);
    }
    bool is_read_only = false;
};

/// A hasher that takes short passwords alone, as Bcrypt does.
struct ShortPasswords : cr::testing::Md5Passwords {
    static constexpr std::string_view algorithm = "short";
    static std::string encode(std::string_view password)
    {
        if (password.size() > 2)
            throw cr::ValueError{"too long"};
        return "short$" + std::string{password};
    }
    static bool verify(std::string_view password, std::string_view encoded)
    {
        return encoded == "short$" + std::string{password};
    }
};

} // namespace

TEST_CASE("R40: a log-in that cannot be noted logs nobody in and leaves no device")
{
    OnServer::Backend sessions{{}, {}, cr::signer::Hmac{"key"}};
    ReadOnlyUsers users;
    auth::MemoryRevocation revocation;
    auth::Backend accounts{
        sessions, users, revocation, "key", {.max_sessions = 1, .at_limit = auth::AtLimit::deny}};
    auto const ann = *users.create({.username = "ann", .password = auth::make_unusable_password()});

    users.is_read_only = true;
    OnServer session{sessions};
    session["cart"] = "a hat";
    CHECK_THROWS_AS(accounts.login(session, ann), cr::StorageError);
    session.save();
    CHECK_FALSE(accounts.get_user(session));
    CHECK(session.at("cart") == "a hat");
    CHECK(revocation.list(ann.id, sessions.now()).empty());

    users.is_read_only = false;
    CHECK(accounts.login(session, ann));
    CHECK(accounts.get_user(session));
    CHECK(revocation.list(ann.id, sessions.now()).size() == 1);
}

TEST_CASE("R12: with epochs alone a cookie that a new password has ended cannot log the user out elsewhere")
{
    Site<InBrowser> site{{.list_devices = false}};
    auto const old = site.log_in(site.ann);
    auto user = site.now(site.ann);
    REQUIRE(site.accounts.set_password(user, "new"));
    auto const fresh = site.log_in(site.now(site.ann));
    CHECK_FALSE(site.who(old));
    CHECK(site.who(fresh));

    InBrowser out{site.sessions, old};
    site.accounts.logout(out);
    CHECK(site.who(fresh));
    InBrowser again{site.sessions, old};
    CHECK(site.accounts.login(again, site.now(site.ann)));
    CHECK(site.who(fresh));

    InBrowser good{site.sessions, fresh};
    site.accounts.logout(good);
    CHECK_FALSE(site.who(fresh));
}

TEMPLATE_LIST_TEST_CASE("after a change of password here Django's log-ins are good as before", "", Sites)
{
    TestType site;
    auth::SessionAuthHash const hash{"key"};
    auto const logged_in_by_django = [&] {
        typename TestType::Session session{site.sessions};
        session[auth::item::user_id] = site.ann.id;
        session[auth::item::backend] = auth::AuthSettings{}.backend;
        session[auth::item::hash] = hash(site.now(site.ann).password);
        session.save();
        return *session.session_key();
    };
    auto const before = logged_in_by_django();
    CHECK(site.who(before));

    typename TestType::Session session{site.sessions, site.log_in(site.ann)};
    auto user = *site.accounts.get_user(session);
    REQUIRE(site.accounts.set_password(user, "new"));
    site.accounts.update_session_auth_hash(session, user);
    session.save();
    CHECK_FALSE(site.who(before));
    site.clock.advance(24h);
    CHECK(site.who(logged_in_by_django()));

    site.accounts.end_all(user);
    CHECK_FALSE(site.who(logged_in_by_django()));
}

TEST_CASE("a password that the preferred hasher does not take still logs in by its older field (S-710)")
{
    using Hashers = auth::Passwords<ShortPasswords, cr::testing::Md5Passwords>;
    OnServer::Backend sessions{{}, {}, cr::signer::Hmac{"key"}};
    auth::MemoryUsers users;
    auth::Backend accounts{sessions, users, auth::no_revocation, "key", {}, Hashers{}};
    cr::testing::Md5Passwords const md5;
    REQUIRE(users.create({.username = "ann", .password = md5.encode("long password")}));
    REQUIRE(users.create({.username = "bob", .password = md5.encode("pw")}));

    auto const ann = accounts.authenticate("ann", "long password");
    REQUIRE(ann);
    CHECK(ann->password == users.find_by_name("ann")->password);
    CHECK_FALSE(accounts.authenticate("ann", "wrong password"));
    CHECK(accounts.authenticate("bob", "pw"));
    CHECK(users.find_by_name("bob")->password == "short$pw");
}
