// SPDX-License-Identifier: MIT
#include <cloakroom/http/middleware.hpp>
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/checked.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/unsigned.hpp>
#include <cloakroom/storage/memory.hpp>

#include "support/catch.hpp"

#include <chrono>
#include <string>

// Settings that are wrong are in tests/compile_fail/checked_*.cpp: they do not compile.

namespace cr = cloakroom;
using namespace std::chrono_literals;

namespace {

using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;

constexpr auto embedded = cr::checked({.cookie_name = "__Secure-sid",
                                       .cookie_age = 1h,
                                       .cookie_domain = "example.com",
                                       .cookie_path = "/shop",
                                       .cookie_secure = true,
                                       .cookie_samesite = cr::SameSite::none,
                                       .cookie_partitioned = true});
static_assert(embedded.cookie_name == "__Secure-sid" && embedded.cookie_age == 1h &&
              embedded.cookie_path == "/shop" && embedded.cookie_samesite == cr::SameSite::none);
static_assert(cr::checked({}).cookie_name == "sessionid");
// No browser keeps the cookie that long if it is to forget it when it is closed.
static_assert(cr::checked({.cookie_age = std::chrono::days{500}, .expire_at_browser_close = true})
                  .cookie_age == std::chrono::days{500});
static_assert(cr::first_problem(cr::strict_settings) == cr::SettingsProblem::none);

// R20, R21: of this host alone, over HTTPS alone, for all paths, for no script.
static_assert(cr::strict_settings.cookie_name.view().starts_with("__Host-") &&
              cr::strict_settings.cookie_secure && cr::strict_settings.cookie_httponly &&
              cr::strict_settings.cookie_path == "/" && cr::strict_settings.cookie_domain.empty() &&
              cr::strict_settings.cookie_samesite == cr::SameSite::lax);
// R8, R24: an end that browsers keep to.
static_assert(cr::strict_settings.cookie_age == 30min && cr::strict_settings.expire_at_browser_close &&
              !cr::strict_settings.save_every_request && cr::strict_settings.renewal_threshold == 1min);
// R9
static_assert(cr::strict_settings.absolute_age == 12h);

} // namespace

TEST_CASE("checked settings are a backend's settings")
{
    Session::Backend const backend{cr::storage::Memory{}, {}, {}, cr::checked({.cookie_name = "sid"})};
    CHECK(backend.settings().cookie_name == "sid");
}

TEST_CASE(
    "the strict settings give a cookie that only this host gets, over HTTPS, until the browser is closed")
{
    Session::Backend backend{cr::storage::Memory{}, {}, {}, cr::strict_settings};
    cr::http::Middleware<Session> const middleware{backend};
    auto session = middleware.open("");
    session["visit"] = 1;
    auto const& headers = middleware.close(session, 200).headers;
    REQUIRE(headers.size() == 3);
    CHECK(headers[0].value == "__Host-id=" + std::string{session.session_key()->reveal()} +
                                  "; HttpOnly; Path=/; SameSite=Lax; Secure");
}

TEST_CASE("R8 R9 R24: the strict settings end a session half an hour after it was last used, or twelve hours "
          "after it "
          "began")
{
    auto now = cr::TimePoint{std::chrono::seconds{1'780'000'000}};
    Session::Backend backend{cr::storage::Memory{}, {}, {}, cr::strict_settings};
    backend.clock([&now] { return now; });
    cr::http::Middleware<Session> const middleware{backend};
    std::string cookie;
    {
        auto session = middleware.open("");
        session["visit"] = 1;
        middleware.close(session, 200);
        cookie = "__Host-id=" + std::string{session.session_key()->reveal()};
    }
    auto const visits = [&] {
        auto session = middleware.open(cookie);
        auto const count = session.get("visit", 0);
        middleware.close(session, 200);
        return count;
    };
    auto const start = now;
    for (int i = 0; i < 35; ++i) {
        now += 20min; // reading is use
        CHECK(visits() == 1);
        auto session = middleware.open(cookie);
        CHECK(middleware.close(session, 200).headers.empty());
    }
    now = start + 12h - 1s;
    CHECK(visits() == 1);
    now = start + 12h;
    CHECK(visits() == 0);

    auto session = middleware.open("");
    session["visit"] = 2;
    middleware.close(session, 200);
    cookie = "__Host-id=" + std::string{session.session_key()->reveal()};
    now += 28min;
    CHECK(visits() == 2);
    now += 30min;
    CHECK(visits() == 0);
}

TEST_CASE("under the strict settings no response that anything of a session went into is for everybody (R26)")
{
    Session::Backend backend{cr::storage::Memory{}, {}, {}, cr::strict_settings};
    cr::http::Middleware<Session> const middleware{backend};
    Session known{backend};
    known["visit"] = 1;
    known.save();
    auto const cookie = "__Host-id=" + std::string{known.session_key()->reveal()};
    using Request = cr::http::Middleware<Session>::Request;
    auto const has_vary = [&](std::string const& header, auto use) {
        auto session = middleware.open(header);
        use(session);
        for (auto const& [name, value] : middleware.close(session, 200).headers)
            if (name == "Vary" && value == "Cookie")
                return true;
        return false;
    };
    auto const nothing = [](Request&) {};
    CHECK_FALSE(has_vary("", nothing)); // everybody's
    for (auto const& header :
         {std::string{}, cookie, std::string{"__Host-id=unknownunknownunknownunknown0000"}}) {
        INFO(header);
        CHECK(has_vary(header, [](Request& session) { (void)session.get("visit", 0); }));
        CHECK(has_vary(header, [](Request& session) { (void)session.contains("visit"); }));
        CHECK(has_vary(header, [](Request& session) { (void)session.keys(); }));
        CHECK(has_vary(header, [](Request& session) { session.setdefault("other", 1); }));
    }
    CHECK_FALSE(has_vary(cookie, nothing));
    CHECK_FALSE(has_vary("__Host-id=unknownunknownunknownunknown0000", nothing));
    CHECK(has_vary(cookie, [](Request& session) { session.flush(); }));
}

TEST_CASE("the strict settings can be amended, and what is then wrong is found when the program runs")
{
    auto settings = cr::strict_settings;
    settings.cookie_age = 1h;
    CHECK(cr::settings_problem(settings).empty());
    settings.cookie_path = "/shop";
    CHECK_THROWS_AS((Session::Backend{cr::storage::Memory{}, {}, {}, settings}), cr::ImproperlyConfigured);
}

TEST_CASE("a name with the prefix __Http- is for cookies that no script reads")
{
    CHECK(cr::settings_problem({.cookie_name = "__Http-sid", .cookie_secure = true}).empty());
    CHECK(cr::settings_problem({.cookie_name = "__Host-Http-sid", .cookie_secure = true}).empty());
    CHECK_THAT(std::string{cr::settings_problem({.cookie_name = "__Http-sid"})},
               catch_::StartsWith("cookie_name: a __Http- "));
    for (auto const* const name : {"__Http-sid", "__Host-Http-sid"})
        CHECK_THAT(std::string{cr::settings_problem(
                       {.cookie_name = name, .cookie_httponly = false, .cookie_secure = true})},
                   catch_::StartsWith("cookie_name: a __Http- "));
}
