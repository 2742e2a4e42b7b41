// SPDX-License-Identifier: MIT
//
// auth::Backend asked by whom no response follows, such as a WebSocket.
#include <cloakroom/auth/backend.hpp>

#include <cloakroom/auth/revocation.hpp>
#include <cloakroom/auth/session_items.hpp>
#include <cloakroom/session/read_only_session.hpp>

#include "auth/site.hpp"
#include "support/catch.hpp"

#include <optional>

using namespace auth_tests;

namespace {

template <class Site>
using Socket = cr::ReadOnlySession<typename Site::Session>;

/// Who is logged in, as a WebSocket sees it that was opened with that cookie.
template <class Site>
std::optional<auth::User> seen(Site& site, cr::SessionKey const& key)
{
    Socket<Site> socket{site.sessions, key};
    auto const user = site.accounts.get_user(socket);
    CHECK(socket.session_key() == key);
    CHECK(socket.contains(auth::item::user_id)); // whoever it is, the session stays as it is
    return user;
}

} // namespace

TEMPLATE_LIST_TEST_CASE("a WebSocket may ask who is logged in, and nothing is noted for it (S-654)", "",
                        Sites)
{
    TestType site;
    Socket<TestType> anonymous{site.sessions, std::nullopt};
    CHECK_FALSE(site.accounts.get_user(anonymous));

    auto const key = site.log_in(site.ann);
    site.clock.advance(1h);
    auto const before = site.revocation.list(site.ann.id, site.clock());
    CHECK(seen(site, key) == site.now(site.ann));
    CHECK(site.revocation.list(site.ann.id, site.clock()) == before);
    CHECK(site.who(key) == site.now(site.ann));
    CHECK(site.revocation.list(site.ann.id, site.clock()) != before);
}

TEMPLATE_LIST_TEST_CASE(
    "a WebSocket of who is inactive, gone, ended or has another password is nobody's (S-655, S-660)", "",
    Sites)
{
    for (bool const lists : {true, false}) {
        TestType site{{.list_devices = lists}};
        auto const key = site.log_in(site.ann);
        REQUIRE(seen(site, key));
        site.users.set_active(site.ann.id, false);
        CHECK_FALSE(seen(site, key));
        site.users.set_active(site.ann.id, true);
        REQUIRE(seen(site, key));
        site.accounts.end_all(site.ann);
        CHECK_FALSE(seen(site, key));

        auto const second = site.log_in(site.ann);
        REQUIRE(seen(site, second));
        REQUIRE(site.users.set_password(site.ann.id, site.ann.password, site.md5.encode("new")));
        CHECK_FALSE(seen(site, second));

        auto const third = site.log_in(site.bob);
        REQUIRE(seen(site, third));
        if (lists) {
            CHECK(site.accounts.end(site.bob, site.handle_of(third)));
            CHECK_FALSE(seen(site, third));
        }
        auto const fourth = site.log_in(site.bob);
        REQUIRE(seen(site, fourth));
        site.users.erase(site.bob.id);
        CHECK_FALSE(seen(site, fourth));

        auto const cat = site.make("cat");
        typename TestType::Session session{site.sessions, site.log_in(cat)};
        session[auth::item::backend] = "somebody.elses.Backend";
        session.save();
        CHECK_FALSE(seen(site, *session.session_key()));
        session[auth::item::backend] = site.accounts.settings().backend;
        session.save();
        CHECK(seen(site, *session.session_key()));
    }
}

TEMPLATE_LIST_TEST_CASE("a WebSocket under a fallback key is somebody's, and the session stays under it", "",
                        Sites)
{
    TestType site;
    auto const key = site.log_in(site.ann);
    typename TestType::Accounts rotated{
        site.sessions,      site.users, site.revocation, "new key", {.fallback_keys = {cr::Secret{"key"}}},
        Passwords{site.md5}};
    typename TestType::Accounts forgotten{site.sessions, site.users, site.revocation,
                                          "new key",     {},         Passwords{site.md5}};
    Socket<TestType> socket{site.sessions, key};
    auto const hash = socket.at(auth::item::hash);
    CHECK(rotated.get_user(socket) == site.now(site.ann));
    CHECK_FALSE(forgotten.get_user(socket));
    CHECK(socket.refresh());
    CHECK(socket.session_key() == key);
    CHECK(socket.at(auth::item::hash) == hash);
    CHECK(site.who(key)); // still under the first one
}

TEST_CASE("a WebSocket that stays open hears of the log-out: with a list at once, without by refresh()")
{
    for (bool const lists : {true, false}) {
        Site<OnServer> site{{.list_devices = lists}};
        auto const key = site.log_in(site.ann);
        Socket<Site<OnServer>> socket{site.sessions, key};
        REQUIRE(site.accounts.get_user(socket));
        OnServer session{site.sessions, key};
        site.accounts.logout(session);
        CHECK(site.accounts.get_user(socket).has_value() != lists);
        CHECK_FALSE(socket.refresh());
        CHECK_FALSE(site.accounts.get_user(socket));
    }
}
