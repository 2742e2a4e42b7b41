// SPDX-License-Identifier: MIT
#include <cloakroom/auth/backend.hpp>

#include <cloakroom/auth/csrf.hpp>
#include <cloakroom/auth/memory_revocation.hpp>
#include <cloakroom/auth/memory_users.hpp>
#include <cloakroom/auth/sqlite_revocation.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/http/middleware.hpp>
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/signer/unsigned.hpp>
#include <cloakroom/storage/memory.hpp>
#include <cloakroom/storage/signed_cookie.hpp>
#include <cloakroom/testing/fault_injection.hpp>
#include <cloakroom/testing/manual_clock.hpp>
#include <cloakroom/testing/md5_passwords.hpp>

#include "auth/site.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <vector>

using namespace auth_tests;

TEST_CASE("authenticate finds who has the name and the password (S-660)")
{
    Site<OnServer> site;
    CHECK(site.accounts.authenticate("ann", "pw") == site.ann);
    CHECK_FALSE(site.accounts.authenticate("ann", "wrong"));
    CHECK_FALSE(site.accounts.authenticate("ann", ""));
    CHECK_FALSE(site.accounts.authenticate("Ann", "pw"));
    CHECK_FALSE(site.accounts.authenticate("", "pw"));
    CHECK_FALSE(site.accounts.authenticate("nobody", "pw"));
    CHECK_FALSE(site.accounts.authenticate("ann", std::string(5000, 'x')));

    site.users.set_active(site.ann.id, false);
    CHECK_FALSE(site.accounts.authenticate("ann", "pw"));
    auto const unusable = *site.users.create({.username = "cat", .password = auth::make_unusable_password()});
    CHECK_FALSE(site.accounts.authenticate("cat", unusable.password));
    CHECK_FALSE(site.accounts.authenticate("cat", ""));
}

TEST_CASE("an unknown name costs as much as a wrong password (S-662)")
{
    Site<OnServer> site;
    auto const work_for = [&](std::string_view name, std::string_view password) {
        auto const before = *site.md5.work;
        site.accounts.authenticate(name, password);
        return *site.md5.work - before;
    };
    auto const wrong = work_for("ann", "wrong");
    CHECK(wrong == 1);
    CHECK(work_for("nobody", "wrong") == wrong);
    CHECK(work_for("ann", "pw") == wrong);
    site.users.set_active(site.ann.id, false);
    CHECK(work_for("ann", "pw") == wrong);
}

TEST_CASE("a weak field is encoded anew at the log-in, and a change made meanwhile is not undone (S-710)")
{
    Site<OnServer> site;
    auto const weak = cr::testing::Md5Passwords{}.encode("pw", "short");
    REQUIRE(site.users.set_password(site.ann.id, site.ann.password, weak));
    auto const wrong = site.accounts.authenticate("ann", "wrong");
    CHECK_FALSE(wrong);
    CHECK(site.now(site.ann).password == weak);

    auto const user = site.accounts.authenticate("ann", "pw");
    REQUIRE(user);
    CHECK(user->password != weak);
    CHECK(*user == site.now(site.ann));
    CHECK(site.accounts.authenticate("ann", "pw") == user); // and then it stays
    CHECK(site.who(site.log_in(*user)));

    /// Somebody else is faster between the check and the new field.
    struct Racing : auth::MemoryUsers {
        bool set_password(std::string_view id, std::string_view expected, std::string_view field)
        {
            auth::MemoryUsers::set_password(id, expected, theirs);
            return auth::MemoryUsers::set_password(id, expected, field);
        }
        std::string theirs;
    };
    for (auto const& [password, is_right] : {std::pair{"pw", true}, std::pair{"changed", false}}) {
        Racing users;
        users.theirs = cr::testing::Md5Passwords{}.encode(password, std::string(22, 's'));
        auth::Backend accounts{site.sessions, users, auth::no_revocation, "key", {}, Passwords{}};
        users.create({.username = "ann", .password = weak});
        auto const found = accounts.authenticate("ann", "pw");
        CHECK(found.has_value() == is_right);
        CHECK(users.find_by_name("ann")->password == users.theirs);
        CHECK((!found || found->password == users.theirs));
    }
}

TEMPLATE_LIST_TEST_CASE("R11 T-replay: a log-in lasts until the log-out, after which no copy of the cookie "
                        "is good (S-652, S-658)",
                        "", Sites)
{
    TestType site;
    CHECK_FALSE(site.ann.last_login);
    auto const key = site.log_in(site.ann, {.user_agent = "Browser"});
    CHECK(site.now(site.ann).last_login);
    CHECK(site.who(key)->username == "ann");
    auto const other = site.log_in(site.ann);

    typename TestType::Session session{site.sessions, key};
    session["cart"] = 1;
    site.accounts.logout(session);
    CHECK_FALSE(session.session_key());
    CHECK(session.items().empty());
    CHECK_FALSE(site.accounts.get_user(session));
    CHECK_FALSE(site.who(key)); // the cookie as it was before
    CHECK(site.who(other));
    site.accounts.logout(session); // once more, of nobody
    CHECK(site.who(other));
}

TEST_CASE("R6 T-rotate: a log-in moves the session to a new key with its data, before anybody is logged in")
{
    Site<OnServer> site;
    OnServer anonymous{site.sessions};
    anonymous["cart"] = 1;
    anonymous.save();
    auto const old = *anonymous.session_key();

    OnServer session{site.sessions, old};
    site.accounts.login(session, site.ann);
    CHECK(session.session_key() != old);
    CHECK(session.at("cart") == cr::Value{1});
    CHECK_FALSE(site.who(*session.session_key())); // not saved: a request that fails has logged nobody in
    session.save();
    CHECK(site.who(*session.session_key()));
    CHECK_FALSE(OnServer::Backend{{}, {}, cr::signer::Hmac{"key"}}.storage().load(old, site.clock()));
    OnServer fixed{site.sessions, old};
    CHECK(fixed.items().empty()); // whoever planted the old key has nothing
}

TEMPLATE_LIST_TEST_CASE("another user's data are never inherited (S-652)", "", Sites)
{
    TestType site;
    auto const key = site.log_in(site.ann);
    typename TestType::Session session{site.sessions, key};
    session["diary"] = "ann's";
    session.save();
    auto const with_diary = *session.session_key();

    typename TestType::Session shared{site.sessions, with_diary};
    site.accounts.login(shared, site.bob);
    shared.save();
    CHECK_FALSE(shared.contains("diary"));
    CHECK(site.who(*shared.session_key())->username == "bob");
    CHECK_FALSE(site.who(with_diary)); // bob's log-in is ann's log-out
    CHECK(site.accounts.sessions(site.ann, shared).empty());
}

TEMPLATE_LIST_TEST_CASE("a session that was ended is no start for a log-in of the same user", "", Sites)
{
    TestType site;
    auto const key = site.log_in(site.ann);
    typename TestType::Session session{site.sessions, key};
    session["note"] = "from before";
    site.accounts.end_all(site.ann);
    site.accounts.login(session, site.ann);
    session.save();
    CHECK_FALSE(session.contains("note"));
    CHECK(site.who(*session.session_key()));
    CHECK_FALSE(site.who(key));
}

TEST_CASE("R6: who logs in again keeps key and data, or gets a new key where the settings say so (S-652)")
{
    for (bool const cycles : {false, true}) {
        Site<OnServer> site{{.cycle_key_at_each_login = cycles}};
        auto const key = site.log_in(site.ann);
        OnServer session{site.sessions, key};
        session["cart"] = 1;
        site.accounts.login(session, site.ann);
        session.save();
        CHECK((session.session_key() != key) == cycles);
        CHECK(session.at("cart") == cr::Value{1});
        CHECK(site.who(*session.session_key()));
        CHECK(site.who(key).has_value() != cycles);
        CHECK(site.accounts.sessions(site.ann, session).size() == 1);
    }
}

TEMPLATE_LIST_TEST_CASE(
    "R13: sessions of a user who is inactive, gone or has another password are nobody's (S-655, S-656, "
    "S-660)",
    "", Sites)
{
    TestType site;
    auto const key = site.log_in(site.ann);
    site.users.set_active(site.ann.id, false);
    CHECK_FALSE(site.who(key));
    site.users.set_active(site.ann.id, true);
    CHECK(site.who(key)); // Django's sessions wait, too
    site.users.set_active(site.ann.id, false);
    site.accounts.end_all(site.ann);
    site.users.set_active(site.ann.id, true);
    CHECK_FALSE(site.who(key)); // ended for good

    auto const second = site.log_in(site.ann);
    REQUIRE(site.users.set_password(site.ann.id, site.ann.password, site.md5.encode("new")));
    typename TestType::Session session{site.sessions, second};
    CHECK_FALSE(site.accounts.get_user(session));
    CHECK_FALSE(session.session_key());
    site.accounts.end_all(site.ann);
    CHECK(site.accounts.sessions(site.ann, session).empty());

    auto const third = site.log_in(site.bob);
    site.users.erase(site.bob.id);
    CHECK_FALSE(site.who(third));
}

TEMPLATE_LIST_TEST_CASE(
    "R14: a new password ends all other sessions, and this one goes on under a new key (S-657)", "", Sites)
{
    TestType site;
    auto const mine = site.log_in(site.ann);
    auto const other = site.log_in(site.ann);
    auto const bobs = site.log_in(site.bob);
    typename TestType::Session session{site.sessions, mine};
    auto user = *site.accounts.get_user(session);
    auto const old_field = user.password;
    auto const in_two_steps = GENERATE(false, true);
    if (in_two_steps) {
        REQUIRE(site.accounts.set_password(user, "new"));
        site.accounts.update_session_auth_hash(session, user);
    } else {
        REQUIRE(site.accounts.change_password(session, user, "new"));
    }
    CHECK(user == site.now(site.ann));
    session.save();

    CHECK(*session.session_key() != mine);
    CHECK(site.who(*session.session_key())->username == "ann");
    CHECK_FALSE(site.who(mine));
    CHECK_FALSE(site.who(other));
    CHECK(site.who(bobs));
    auto const devices = site.accounts.sessions(user, session);
    REQUIRE(devices.size() == 1);
    CHECK(devices[0].is_this);
    CHECK(site.accounts.authenticate("ann", "new"));
    CHECK_FALSE(site.accounts.authenticate("ann", "pw"));

    auto stale = user;
    stale.password = old_field; // read before somebody else changed it
    CHECK_FALSE(site.accounts.set_password(stale, "newer"));
    CHECK_FALSE(site.accounts.change_password(session, stale, "newer"));
    CHECK(site.accounts.authenticate("ann", "new"));
    CHECK(site.accounts.get_user(session));
}

TEST_CASE("update_session_auth_hash for somebody else only moves the key (S-657)")
{
    Site<OnServer> site;
    auto const key = site.log_in(site.ann);
    auto const bobs = site.log_in(site.bob);
    OnServer session{site.sessions, key};
    site.accounts.update_session_auth_hash(session, site.bob);
    session.save();
    CHECK(session.session_key() != key);
    CHECK(site.who(*session.session_key())->username == "ann");
    CHECK(site.who(bobs));
}

TEMPLATE_LIST_TEST_CASE("R14 R16: a user sees the own sessions and ends one, the others, or all", "", Sites)
{
    TestType site;
    auto const phone = site.log_in(site.ann, {.user_agent = "Phone"});
    auto const laptop = site.log_in(site.ann, {.user_agent = "Laptop <b>\x01\xff"});
    auto const library = site.log_in(site.ann, {.user_agent = std::string(1000, 'x')});
    auto const bobs = site.log_in(site.bob);
    typename TestType::Session session{site.sessions, laptop};
    REQUIRE(site.accounts.get_user(session));

    auto devices = site.accounts.sessions(site.ann, session);
    REQUIRE(devices.size() == 3);
    CHECK(devices[0].user_agent == std::string(256, 'x'));
    CHECK(devices[1].user_agent == "Laptop <b>??");
    CHECK(devices[2].user_agent == "Phone");
    CHECK_FALSE(devices[0].is_this);
    CHECK(devices[1].is_this);
    CHECK_FALSE(devices[2].is_this);
    CHECK(devices[2].created < devices[1].created);
    CHECK(devices[0].handle == site.handle_of(library));

    // R16: another user's handle ends nothing, and one's own that one alone.
    CHECK_FALSE(site.accounts.end(site.bob, devices[0].handle));
    CHECK_FALSE(site.accounts.end(site.ann, ""));
    CHECK_FALSE(site.accounts.end(site.ann, "nonsense"));
    CHECK(site.who(library));
    CHECK(site.accounts.end(site.ann, devices[0].handle));
    CHECK_FALSE(site.accounts.end(site.ann, devices[0].handle));
    CHECK_FALSE(site.who(library));
    CHECK(site.who(phone));

    // R14
    CHECK(site.accounts.end_others(session));
    session.save();
    auto const here = *session.session_key();
    CHECK(site.who(here));
    CHECK_FALSE(site.who(phone));
    CHECK_FALSE(site.who(laptop)); // nor a copy of this one
    CHECK(site.who(bobs));
    CHECK(site.accounts.sessions(site.ann, session).size() == 1);
    auto const again = site.log_in(site.ann);
    CHECK(site.who(again));

    site.accounts.end_all(site.ann);
    CHECK_FALSE(site.who(here));
    CHECK_FALSE(site.who(again));
    CHECK(site.who(bobs));
    CHECK_FALSE(site.accounts.end_others(session));
    CHECK(site.who(site.log_in(site.ann))); // at the same moment as the end, too
}

TEMPLATE_LIST_TEST_CASE("R15: an administrator ends the sessions of one user, or of all users", "", Sites)
{
    for (bool const lists : {true, false}) {
        TestType site{{.list_devices = lists}};
        auto const cat = site.make("cat");
        auto const by_django = [&](auth::User const& user) {
            typename TestType::Session session{site.sessions, site.log_in(user)};
            for (auto const name : {auth::item::device, auth::item::epoch, auth::item::authenticated})
                session.erase(name);
            session.save();
            return *session.session_key();
        };
        auto const anns = site.log_in(site.ann);
        auto const cats = by_django(cat);
        REQUIRE(site.who(cats));
        site.accounts.end_all(site.ann);
        CHECK_FALSE(site.who(anns));
        CHECK(site.who(cats));

        auto const after = site.log_in(site.ann);
        auto const bobs = site.log_in(site.bob);
        site.accounts.end_all_users();
        for (auto const& key : {anns, after, bobs, cats})
            CHECK_FALSE(site.who(key));
        CHECK_FALSE(site.who(by_django(cat))); // as nobody can say when it was made
        auto const again = site.log_in(site.ann);
        auto const first = site.log_in(site.make("dan"));
        CHECK(site.who(again));
        CHECK(site.who(first));
        site.accounts.end_all(site.ann); // and one user's can still be ended alone
        CHECK_FALSE(site.who(again));
        CHECK(site.who(first));
    }
}

TEST_CASE("R15: what an administrator ends in one program is ended in all others")
{
    TemporaryFolder const folder;
    auth::SqliteRevocation theirs{folder.path("db.sqlite3")};
    theirs.migrate();
    auth::SqliteRevocation ours{folder.path("db.sqlite3")};
    Site<OnServer> site;
    auth::Backend program{site.sessions, site.users, ours, "key", {}, Passwords{site.md5}};
    auth::Backend administration{site.sessions, site.users, theirs, "key", {}, Passwords{site.md5}};
    auto const log_in = [&](auth::User const& user) {
        OnServer session{site.sessions};
        program.login(session, user);
        session.save();
        site.clock.advance(1s);
        return *session.session_key();
    };
    auto const who = [&](cr::SessionKey const& key) {
        OnServer session{site.sessions, key};
        return program.get_user(session).has_value();
    };
    auto const anns = log_in(site.ann);
    auto const bobs = log_in(site.bob);
    REQUIRE(who(anns));
    administration.end_all(site.ann);
    CHECK_FALSE(who(anns));
    CHECK(who(bobs));
    auto const after = log_in(site.ann);
    administration.end_all_users();
    CHECK_FALSE(who(after));
    CHECK_FALSE(who(bobs));
    CHECK(who(log_in(site.bob)));
}

TEMPLATE_LIST_TEST_CASE("R16 T-no-leak: nothing that a list of devices shows opens a session", "", Sites)
{
    TestType site;
    auto const key = site.log_in(site.ann, {.user_agent = "Browser"});
    auto const other = site.log_in(site.ann, {.user_agent = "Phone"});
    typename TestType::Session session{site.sessions, key};
    auto const devices = site.accounts.sessions(site.ann, session);
    REQUIRE(devices.size() == 2);
    std::string shown;
    for (auto const& device : devices) {
        shown += device.handle + ' ' + device.user_agent + ' ' +
                 std::to_string(device.created.time_since_epoch().count()) + '\n';
        CHECK(device.handle.size() == 22);
        CHECK(device.handle != key.handle());
        CHECK(device.handle != other.handle());
        for (auto const& secret : {device.handle, key.handle(), other.handle()}) {
            typename TestType::Session thief{site.sessions, cr::SessionKey::parse(secret)};
            CHECK_FALSE(site.accounts.get_user(thief));
            CHECK(thief.items().empty());
        }
    }
    // No piece of a key or ticket is in it that would make the rest guessable.
    constexpr std::size_t piece = 6;
    for (auto const& secret : {key.reveal(), other.reveal()})
        for (std::size_t i = 0; i + piece <= secret.size(); ++i)
            if (shown.find(secret.substr(i, piece)) != std::string::npos)
                FAIL("a piece of a key is shown");
    CHECK(site.who(key));
    CHECK(site.who(other));
}

TEST_CASE("R16: a device is not made from the key, so that nobody who sees the one can tell the other")
{
    Site<OnServer> site;
    auto const key = site.log_in(site.ann);
    auto const list_again = [&] {
        OnServer session{site.sessions, key};
        session.erase(auth::item::device);
        site.accounts.login(session, site.ann, {.user_agent = "Browser"}); // under the same key
        session.save();
        REQUIRE(session.session_key() == key);
        return site.handle_of(key);
    };
    auto const first = site.handle_of(key);
    auto const second = list_again();
    CHECK(second != first);
    CHECK(list_again() != second);
    OnServer session{site.sessions, key};
    auto const devices = site.accounts.sessions(site.ann, session);
    REQUIRE(devices.size() == 3);
    for (auto const& device : devices)
        for (auto const& text : {device.handle, device.user_agent})
            CHECK(text.find(key.reveal().substr(0, 6)) == std::string::npos);
}

TEMPLATE_LIST_TEST_CASE("R18: a limit ends the session used least recently, or refuses the new one", "",
                        Sites)
{
    TestType site{{.max_sessions = 2}};
    auto const first = site.log_in(site.ann);
    auto const second = site.log_in(site.ann);
    site.clock.advance(10min);
    CHECK(site.who(first)); // and is seen now
    auto const third = site.log_in(site.ann);
    CHECK(site.who(first));
    CHECK_FALSE(site.who(second));
    CHECK(site.who(third));
    CHECK(site.who(site.log_in(site.bob)));

    TestType strict{{.max_sessions = 1, .at_limit = auth::AtLimit::deny}};
    auto const only = strict.log_in(strict.ann);
    typename TestType::Session session{strict.sessions};
    session["cart"] = 1;
    CHECK_FALSE(strict.accounts.login(session, strict.ann));
    CHECK_FALSE(strict.accounts.get_user(session));
    CHECK(session.at("cart") == cr::Value{1});
    CHECK(strict.who(only));
    strict.clock.advance(strict.sessions.settings().cookie_age + 1h); // a session that is over does not count
    CHECK(strict.accounts.login(session, strict.ann));
}

TEST_CASE("R18: a limit that nothing could keep is refused")
{
    Site<OnServer> site;
    auto const make = [&](auto& revocation, auth::AuthSettings const& settings) {
        auth::Backend{site.sessions, site.users, revocation, "key", settings, Passwords{site.md5}};
    };
    struct EpochsAlone {
        static std::int64_t epoch(std::string_view) { return 0; }
        static std::int64_t bump(std::string_view, cr::TimePoint) { return 1; }
        static std::optional<std::int64_t> bump_if(std::string_view, std::int64_t, cr::TimePoint)
        {
            return 1;
        }
        static void bump_all(cr::TimePoint) {}
    } epochs;
    CHECK_THROWS_AS(make(auth::no_revocation, {.max_sessions = 1}), cr::ImproperlyConfigured);
    CHECK_THROWS_AS(make(epochs, {.max_sessions = 1}), cr::ImproperlyConfigured);
    CHECK_THROWS_AS(make(site.revocation, {.max_sessions = 1, .list_devices = false}),
                    cr::ImproperlyConfigured);
    CHECK_NOTHROW(make(auth::no_revocation, {}));
    CHECK_NOTHROW(make(epochs, {}));
    CHECK_NOTHROW(make(site.revocation, {.max_sessions = 1}));
}

TEST_CASE("R18: of many log-ins at once no more stay than the limit says")
{
    Site<OnServer> site{{.max_sessions = 3}};
    std::vector<std::optional<cr::SessionKey>> keys(8);
    std::vector<std::thread> threads;
    for (auto& key : keys)
        threads.emplace_back([&] {
            OnServer session{site.sessions};
            site.accounts.login(session, site.ann);
            session.save();
            key = session.session_key();
        });
    for (auto& thread : threads)
        thread.join();
    CHECK(std::count_if(keys.begin(), keys.end(),
                        [&](auto const& key) { return site.who(*key).has_value(); }) == 3);
}

TEST_CASE("R13 T-index-race: of many log-ins and one end of all, none before it lives")
{
    Site<OnServer> site;
    std::vector<std::optional<cr::SessionKey>> keys(8);
    std::vector<std::thread> threads;
    for (auto& key : keys)
        threads.emplace_back([&] {
            for (int i = 0; i < 8; ++i) {
                OnServer session{site.sessions};
                site.accounts.login(session, site.ann);
                session.save();
                key = session.session_key();
            }
        });
    for (auto& thread : threads)
        thread.join();
    CHECK(site.revocation.list(site.ann.id, site.clock()).size() == 64);
    site.accounts.end_all(site.ann);
    for (auto const& key : keys)
        CHECK_FALSE(site.who(*key));
    CHECK(site.revocation.list(site.ann.id, site.clock()).empty());
}

TEST_CASE("a device is seen about when it was, and is listed as long as its session may live (S-077)")
{
    Site<OnServer> site{{.seen_interval = 5min}};
    auto const key = site.log_in(site.ann);
    auto const start = site.clock();
    auto const seen = [&] { return site.revocation.list(site.ann.id, site.clock()).at(0).seen; };
    auto const logged_in = seen();
    site.clock.set(logged_in + 5min - 1us);
    CHECK(site.who(key));
    CHECK(seen() == logged_in);
    site.clock.set(logged_in + 5min);
    CHECK(site.who(key));
    CHECK(seen() == site.clock());

    // A session that is used, and saved each time, never ends with its device.
    for (int day = 0; day < 60; ++day) {
        site.clock.advance(24h);
        OnServer session{site.sessions, key};
        REQUIRE(site.accounts.get_user(session));
        session["day"] = day;
        session.save();
    }
    site.clock.advance(site.sessions.settings().cookie_age - 1us);
    CHECK(site.who(key)); // in its last microsecond
    CHECK(start < site.clock());

    auto const remembered = site.log_in(site.bob, {.expiry = cr::Expiry{24h * 365}});
    site.clock.advance(24h * 364);
    CHECK(site.who(remembered));
    OnServer session{site.sessions, remembered};
    CHECK(session.get_expiry_age() == 24h * 365);
}

TEST_CASE("R17: whether a log-in is fresh")
{
    Site<OnServer> site;
    OnServer session{site.sessions};
    CHECK_FALSE(auth::require_fresh(session, 5min));
    site.accounts.login(session, site.ann);
    CHECK(auth::require_fresh(session, 5min));
    site.clock.advance(5min - 1us);
    CHECK(auth::require_fresh(session, 5min));
    site.clock.advance(1us);
    CHECK_FALSE(auth::require_fresh(session, 5min));
    CHECK(auth::require_fresh(session, 6min));
    site.accounts.login(session, site.ann); // once more, with the password
    CHECK(auth::require_fresh(session, 5min));

    site.clock.advance(-1min); // another server's clock
    CHECK(auth::require_fresh(session, 5min));
    site.clock.advance(-1h);
    CHECK_FALSE(auth::require_fresh(session, 5min));
    for (auto const& nonsense :
         {cr::Value{"now"}, cr::Value{1.5}, cr::Value{-5}, cr::Value{INT64_MAX}, cr::Value{}}) {
        session[auth::item::authenticated] = nonsense;
        CHECK_FALSE(auth::require_fresh(session, 5min));
    }
}

TEST_CASE("a log-in makes a new secret against forged forms, wherever it is (S-615)")
{
    Site<OnServer> site;
    auth::CsrfProtection const in_cookie;
    auth::CsrfProtection const in_session{{.csrf_use_sessions = true}};
    OnServer session{site.sessions};
    auto csrf = in_cookie.open({.method = "POST"});
    site.accounts.login(session, site.ann, {.csrf = &csrf});
    CHECK_FALSE(csrf.close().empty());

    OnServer other{site.sessions};
    auto before = in_session.open({.method = "GET"}, other);
    before.token();
    before.close();
    auto const secret = other.at(auth::CsrfSecret::item_name);
    auto kept = in_session.open({.method = "POST"}, other);
    site.accounts.login(other, site.ann, {.csrf = &kept});
    kept.close();
    CHECK(other.at(auth::CsrfSecret::item_name) != secret);
    site.accounts.login(other, site.ann); // of which it is not told
    CHECK_FALSE(other.contains(auth::CsrfSecret::item_name));
}

TEST_CASE("R12 T-epoch: with epochs alone sessions in browsers end all at once, and nothing is kept for each")
{
    Site<InBrowser> site{{.list_devices = false}};
    auto const first = site.log_in(site.ann);
    auto const second = site.log_in(site.ann);
    auto const bobs = site.log_in(site.bob);
    InBrowser session{site.sessions, first};
    CHECK(site.accounts.get_user(session));
    CHECK_FALSE(session.contains(auth::item::device));
    CHECK(site.accounts.sessions(site.ann, session).empty());

    CHECK(site.accounts.end_others(session));
    session.save();
    auto const here = *session.session_key();
    CHECK(site.who(here));
    CHECK_FALSE(site.who(first));
    CHECK_FALSE(site.who(second));

    auto const third = site.log_in(site.ann);
    CHECK(site.who(here));
    InBrowser leaving{site.sessions, third};
    site.accounts.logout(leaving);
    CHECK_FALSE(site.who(third)); // no copy is good, at the cost of the other one
    CHECK_FALSE(site.who(here));
    CHECK(site.who(bobs));

    auto const fourth = site.log_in(site.ann);
    InBrowser replayed{site.sessions, third};
    site.accounts.logout(replayed); // an old cookie ends nobody's session
    CHECK(site.who(fourth));
    CHECK_THROWS_AS((Site<InBrowser>{{.max_sessions = 1, .list_devices = false}}), cr::ImproperlyConfigured);

    Site<OnServer> server{{.list_devices = false}};
    auto const a = server.log_in(server.ann);
    auto const b = server.log_in(server.ann);
    OnServer one{server.sessions, a};
    server.accounts.logout(one); // on a server a log-out ends one session
    CHECK_FALSE(server.who(a));
    CHECK(server.who(b));
    server.accounts.end_all(server.ann);
    CHECK_FALSE(server.who(b));
}

TEST_CASE("a session that Django logged in is good until the user's sessions are ended")
{
    Site<OnServer> site;
    auto const by_django = [&] {
        OnServer session{site.sessions};
        site.accounts.login(session, site.ann);
        for (auto const name : {auth::item::device, auth::item::epoch, auth::item::authenticated})
            session.erase(name);
        session.save();
        return *session.session_key();
    };
    auto const key = by_django();
    CHECK(site.who(key));
    auto const ours = site.log_in(site.ann);
    OnServer session{site.sessions, ours};
    CHECK(site.accounts.end_others(session));
    CHECK_FALSE(site.who(key));
    CHECK_FALSE(site.who(by_django())); // as nobody can say when it was made

    auth::User const cat = site.make("cat");
    OnServer lonely{site.sessions};
    site.accounts.login(lonely, cat);
    lonely.erase(auth::item::device);
    lonely.save();
    CHECK(site.accounts.end_others(lonely)); // itself stays
    lonely.save();
    CHECK(site.who(*lonely.session_key()));
    OnServer relogged{site.sessions, lonely.session_key()};
    site.accounts.login(relogged, cat); // and is listed from the next log-in on
    relogged.save();
    CHECK(site.who(*relogged.session_key()));
    CHECK(site.accounts.sessions(cat, relogged).size() == 1);
}

TEST_CASE("a session whose items were forged by other code of the site is nobody's")
{
    Site<OnServer> site;
    auto const with = [&](std::string_view name, cr::Value const& value) {
        auto const key = site.log_in(site.ann);
        OnServer session{site.sessions, key};
        session[name] = value;
        session.save();
        return site.who(key).has_value();
    };
    CHECK(with("cart", 1));
    for (auto const& nonsense :
         {cr::Value{}, cr::Value{1}, cr::Value{""}, cr::Value{cr::Dict{}}, cr::Value{cr::Array{}}})
        for (auto const name :
             {auth::item::user_id, auth::item::backend, auth::item::hash, auth::item::device})
            CHECK_FALSE(with(name, nonsense));
    Site<OnServer> epochs{{.list_devices = false}};
    auto const key = epochs.log_in(epochs.ann);
    OnServer session{epochs.sessions, key};
    session[auth::item::epoch] = "0";
    session.save();
    CHECK_FALSE(epochs.who(key));
}

TEST_CASE("accept_replay and no_revocation log in and out, and end nothing else")
{
    Site<OnServer> site;
    auth::Backend server{site.sessions, site.users, auth::no_revocation, "key", {}, Passwords{}};
    OnServer session{site.sessions};
    server.login(session, site.ann);
    CHECK(server.get_user(session));
    CHECK_FALSE(session.contains(auth::item::epoch));
    CHECK_FALSE(session.contains(auth::item::device));
    auto const key = session.session_key();
    session.save();
    server.logout(session);
    OnServer copy{site.sessions, key};
    CHECK_FALSE(server.get_user(copy));

    Site<InBrowser> browsers;
    auth::Backend replays{browsers.sessions, browsers.users, auth::accept_replay, "key", {}, Passwords{}};
    InBrowser ticket{browsers.sessions};
    replays.login(ticket, browsers.ann);
    ticket.save();
    InBrowser leaving{browsers.sessions, ticket.session_key()};
    replays.logout(leaving);
    InBrowser replayed{browsers.sessions, ticket.session_key()};
    CHECK(replays.get_user(replayed)); // which is what was accepted
    auto user = browsers.ann;
    REQUIRE(replays.set_password(user, "new"));
    CHECK_FALSE(replays.get_user(replayed)); // a new password still ends it
}

TEST_CASE("R40: a broken revocation logs nobody in, and a broken storage leaves nothing listed")
{
    struct Broken : auth::MemoryRevocation {
        std::optional<auth::Device> find(std::string_view user, std::string_view handle, cr::TimePoint now)
        {
            if (is_broken)
                throw cr::StorageError{"down"};
            return auth::MemoryRevocation::find(user, handle, now);
        }
        bool remove(std::string_view user, std::string_view handle)
        {
            if (is_broken)
                throw cr::StorageError{"down"};
            return auth::MemoryRevocation::remove(user, handle);
        }
        bool is_broken = false;
    };
    Site<OnServer, Broken> site;
    auto const key = site.log_in(site.ann);
    site.revocation.is_broken = true;
    CHECK_THROWS_AS(site.who(key), cr::StorageError);
    OnServer session{site.sessions, key};
    CHECK_THROWS_AS(site.accounts.logout(session), cr::StorageError);
    CHECK_FALSE(session.session_key()); // what could be ended is
    site.revocation.is_broken = false;
    CHECK_FALSE(site.who(key));

    using Faulty = cr::testing::Faulty<cr::storage::Memory>;
    using FaultySession = cr::Session<Faulty, cr::serializer::Json, cr::signer::Hmac>;
    auth::MemoryUsers users;
    auth::MemoryRevocation revocation;
    FaultySession::Backend sessions{Faulty{cr::storage::Memory{}}, {}, cr::signer::Hmac{"key"}};
    auth::Backend accounts{sessions, users, revocation, "key", {}, Passwords{}};
    auto const ann = *users.create({.username = "ann"});
    FaultySession fresh{sessions};
    sessions.storage().faults().fail(cr::testing::Operation::create, cr::testing::Moment::before);
    CHECK_THROWS_AS(accounts.login(fresh, ann), cr::StorageError);
    CHECK_FALSE(fresh.contains(auth::item::user_id));
    CHECK(revocation.list(ann.id, sessions.now()).empty());
}

TEST_CASE("the middleware's sessions are taken, and a log-in costs one cookie")
{
    Site<OnServer> site;
    cr::http::Middleware<OnServer> const middleware{site.sessions};
    auto request = middleware.open("");
    site.accounts.login(request, site.ann, {.user_agent = "Browser"});
    auto const outcome = middleware.close(request, 302);
    REQUIRE(request.session_key());
    CHECK(std::count_if(outcome.headers.begin(), outcome.headers.end(),
                        [](auto const& header) { return header.name == "Set-Cookie"; }) == 1);
    auto later = middleware.open("sessionid=" + std::string{request.session_key()->reveal()});
    CHECK(site.accounts.get_user(later)->username == "ann");
    CHECK(later.accessed()); // so that no cache shows the page to others (S-659)
}
