// SPDX-License-Identifier: MIT
// Log-ins side by side with other requests, in every order of their calls.
#include <cloakroom/auth/backend.hpp>

#include <cloakroom/auth/level.hpp>
#include <cloakroom/auth/memory_revocation.hpp>
#include <cloakroom/auth/sqlite_revocation.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/testing/interleave.hpp>
#include <cloakroom/testing/law.hpp>
#include <cloakroom/testing/scheduled_accounts.hpp>

#include "auth/site.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace auth_tests;
using auth::Aal;
using cr::testing::for_each_interleaving;
using cr::testing::InterleavedRun;
using cr::testing::require;

namespace {

// ---- one session, and the requests of one browser ----

using Watched = cr::testing::WatchedStorage<cr::storage::Memory>;
using WatchedSession = cr::Session<Watched, cr::serializer::Json, cr::signer::Hmac>;

/// A browser whose session has a cart, and what its requests came to.
struct Browser {
    using Accounts = auth::Backend<WatchedSession, auth::MemoryUsers, auth::MemoryRevocation, Passwords>;

    explicit Browser(bool is_logged_in)
    {
        WatchedSession session{sessions};
        session["cart"] = 1;
        if (is_logged_in)
            accounts.login(session, ann);
        session.save();
        old = *session.session_key();
        sessions.storage().watch(*old);
    }

    /// The new key.
    std::optional<cr::SessionKey> log_in(auth::User const& user, auth::LoginOptions const& options = {})
    {
        WatchedSession session{sessions, old};
        try {
            accounts.login(session, user, options);
            session["ring"] = user.username;
            session.save();
            return session.session_key();
        } catch (cr::SessionInterrupted const&) {
            return std::nullopt;
        }
    }
    /// The new key, if the session is still somebody's when its password has changed.
    template <class Change>
    std::optional<cr::SessionKey> change_password(Change const& change)
    {
        WatchedSession session{sessions, old};
        try {
            auto user = accounts.get_user(session);
            require(user && change(accounts, session, *user), "The password was not changed.");
            if (!session.contains(auth::item::user_id))
                return std::nullopt;
            session["ring"] = user->username;
            session.save();
            return session.session_key();
        } catch (cr::SessionInterrupted const&) {
            return std::nullopt;
        }
    }
    /// Whether it was done. Takes as long as it likes between looking and saving.
    bool save(char const* item)
    {
        WatchedSession session{sessions, old};
        auto const known = accounts.get_user(session);
        session[item] = known ? known->username : "nobody";
        try {
            session.save();
            return session.session_key() == old;
        } catch (cr::SessionInterrupted const&) {
            return false;
        }
    }

    Md5 md5;
    cr::testing::ManualClock clock;
    auth::MemoryUsers users;
    auth::MemoryRevocation revocation;
    WatchedSession::Backend sessions{Watched{cr::storage::Memory{}}, {}, cr::signer::Hmac{"key"}};
    Accounts accounts{sessions, users, revocation, "key", {}, Passwords{md5}};
    auth::User ann = *users.create({.username = "ann", .password = md5.encode("pw")});
    auth::User bob = *users.create({.username = "bob", .password = md5.encode("pw")});
    std::optional<cr::SessionKey> old;

    std::optional<cr::SessionKey> raised{};
    std::optional<cr::SessionKey> other{};
    bool first_saved = false;
    bool second_saved = false;
};
using Scene = std::unique_ptr<Browser>;

/// What is true of every log-in: the old key opens nothing, the new one what all requests have saved.
void check_moved(Browser& browser, auth::User const& user)
{
    require(!browser.sessions.storage().load(*browser.old, browser.clock()), "The old key opens a session.");
    require(browser.raised && browser.raised != browser.old, "The log-in has given no new key.");
    WatchedSession session{browser.sessions, browser.raised};
    require(browser.accounts.get_user(session) == browser.users.find(user.id), "The new key opens nothing.");
    require(session.get("cart", 0) == 1 && session.get("ring", "") == user.username,
            "What was in the session is lost.");
    require(session.contains("first") == browser.first_saved, "A save is lost, or half done.");
    require(session.contains("second") == browser.second_saved, "A save is lost, or half done.");
}

// ---- many sessions of one user ----

/// Looks at the list, and then adds to it: two steps, between which others do the same.
struct LooksThenAdds : auth::MemoryRevocation {
    bool add(std::string_view user, auth::Device const& device, auth::DeviceLimit limit, cr::TimePoint now)
    {
        auto const listed = list(user, now);
        cr::testing::interleave_point("between the two");
        if (limit.max_devices != 0 && listed.size() >= limit.max_devices) {
            if (limit.at_limit == auth::AtLimit::deny)
                return false;
            remove(user, listed.back().handle);
        }
        return auth::MemoryRevocation::add(user, device, {}, now);
    }
};

/// A user with one session who is about to log in on three more devices, of which `limit` may stay.
template <class Inner>
struct Devices {
    static constexpr std::size_t limit = 2;
    using Revocation = cr::testing::ScheduledRevocation<Inner>;
    using Accounts = auth::Backend<OnServer, auth::MemoryUsers, Revocation, Passwords>;
    using Unscheduled = auth::Backend<OnServer, auth::MemoryUsers, Inner, Passwords>;

    Devices(Inner& inner, auth::AtLimit at_limit)
        : revocation{inner},
          accounts{sessions,      users, revocation, "key", {.max_sessions = limit, .at_limit = at_limit},
                   Passwords{md5}},
          lookout{sessions, users, inner, "key", {}, Passwords{md5}}
    {
        inner.bump_all({}); // the sessions of the run before
        log_in(0);
    }

    void log_in(std::size_t device)
    {
        OnServer session{sessions};
        if (accounts.login(session, ann)) {
            session.save();
            keys[device] = session.session_key();
        }
        require(alive() <= limit, "More sessions are alive than the limit says.");
    }
    std::size_t alive()
    {
        return static_cast<std::size_t>(std::count_if(keys.begin(), keys.end(), [&](auto const& key) {
            if (!key)
                return false;
            OnServer session{sessions, key};
            return lookout.get_user(session).has_value();
        }));
    }

    Md5 md5;
    auth::MemoryUsers users;
    auth::User ann = *users.create({.username = "ann", .password = md5.encode("pw")});
    OnServer::Backend sessions{{}, {}, cr::signer::Hmac{"key"}};
    Revocation revocation;
    Accounts accounts;
    Unscheduled lookout;
    std::vector<std::optional<cr::SessionKey>> keys = std::vector<std::optional<cr::SessionKey>>(4);
};

template <class Inner>
std::size_t race_of_log_ins(Inner& inner, auth::AtLimit at_limit)
{
    using Run = std::unique_ptr<Devices<Inner>>;
    std::vector<std::function<void(Run&)>> clients;
    for (std::size_t device = 1; device < 4; ++device)
        clients.push_back([device](Run& devices) { devices->log_in(device); });
    auto const report = for_each_interleaving(
        [&] { return std::make_unique<Devices<Inner>>(inner, at_limit); }, clients,
        [&](Run const& devices, InterleavedRun const&) {
            require(devices->alive() == Devices<Inner>::limit, "Fewer sessions are alive than may be.");
            auto const let_in =
                std::count_if(devices->keys.begin(), devices->keys.end(), [](auto& key) { return key; });
            require(let_in == (at_limit == auth::AtLimit::deny ? 2 : 4), "The wrong ones were refused.");
        });
    CHECK(report.complete);
    return report.schedules;
}

} // namespace

TEST_CASE("R6 T-rotate-race: in any order of a log-in and slow saves the old key is dead and nothing is lost")
{
    auto const report = for_each_interleaving(
        [] { return std::make_unique<Browser>(false); },
        {[](Scene& browser) { browser->raised = browser->log_in(browser->ann); },
         [](Scene& browser) { browser->first_saved = browser->save("first"); },
         [](Scene& browser) { browser->second_saved = browser->save("second"); }},
        [](Scene const& browser, InterleavedRun const&) { check_moved(*browser, browser->ann); });
    CHECK(report.complete);
    CHECK(report.schedules > 50);
}

TEST_CASE("R6 R17 T-rotate-race: the same when a log-in raises the level")
{
    auto const report = for_each_interleaving(
        [] { return std::make_unique<Browser>(true); },
        {[](Scene& browser) { browser->raised = browser->log_in(browser->ann, {.level = Aal::aal2}); },
         [](Scene& browser) { browser->first_saved = browser->save("first"); },
         [](Scene& browser) { browser->second_saved = browser->save("second"); }},
        [](Scene const& browser, InterleavedRun const&) {
            check_moved(*browser, browser->ann);
            WatchedSession session{browser->sessions, browser->raised};
            require(auth::require_level(session, Aal::aal2), "The level is lost.");
        });
    CHECK(report.complete);
    CHECK(report.schedules > 50);
}

TEST_CASE("R14 T-rotate-race: whose password is changed stays logged in, whatever the browser asks meanwhile")
{
    std::size_t ended = 0;
    auto const race = [&](auto const& change, auto const& check) {
        auto const report = for_each_interleaving(
            [] { return std::make_unique<Browser>(true); },
            {[&](Scene& browser) { browser->raised = browser->change_password(change); },
             [](Scene& browser) { browser->first_saved = browser->save("first"); },
             [](Scene& browser) { browser->second_saved = browser->save("second"); }},
            [&](Scene const& browser, InterleavedRun const&) { check(*browser); });
        CHECK(report.complete);
        CHECK(report.schedules > 50);
    };
    race([](auto& accounts, auto& session,
            auto& user) { return accounts.change_password(session, user, "new"); },
         [](Browser& browser) { check_moved(browser, browser.ann); });
    // In Django's two steps another request may come in between.
    race(
        [](auto& accounts, auto& session, auto& user) {
            auto const is_done = accounts.set_password(user, "new");
            accounts.update_session_auth_hash(session, user);
            return is_done;
        },
        [&](Browser& browser) {
            ended += browser.raised ? 0 : 1;
            if (browser.raised)
                check_moved(browser, browser.ann);
        });
    CHECK(ended > 0);
}

TEST_CASE("R6 R17 T-rotate-race: of two log-ins on one session none has the other's user or level")
{
    struct Case {
        bool is_logged_in;
        bool is_another_user;
    };
    for (auto const& [is_logged_in, is_another_user] :
         {Case{false, false}, Case{false, true}, Case{true, false}, Case{true, true}}) {
        CAPTURE(is_logged_in, is_another_user);
        auto const other = [another = is_another_user](Scene const& browser) -> auth::User const& {
            return another ? browser->bob : browser->ann;
        };
        auto const report = for_each_interleaving(
            [logged_in = is_logged_in] { return std::make_unique<Browser>(logged_in); },
            {[](Scene& browser) { browser->raised = browser->log_in(browser->ann, {.level = Aal::aal2}); },
             [&](Scene& browser) { browser->other = browser->log_in(other(browser)); }},
            [&](Scene const& browser, InterleavedRun const&) {
                require(!browser->sessions.storage().load(*browser->old, browser->clock()),
                        "The old key opens a session.");
                require(browser->raised || browser->other, "Nobody was let in.");
                for (auto const& key : {browser->raised, browser->other}) {
                    if (!key)
                        continue;
                    auto const is_raised = key == browser->raised;
                    WatchedSession session{browser->sessions, key};
                    auto const user = browser->accounts.get_user(session);
                    if (!user) // ended by the log-in of somebody else on the same device
                        continue;
                    auto const& expected = is_raised ? browser->ann : other(browser);
                    require(user->id == expected.id && session.get("ring", "") == expected.username,
                            "A key opens another log-in than its own.");
                    require(is_raised || !auth::require_level(session, Aal::aal2),
                            "A log-in has the level of another one.");
                }
            });
        CHECK(report.complete);
        CHECK(report.schedules > 5);
    }
}

TEST_CASE("R18: in any order of log-ins no more sessions than the limit says are alive, at any time")
{
    auth::MemoryRevocation memory;
    TemporaryFolder const folder;
    auth::SqliteRevocation sqlite{folder.path("db.sqlite3")};
    sqlite.migrate();
    for (auto const at_limit : {auth::AtLimit::evict_least_recently_used, auth::AtLimit::deny}) {
        CHECK(race_of_log_ins(memory, at_limit) > 5);
        CHECK(race_of_log_ins(sqlite, at_limit) > 5);
        LooksThenAdds wrong;
        CHECK_THROWS_AS(race_of_log_ins(wrong, at_limit), cr::testing::LawBroken);
    }
}
