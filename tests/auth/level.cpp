// SPDX-License-Identifier: MIT
#include <cloakroom/auth/level.hpp>

#include <cloakroom/auth/session_items.hpp>
#include <cloakroom/session/read_only_session.hpp>

#include "auth/site.hpp"
#include "support/catch.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

using namespace auth_tests;
using auth::Aal;

namespace {

template <class Site>
std::optional<Aal> level_of(Site& site, cr::SessionKey const& key)
{
    typename Site::Session session{site.sessions, key};
    return auth::level(session);
}

} // namespace

TEMPLATE_LIST_TEST_CASE(
    "R17: a log-in has the level that it was given, and whoever is not logged in has none", "", Sites)
{
    TestType site;
    typename TestType::Session anonymous{site.sessions};
    anonymous["cart"] = 1;
    CHECK_FALSE(auth::level(anonymous));
    CHECK_FALSE(auth::require_level(anonymous, Aal::aal1));

    auto const passes = [&](auth::LoginOptions const& options) {
        typename TestType::Session session{site.sessions, site.log_in(site.ann, options)};
        REQUIRE(site.accounts.get_user(session));
        return std::vector<bool>{auth::require_level(session, Aal::aal1),
                                 auth::require_level(session, Aal::aal2),
                                 auth::require_level(session, Aal::aal3)};
    };
    CHECK(passes({}) == std::vector<bool>{true, false, false});
    CHECK(passes({.level = Aal::aal1}) == std::vector<bool>{true, false, false});
    CHECK(passes({.level = Aal::aal2}) == std::vector<bool>{true, true, false});
    CHECK(passes({.level = Aal::aal3}) == std::vector<bool>{true, true, true});

    auto const key = site.log_in(site.ann, {.level = Aal::aal2});
    CHECK(level_of(site, key) == Aal::aal2);
    cr::ReadOnlySession<typename TestType::Session> socket{site.sessions, key};
    CHECK(auth::require_level(socket, Aal::aal2));
    CHECK_FALSE(auth::require_level(socket, Aal::aal3));
}

TEMPLATE_LIST_TEST_CASE("R17: no log-in inherits a level, neither the user's own nor another's", "", Sites)
{
    TestType site;
    auto const key = site.log_in(site.ann, {.level = Aal::aal3});
    for (auto const& [user, options, expected] :
         {std::tuple{site.ann, auth::LoginOptions{}, Aal::aal1},
          std::tuple{site.ann, auth::LoginOptions{.level = Aal::aal2}, Aal::aal2},
          std::tuple{site.ann, auth::LoginOptions{.level = Aal::aal3}, Aal::aal3},
          std::tuple{site.bob, auth::LoginOptions{}, Aal::aal1}}) {
        typename TestType::Session session{site.sessions, key};
        site.accounts.login(session, user, options);
        CHECK(auth::level(session) == expected);
    }
    CHECK(level_of(site, site.log_in(site.ann)) == Aal::aal1); // on another device

    typename TestType::Session planted{site.sessions}; // by other code of the site, before the log-in
    planted[auth::item::level] = 3;
    CHECK_FALSE(auth::level(planted));
    site.accounts.login(planted, site.ann);
    CHECK(auth::level(planted) == Aal::aal1);

    typename TestType::Session left{site.sessions, site.log_in(site.ann, {.level = Aal::aal2})};
    CHECK(auth::level(left) == Aal::aal2);
    site.accounts.logout(left);
    CHECK_FALSE(auth::level(left));
}

TEST_CASE("R17: level and time are of one and the same log-in")
{
    Site<OnServer> site;
    OnServer session{site.sessions};
    site.accounts.login(session, site.ann, {.level = Aal::aal2});
    site.clock.advance(1h);
    CHECK(auth::require_level(session, Aal::aal2));
    CHECK_FALSE(auth::require_fresh(session, 5min));
    site.accounts.login(session, site.ann); // with the password alone
    CHECK(auth::require_fresh(session, 5min));
    CHECK_FALSE(auth::require_level(session, Aal::aal2));
}

TEMPLATE_LIST_TEST_CASE("R17: a session keeps its level as long as its log-in", "", Sites)
{
    TestType site;
    auto const other = site.log_in(site.ann);
    typename TestType::Session session{site.sessions, site.log_in(site.ann, {.level = Aal::aal2})};
    REQUIRE(site.accounts.end_others(session));
    CHECK(auth::level(session) == Aal::aal2);
    auto user = *site.accounts.get_user(session);
    REQUIRE(site.accounts.set_password(user, "new"));
    site.accounts.update_session_auth_hash(session, user);
    session.save();
    CHECK(level_of(site, *session.session_key()) == Aal::aal2);
    CHECK(site.who(*session.session_key()));
    CHECK_FALSE(site.who(other));
}

TEMPLATE_LIST_TEST_CASE("R17: a log-in by Django, or with an item that is no level, has the lowest", "",
                        Sites)
{
    TestType site;
    typename TestType::Session session{site.sessions, site.log_in(site.ann, {.level = Aal::aal2})};
    CHECK(auth::level(session) == Aal::aal2);
    for (auto const& nonsense : {cr::Value{}, cr::Value{true}, cr::Value{"2"}, cr::Value{2.0}, cr::Value{0},
                                 cr::Value{4}, cr::Value{-1}, cr::Value{258}, cr::Value{INT64_MAX},
                                 cr::Value{INT64_MIN}, cr::Value{cr::Array{2}}, cr::Value{cr::Dict{}}}) {
        session[auth::item::level] = nonsense;
        CHECK(auth::level(session) == Aal::aal1);
    }
    session[auth::item::level] = 3;
    CHECK(auth::level(session) == Aal::aal3);
    for (auto const name :
         {auth::item::device, auth::item::epoch, auth::item::authenticated, auth::item::level})
        session.erase(name);
    CHECK(auth::level(session) == Aal::aal1);
    CHECK(auth::require_level(session, Aal::aal1));
    session[auth::item::user_id] = 7; // no user of ours or of Django's
    CHECK_FALSE(auth::level(session));
}

TEST_CASE("R6 R17: a log-in that raises the level moves the session to a new key, and its old key is dead")
{
    Site<OnServer> site;
    auto const first = site.log_in(site.ann);
    auto const again = [&](cr::SessionKey const& key, auth::LoginOptions const& options) {
        OnServer session{site.sessions, key};
        session["cart"] = 1;
        site.accounts.login(session, site.ann, options);
        // A request that fails from here on has moved the session and raised nothing.
        if (session.session_key() != key)
            CHECK(level_of(site, *session.session_key()) < options.level);
        session.save();
        CHECK(session.at("cart") == cr::Value{1});
        return *session.session_key();
    };
    CHECK(again(first, {}) == first);
    CHECK(again(first, {.level = Aal::aal1}) == first);

    auto const second = again(first, {.level = Aal::aal2});
    CHECK(second != first);
    CHECK_FALSE(site.who(first));
    CHECK(level_of(site, second) == Aal::aal2);
    CHECK(again(second, {.level = Aal::aal2}) == second);

    auto const third = again(second, {.level = Aal::aal3});
    CHECK(third != second);
    CHECK_FALSE(site.who(second));
    CHECK(again(third, {}) == third); // less than before needs no new key
    CHECK(level_of(site, third) == Aal::aal1);
    OnServer session{site.sessions, third};
    CHECK(site.accounts.sessions(site.ann, session).size() == 1); // one device all along

    // In a browser a copy of the cookie stays what it was.
    Site<InBrowser> browsers;
    auto const copy = browsers.log_in(browsers.ann);
    InBrowser raised{browsers.sessions, copy};
    browsers.accounts.login(raised, browsers.ann, {.level = Aal::aal2});
    raised.save();
    CHECK(level_of(browsers, copy) == Aal::aal1);
    CHECK(level_of(browsers, *raised.session_key()) == Aal::aal2);
}
