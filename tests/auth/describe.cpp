// SPDX-License-Identifier: MIT
#include <cloakroom/auth/describe.hpp>

#include <cloakroom/auth/memory_revocation.hpp>
#include <cloakroom/auth/memory_users.hpp>
#include <cloakroom/auth/revocation.hpp>
#include <cloakroom/http/describe.hpp>

#include "auth/site.hpp"
#include "support/catch.hpp"

#include <chrono>
#include <string>
#include <string_view>

using namespace auth_tests;

namespace {

/// The page's last section.
template <class Session, class Revocation>
std::string log_ins(Revocation& revocation, auth::AuthSettings const& settings = {})
{
    Site<Session> site;
    auth::Backend const accounts{site.sessions, site.users, revocation, "swordfish", settings};
    auto const page = cr::describe(accounts);
    CHECK(page.find("swordfish") == std::string::npos);
    return page.substr(page.find("Log-ins"));
}

auto contains(std::string const& text)
{
    return catch_::ContainsSubstring(text);
}

} // namespace

TEST_CASE("R19: describe tells the limits of log-ins after those of sessions")
{
    Site<OnServer> site{{.max_sessions = 5, .seen_interval = 90s}};
    auto const sessions = cr::describe(site.sessions);
    auto const page = cr::describe(site.accounts);
    CHECK(page.starts_with(sessions));
    CHECK(page.substr(sessions.size()) ==
          "\n"
          "Log-ins\n"
          "  users        auth::MemoryUsers\n"
          "  revocation   auth::MemoryRevocation\n"
          "  end          with a log-out, one by one, all others or all of a user, or of all users\n"
          "  at most      5 sessions of a user: one more ends the one used least recently\n"
          "  seen         noted once in 90 seconds\n"
          "  key          new with each log-in, but for who is logged in already at that level\n");
}

TEST_CASE("R19: describe tells what each setting and each revocation changes")
{
    auth::MemoryRevocation list;
    CHECK_THAT((log_ins<OnServer>(list, {.max_sessions = 1, .at_limit = auth::AtLimit::deny})),
               contains("at most      1 session of a user: one more is refused\n"));
    CHECK_THAT(log_ins<OnServer>(list), contains("at most      no limit: "));
    CHECK_THAT((log_ins<OnServer>(list, {.seen_interval = cr::Duration::zero()})),
               contains("seen         noted with each request\n"));
    CHECK_THAT((log_ins<OnServer>(list, {.cycle_key_at_each_login = true})),
               contains("key          new with each log-in\n"));

    auto const without_list = log_ins<OnServer>(list, {.list_devices = false});
    CHECK_THAT(without_list,
               contains("end          with a log-out, all of a user at once, or of all users\n"));
    CHECK_THAT(without_list, !contains("seen"));
    CHECK_THAT(log_ins<OnServer>(auth::no_revocation),
               contains("revocation   auth::NoRevocation\n"
                        "  end          with a log-out, or all of a user with a new password: nothing else"));

    CHECK_THAT((log_ins<InBrowser>(list, {.list_devices = false})), contains("also with a log-out"));
    CHECK_THAT(log_ins<InBrowser>(auth::accept_replay), contains("a log-out ends no copy of the cookie\n"));
    CHECK_THAT(log_ins<InBrowser>(list), !contains("key "));
}

TEST_CASE("R12 R19: describe tells whether a copy of a cookie can be ended")
{
    Site<InBrowser> site;
    auth::Backend const replayed{site.sessions, site.users, auth::accept_replay, "key"};
    CHECK_THAT(cr::describe(site.sessions), contains("14 days old: nothing ends it before that\n"));
    CHECK_THAT(cr::describe(replayed), contains("14 days old: nothing ends it before that\n"));
    CHECK_THAT(cr::describe(site.accounts),
               contains("14 days old, but a log-in in it can be ended before that\n"));
}
