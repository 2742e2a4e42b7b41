// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/django_operations.hpp"

#include <cloakroom/http/middleware.hpp>
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/storage/signed_cookie.hpp>
#include <cloakroom/testing/manual_clock.hpp>

#include <optional>
#include <random>
#include <string>

// The middleware over sessions that the browser keeps.

namespace cr = cloakroom;
using namespace std::chrono_literals;

namespace {

using Session = cr::Session<cr::storage::SignedCookie, cr::serializer::Json, cr::signer::Hmac>;
using Middleware = cr::http::Middleware<Session>;

struct Site {
    explicit Site(cr::Settings const& settings = {})
        : backend{cr::storage::SignedCookie{},
                  {},
                  cr::signer::Hmac{vectors({"meta", "secret_key"}).as<std::string>()},
                  settings}
    {
        backend.clock(clock);
    }

    cr::testing::ManualClock clock{vectors_clock};
    Session::Backend backend;
    Middleware middleware{backend};
};

cr::Settings settings_of(cr::Dict const& given)
{
    cr::Settings settings;
    for (auto const& [name, value] : given)
        if (name == "SESSION_EXPIRE_AT_BROWSER_CLOSE")
            settings.expire_at_browser_close = value.as<bool>();
        else if (name == "SESSION_SAVE_EVERY_REQUEST")
            settings.save_every_request = value.as<bool>();
        else
            FAIL("unknown setting " << name);
    return settings;
}

/// Django's pop forgets that loading found a cookie which has to be replaced (S-032); ours replaces it.
bool is_different_on_purpose(cr::Dict const& fields)
{
    auto const cookie = fields.at("cookie").as<std::string>();
    return (cookie == "corrupt" || cookie == "expired" || cookie == "unknown") &&
           !fields.contains("settings") && fields.at("view") == cr::Value{"delete_last_item"} &&
           fields.at("status") == cr::Value{200};
}

std::string noise(std::size_t size)
{
    std::mt19937 random{1};
    std::string text;
    while (text.size() < size)
        text += static_cast<char>('a' + random() % 26);
    return text;
}

} // namespace

TEST_CASE(
    "the middleware answers as Django's does over signed cookies: all headers, to the byte (S-300 to S-327)")
{
    int count = 0;
    int replaced = 0;
    for (auto const& entry : vectors({"middleware", "signed_cookies"}).as<cr::Array>()) {
        auto const& fields = *entry.get_if<cr::Dict>();
        INFO(cr::serializer::Json::dump_value(entry));
        Site site{
            settings_of(fields.contains("settings") ? fields.at("settings").as<cr::Dict>() : cr::Dict{})};
        auto const& cookie = fields.at("cookie_value");
        auto session =
            site.middleware.open(cookie.is_null() ? "other=1" : "sessionid=" + cookie.as<std::string>());
        KeyNames names;
        for (auto const& operation : views.at(text_at(entry, "view")))
            apply_django_operation(session, operation, names);
        auto const status = fields.at("status").as<int>();
        auto const outcome = site.middleware.close(session, status);
        CHECK(site.middleware.close(session, status) == outcome);
        CHECK(outcome.status == status);

        cr::Array set_cookie;
        cr::Value vary;
        for (auto const& header : outcome.headers)
            if (header.name == "Set-Cookie")
                set_cookie.push_back(header.value);
            else
                vary = header.value;
        CHECK(vary == fields.at("vary"));
        if (is_different_on_purpose(fields)) {
            REQUIRE(set_cookie.size() == 1);
            CHECK(set_cookie[0].as<std::string>().starts_with("sessionid=e30:"));
            ++replaced;
            continue;
        }
        CHECK(cr::Value{set_cookie} == fields.at("set_cookie"));
        if (status < 500)
            CHECK(cr::Value{cr::Dict{{"accessed", session.accessed()},
                                     {"modified", session.modified()},
                                     {"key", session.session_key()
                                                 ? cr::Value{std::string{session.session_key()->reveal()}}
                                                 : cr::Value{}},
                                     {"is_empty", session.is_empty()}}} == fields.at("after"));
        ++count;
    }
    CHECK(count > 200);
    CHECK(replaced == 3);
}

TEST_CASE(
    "a bad cookie is replaced by a signed empty session, whatever the handler asked for (S-252, not S-032)")
{
    Site site;
    auto session = site.middleware.open("sessionid=garbagegarbage");
    CHECK(session.pop("a", 0) == 0);
    CHECK(session.modified());
    auto const outcome = site.middleware.close(session, 200);
    REQUIRE(outcome.headers.size() == 2);
    auto const& line = outcome.headers[0].value;
    CHECK(line.starts_with("sessionid=e30:"));
    auto next = site.middleware.open(line.substr(0, line.find(';')));
    CHECK(next.items().empty());
    CHECK_FALSE(next.modified());
}

TEST_CASE("a session too large for a cookie is a SizeError before anything is said, and the answer to 500 "
          "then (not S-260)")
{
    Site site;
    Session stored{site.backend};
    stored["a"] = 1;
    stored.save();
    auto const cookie = "sessionid=" + std::string{stored.session_key()->reveal()};
    auto session = site.middleware.open(cookie);
    session["essay"] = noise(5000);
    CHECK_THROWS_AS(site.middleware.close(session, 200), cr::SizeError);
    CHECK_THROWS_AS(site.middleware.close(session, 200), cr::SizeError); // not a half-made answer
    auto const outcome = site.middleware.close(session, 500);
    CHECK(outcome.status == 500);
    CHECK(outcome.headers == std::vector<cr::http::Header>{{"Vary", "Cookie"}});
    CHECK(site.middleware.open(cookie).get("a", 0) == 1); // what the browser still has
}

TEST_CASE(
    "a failed request gives no new ticket, after cycle_key either: the one that the browser has is as good")
{
    Site site;
    Session stored{site.backend};
    stored["a"] = 1;
    stored.save();
    auto session = site.middleware.open("sessionid=" + std::string{stored.session_key()->reveal()});
    session["a"] = 2;
    session.cycle_key();
    CHECK(site.middleware.close(session, 500).headers == std::vector<cr::http::Header>{{"Vary", "Cookie"}});
}

TEST_CASE("the largest ticket that browsers keep comes back through a Cookie header")
{
    Site site;
    auto session = site.middleware.open("");
    std::size_t length = 6000;
    for (auto fits = false; !fits; --length)
        try {
            session["essay"] = noise(length);
            session.save();
            fits = true;
        } catch (cr::SizeError const&) {
        }
    auto const size = session.session_key()->reveal().size() + std::string_view{"sessionid"}.size();
    CHECK(size <= 4096);
    CHECK(size > 4090);
    auto const& line = site.middleware.close(session, 200).headers[0].value;
    auto next = site.middleware.open("a=1; " + line.substr(0, line.find(';')) + "; b=2");
    CHECK(next["essay"].as<std::string>().size() == length + 1);
}
