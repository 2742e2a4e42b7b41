// SPDX-License-Identifier: MIT
#include <cloakroom/http/set_cookie.hpp>

#include "support/catch.hpp"
#include "support/vectors.hpp"

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cr = cloakroom;
using cr::http::SetCookie;
using namespace std::chrono_literals;

namespace {

/// The vectors' clock: 1780000000.123456.
constexpr cr::TimePoint now{cr::Duration{1'780'000'000'123'456}};

/// The argument as text; false and null mean none of it.
std::string text_argument(cr::Dict const& arguments, std::string_view name, std::string_view fallback)
{
    auto const* const value = arguments.find(name);
    if (value == nullptr)
        return std::string{fallback};
    return value->is_string() ? value->as<std::string>() : std::string{};
}

bool flag_argument(cr::Dict const& arguments, std::string_view name)
{
    return arguments.contains(name) && arguments.at(name).as<bool>();
}

std::string header_from(cr::Dict const& arguments)
{
    auto const name = text_argument(arguments, "key", "");
    auto const value = text_argument(arguments, "value", "");
    auto const domain = text_argument(arguments, "domain", "");
    auto const path = text_argument(arguments, "path", "/");
    auto const same_site = text_argument(arguments, "samesite", "");
    SetCookie cookie{.name = name,
                     .value = value,
                     .domain = domain,
                     .path = path,
                     .http_only = flag_argument(arguments, "httponly"),
                     .secure = flag_argument(arguments, "secure"),
                     .same_site = same_site};
    if (auto const* const age = arguments.find("max_age"))
        cookie.max_age = cr::Duration{std::llround(
            (age->is_double() ? age->as<double>() : static_cast<double>(age->as<std::int64_t>())) * 1e6)};
    if (auto const* const expires = arguments.find("expires")) {
        REQUIRE(expires->as<std::string>() == "Thu, 01 Jan 2026 00:00:00 GMT");
        cookie.expires = cr::TimePoint{1'767'225'600s};
    }
    return cookie.header_value(now);
}

std::string message_of(SetCookie const& cookie)
{
    try {
        return "no error, but " + cookie.header_value(now);
    } catch (cr::ValueError const& error) {
        return error.what();
    }
}

} // namespace

TEST_CASE("Set-Cookie is Django's, and so is what it refuses (S-340 to S-343, S-346, S-347)")
{
    auto const& cases = vectors({"cookies", "set"}).as<cr::Array>();
    REQUIRE(!cases.empty());
    for (auto const& entry : cases) {
        auto const& fields = *entry.get_if<cr::Dict>();
        auto const& arguments = *fields.at("args").get_if<cr::Dict>();
        INFO("key: " << text_argument(arguments, "key", "")
                     << " value: " << text_argument(arguments, "value", ""));
        if (fields.contains("ok"))
            CHECK(header_from(arguments) == fields.at("ok").as<std::string>());
        else
            CHECK_THROWS_AS(header_from(arguments), cr::ValueError);
    }
}

TEST_CASE("a cookie is deleted as Django deletes it (S-345)")
{
    auto const& cases = vectors({"cookies", "delete"}).as<cr::Array>();
    REQUIRE(!cases.empty());
    for (auto const& entry : cases) {
        auto const& fields = *entry.get_if<cr::Dict>();
        auto const& arguments = *fields.at("args").get_if<cr::Dict>();
        auto const name = text_argument(fields, "key", "");
        auto const path = text_argument(arguments, "path", "/");
        auto const domain = text_argument(arguments, "domain", "");
        auto const same_site = text_argument(arguments, "samesite", "");
        CHECK(cr::http::deletion(name, path, domain, same_site).header_value(now) ==
              fields.at("line").as<std::string>());
    }
}

TEST_CASE("a partitioned cookie says so where Python 3.14 says it, and its deletion stays in the partition")
{
    SetCookie const cookie{
        .name = "k", .value = "v", .max_age = 1s, .secure = true, .same_site = "None", .partitioned = true};
    CHECK(
        cookie.header_value(now) ==
        "k=v; expires=Thu, 28 May 2026 20:26:41 GMT; Max-Age=1; Partitioned; Path=/; SameSite=None; Secure");
    CHECK(cr::http::deletion("k", "/", "", "Lax", true).header_value(now) ==
          "k=\"\"; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Partitioned; Path=/; SameSite=Lax; "
          "Secure");
}

TEST_CASE("an age is cut off towards zero, and its end of days is the last day that a date can hold (S-342)")
{
    SetCookie cookie{.name = "k", .value = "v", .path = ""};
    cookie.max_age = -500ms;
    CHECK(cookie.header_value(now) == "k=v; expires=Thu, 28 May 2026 20:26:39 GMT; Max-Age=0");
    cookie.max_age = cr::Duration::max();
    CHECK(cookie.header_value(now) == "k=v; expires=Fri, 31 Dec 9999 23:59:59 GMT; Max-Age=9223372036854");
    cookie.max_age = cr::Duration::min();
    CHECK(cookie.header_value(now) == "k=v; expires=Mon, 01 Jan 0001 00:00:00 GMT; Max-Age=-9223372036854");
    cookie.max_age.reset();
    cookie.expires = cr::TimePoint::max();
    CHECK(cookie.header_value(now) == "k=v; expires=Fri, 31 Dec 9999 23:59:59 GMT");
}

TEST_CASE("what would start another attribute or another header is refused in every text of a cookie")
{
    for (std::string const bad : {"a\r\nX: y", "a;b", "a\x7f", "a\n"}) {
        CHECK_THROWS_AS((SetCookie{.name = bad, .value = "v"}.header_value(now)), cr::ValueError);
        CHECK_THROWS_AS((SetCookie{.name = "k", .value = "v", .domain = bad}.header_value(now)),
                        cr::ValueError);
        CHECK_THROWS_AS((SetCookie{.name = "k", .value = "v", .path = bad}.header_value(now)),
                        cr::ValueError);
        CHECK_THROWS_AS((SetCookie{.name = "k", .value = "v", .same_site = bad}.header_value(now)),
                        cr::ValueError);
    }
    CHECK(
        SetCookie{.name = "k", .value = "v", .domain = "a", .path = "/a b", .same_site = "lax"}.header_value(
            now) == "k=v; Domain=a; Path=/a b; SameSite=lax");
}

TEST_CASE("a value that is not UTF-8 is refused")
{
    for (auto const* const bad : {"a \xff", "a \xc3", "a \xc0\xaf", "a \xed\xa0\x80", "a \xf4\x90\x80\x80"})
        CHECK_THROWS_AS((SetCookie{.name = "k", .value = bad}.header_value(now)), cr::ValueError);
    CHECK(SetCookie{.name = "k", .value = "\xc3\xbf \xc4\x80 \xf0\x9f\x8d\xaa", .path = ""}.header_value(
              now) == "k=\"\\377 \xc4\x80 \xf0\x9f\x8d\xaa\"");
}

TEST_CASE("errors of a cookie are sentences that do not repeat its value")
{
    CHECK(message_of({.name = "k", .value = "v", .same_site = "bogus"}) ==
          "samesite must be \"lax\", \"none\", or \"strict\".");
    CHECK(message_of({.name = "Path", .value = "v"}) ==
          "a cookie cannot be named like an attribute of cookies: Path");
    CHECK(message_of({.name = "k", .value = "top secret\n"}) ==
          "control characters are not allowed in a cookie's value");
    CHECK(message_of({.name = "k", .value = "top secret\xff"}) == "a cookie's value is not UTF-8");
}

TEST_CASE(
    "the removal of a prefixed cookie has what browsers insist on, in whatever case the prefix is written")
{
    for (auto const* const name : {"__Host-sid", "__host-sid", "__SECURE-sid", "__Secure-"}) {
        INFO(name);
        CHECK_THAT(cr::http::deletion(name).header_value(now),
                   catch_::EndsWith("GMT; Max-Age=0; Path=/; Secure"));
    }
    for (auto const* const name :
         {"__Http-sid", "__http-sid", "__HTTP-sid", "__Host-Http-sid", "__host-http-sid", "__HOST-HTTP-"}) {
        INFO(name);
        CHECK_THAT(cr::http::deletion(name).header_value(now),
                   catch_::EndsWith("GMT; HttpOnly; Max-Age=0; Path=/; Secure"));
    }
    for (auto const* const name : {"sid", "_Host-sid", "__Hostsid", "__Https-sid", "sid__Http-"}) {
        INFO(name);
        CHECK_THAT(cr::http::deletion(name).header_value(now), catch_::EndsWith("GMT; Max-Age=0; Path=/"));
    }
}

TEST_CASE("lines that are prepared once are those of cookies that are made one by one")
{
    SetCookie cookie{.name = "sid",
                     .value = "ignored",
                     .domain = "example.com",
                     .path = "/app",
                     .http_only = true,
                     .secure = true,
                     .same_site = "Lax",
                     .partitioned = true};
    cr::http::SetCookieLines const lines{cookie};
    for (auto const* const value : {"", "abc", "a b", "\xc3\xbf"})
        for (auto const age : {std::optional<cr::Duration>{}, std::optional<cr::Duration>{0s},
                               std::optional<cr::Duration>{90min}}) {
            cookie.value = value;
            cookie.max_age = age;
            CHECK(lines.header_value(value, age, now) == cookie.header_value(now));
        }
    CHECK(lines.header_value("v", {}, now) ==
          "sid=v; Domain=example.com; HttpOnly; Partitioned; Path=/app; SameSite=Lax; Secure");
    CHECK_THROWS_AS(lines.header_value("a\n", {}, now), cr::ValueError);
    CHECK_THROWS_AS(cr::http::SetCookieLines{SetCookie{.name = "a b"}}, cr::ValueError);
}
