// SPDX-License-Identifier: MIT
#include <cloakroom/http/cookie_parser.hpp>
#include <cloakroom/http/set_cookie.hpp>

#include "support/catch.hpp"
#include "support/vectors.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cr = cloakroom;
using cr::http::find_cookie;
using cr::http::parse_cookies;
using namespace std::string_literals;

namespace {

std::string value_of(std::string_view header, std::string_view name)
{
    auto const found = find_cookie(header, name);
    return found ? std::string{found.value()} : "(absent)";
}

std::string repeated(std::string_view unit, std::size_t size)
{
    std::string text;
    while (text.size() < size)
        text += unit;
    return text;
}

} // namespace

TEST_CASE("Cookie headers are read as Django reads them, whole or for one name (S-348)")
{
    auto const& cases = vectors({"cookies", "parse"}).as<cr::Array>();
    REQUIRE(!cases.empty());
    for (auto const& entry : cases) {
        auto const& pair = *entry.get_if<cr::Array>();
        auto const header = pair.at(0).as<std::string>();
        INFO("header: " << header);
        std::vector<std::pair<std::string, std::string>> expected;
        for (auto const& [name, value] : *pair.at(1).get_if<cr::Dict>()) {
            expected.emplace_back(name, value.as<std::string>());
            CHECK(value_of(header, name) == expected.back().second);
        }
        CHECK(parse_cookies(header) == expected);
        CHECK_FALSE(find_cookie(header, "another"));
    }
}

TEST_CASE("a name is found exactly as it is, and never inside of something else")
{
    struct Case {
        std::string header;
        std::string value;
        std::size_t count;
    };
    std::vector<Case> const cases{
        {"sid=1", "1", 1},
        {"sid", "(absent)", 0},
        {"sid=", "", 1},
        {"sid = 1", "1", 1},
        {"SID=1", "(absent)", 0},
        {"xsid=1", "(absent)", 0},
        {"sidx=1", "(absent)", 0},
        {"a=sid=1", "(absent)", 0},
        {"a=b sid=1", "(absent)", 0},
        {"a=\"b; sid=1\"", "1\"", 1}, // a quote does not protect a semicolon
        {"sid=1, sid=2", "1, sid=2", 1},
        {"$Version=1; sid=1; $Path=/", "1", 1},
        {"$sid=1", "(absent)", 0},
        {"s%69d=1", "(absent)", 0},
        {"sid=%31", "%31", 1},
        {"sid[]=1", "(absent)", 0},
        {"sid.=1", "(absent)", 0},
        {"s\0id=1"s, "(absent)", 0},
        {"\0sid=1"s, "(absent)", 0},
        {"sid=\0"s, "\0"s, 1},
        {"sid=a\0b; x"s, "a\0b"s, 1},
        {"sid=1; sid=2; sid=3", "3", 3},
        {"sid=1; sid=", "", 2},
        {"sid=\"1\"", "1", 1},
        {"sid=\"\"", "", 1},
        {"sid='1'", "'1'", 1},
        {"sid=a\"b\"", "a\"b\"", 1},
        {"sid=\"a\\\\b\\q\"", "a\\bq", 1},
        {"sid=\"a\\\"", "a\\", 1},
        {"sid=\"\\400\\08x\\377\"", "40008x\xc3\xbf", 1},
        {"sid=\"\\101\\0\"", "A0", 1},
        {"sid=a\\101", "a\\101", 1},
        {"\x1c\x0b sid\x1f=\x0c\r\n1\x1d;", "1", 1},
        {";;; ; sid=1;;", "1", 1},
        {"=sid=1", "(absent)", 0},
        {"\xff\xfe; sid=\xff", "\xff", 1},
    };
    for (auto const& [header, value, count] : cases) {
        INFO("header: " << header);
        CHECK(value_of(header, "sid") == value);
        CHECK(find_cookie(header, "sid").count() == count);
    }
}

TEST_CASE("a plain cookie never passes for a prefixed one")
{
    std::string_view const name = "__Host-sid";
    CHECK(value_of("__Host-sid=good", name) == "good");
    for (auto const* const header :
         {"__host-sid=evil", "..Host-sid=evil", "__%48ost-sid=evil", "\xc2\xa0__Host-sid=evil",
          "\xa0__Host-sid=evil", "\x85__Host-sid=evil", "\xe2\x80\x82__Host-sid=evil", "=__Host-sid=evil",
          "__Host-sid\xc2\xa0=evil"})
        CHECK_FALSE(find_cookie(header, name));
}

TEST_CASE("several Cookie headers count as one, in any kind of range (S-349)")
{
    std::array<std::string_view, 3> const views{"a=1; sid=first", "b=2", "sid=second"};
    CHECK(find_cookie(views, "sid").value() == "second");
    CHECK(find_cookie(views, "sid").count() == 2);
    std::vector<std::string> const strings{"sid=1", ""};
    CHECK(find_cookie(strings, "sid").value() == "1");
    std::vector<std::string_view> const none;
    CHECK_FALSE(find_cookie(none, "sid"));
    static_assert(!cr::http::CookieHeaders<int>);
    static_assert(!cr::http::CookieHeaders<std::string>);
}

TEST_CASE("a value stays what it is when what was found is moved")
{
    std::string const header = R"(sid="a\"b")";
    auto found = find_cookie(header, "sid");
    auto const moved = std::move(found);
    CHECK(moved.value() == "a\"b");
}

TEST_CASE("a value of up to 8 KiB is given, a longer one is only counted")
{
    auto const fitting = "sid=" + std::string(cr::http::max_cookie_value_size, 'x');
    CHECK_FALSE(find_cookie(fitting, "sid").oversize());
    CHECK(find_cookie(fitting, "sid").value().size() == cr::http::max_cookie_value_size);

    auto const large = find_cookie(fitting + 'x', "sid");
    CHECK(large.oversize());
    CHECK(large.count() == 1);
    CHECK(large.value().empty());

    auto const escapes = "sid=\"" + repeated("\\", 1 << 20) + '"';
    CHECK(find_cookie(escapes, "sid").oversize());
    auto const later = escapes + "; sid=1";
    CHECK_FALSE(find_cookie(later, "sid").oversize());
    CHECK(find_cookie(later, "sid").value() == "1");
}

TEST_CASE("hostile headers of a megabyte are read to their end")
{
    // A scan that were not linear would not come to an end here; how long it takes is in
    // benchmarks/cookies.cpp.
    for (auto const* const unit : {"a=;", ";", " ", "=", "s", "sid", "sid ", "sid=;", "sid =\"\\\";",
                                   "sid\t \t=\t", "\"", "\\", "sid=\"\\377\";", "a=1; "}) {
        INFO("unit: " << unit);
        auto const header = repeated(unit, 1 << 20) + "; sid=last";
        auto const found = find_cookie(header, "sid");
        CHECK(found.value() == "last");
    }
}

TEST_CASE("tens of thousands of names are parsed, however they are chosen")
{
    std::string header;
    for (int i = 0; header.size() < (1 << 20); ++i)
        header += std::to_string(i) + ';' + std::to_string(i) + "=;";
    auto const cookies = parse_cookies(header);
    CHECK(cookies.size() > 50'000);
    CHECK(cookies.front() == std::pair{""s, std::to_string(cookies.size() - 2)});
}

TEST_CASE("looking for one name and reading the whole header agree on random bytes")
{
    std::mt19937 random{20260528};
    std::string_view const alphabet{"aAb=;=; \t\"\\01237\n\xc3\xa9\0,", 22};
    std::size_t found_cookies = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string header(random() % 24, ' ');
        for (auto& c : header)
            c = alphabet[random() % alphabet.size()];
        auto const cookies = parse_cookies(header);
        for (std::string_view const name : {"", "a", "A", "ab", "\xc3\xa9"}) {
            auto const cookie = std::find_if(cookies.begin(), cookies.end(),
                                             [&](auto const& entry) { return entry.first == name; });
            auto const found = find_cookie(header, name);
            REQUIRE(static_cast<bool>(found) == (cookie != cookies.end()));
            if (found) {
                REQUIRE(found.value() == cookie->second);
                ++found_cookies;
            }
        }
    }
    CHECK(found_cookies > 10'000);
}

TEST_CASE("what Set-Cookie quotes comes back unquoted")
{
    for (auto const* const value :
         {"plain", "", "with space", "a;b,c", "\"", "\\", "caf\xc3\xa9", "\xe6\x97\xa5", "\\073"}) {
        cr::http::SetCookie const cookie{.name = "sid", .value = value, .path = ""};
        CHECK(value_of(cookie.header_value(cr::TimePoint{}), "sid") == value);
    }
}
