// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <cloakroom/core/conversion.hpp>

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cr = cloakroom;
using cr::Value;

static_assert(std::is_convertible_v<int, Value>);
static_assert(!std::is_constructible_v<Value, int*>, "a pointer must not become true");
static_assert(!std::is_constructible_v<Value, char>, "a character is neither a number nor a text");
static_assert(std::is_convertible_v<char const*, Value>);
static_assert(std::is_nothrow_move_constructible_v<Value>);

template <class V>
concept GivesView = requires(V&& value) { std::forward<V>(value).template as<std::string_view>(); };
static_assert(GivesView<Value const&> && !GivesView<Value>, "no view into a value that is about to go");

TEST_CASE("an integer is held in one way, whatever type it came from")
{
    CHECK(Value{1} == Value{1U});
    CHECK(Value{1} == Value{std::uint64_t{1}});
    CHECK(Value{*cr::BigInteger::parse("0001")} == Value{1});
    CHECK(Value{*cr::BigInteger::parse("18446744073709551615")} ==
          Value{std::numeric_limits<std::uint64_t>::max()});
    CHECK_FALSE(Value{1} == Value{1.0});
    CHECK_FALSE(Value{1} == Value{true});
}

TEST_CASE("as<T> gives integers that fit, doubles from integers, and nothing else")
{
    CHECK(Value{300}.as<int>() == 300);
    CHECK(Value{300}.as<double>() == 300.0);
    CHECK(Value{1.5}.as<float>() == 1.5F);
    CHECK(Value{-3e38}.as<float>() == -3e38F);
    CHECK_THROWS_WITH(Value{-1e300}.as<float>(), "number out of range of the type wanted");
    CHECK(Value{std::numeric_limits<double>::infinity()}.as<float>() ==
          std::numeric_limits<float>::infinity());
    CHECK_THROWS_WITH(Value{300}.as<std::uint8_t>(), "integer out of range of the type wanted");
    CHECK_THROWS_AS(Value{-1}.as<unsigned>(), cr::TypeError);
    CHECK_THROWS_WITH(Value{1.0}.as<int>(), "number where an integer is wanted");
    CHECK_THROWS_WITH(Value{1}.as<bool>(), "integer where a boolean is wanted");
    CHECK_THROWS_WITH(Value{}.as<std::string>(), "null where a string is wanted");
    CHECK(Value{std::numeric_limits<std::uint64_t>::max()}.as<std::uint64_t>() ==
          std::numeric_limits<std::uint64_t>::max());
}

TEST_CASE("a large integer is a double where one can hold it")
{
    CHECK(Value{*cr::BigInteger::parse("1" + std::string(30, '0'))}.as<double>() == 1e30);
    CHECK(Value{*cr::BigInteger::parse("-36893488147419103232")}.as<float>() == -0x1p65F);
    try {
        (void)Value{*cr::BigInteger::parse("1" + std::string(400, '0'))}.as<double>(cr::Where{"sum"});
        FAIL("read");
    } catch (cr::TypeError const& error) {
        CHECK(error.what() == std::string{"sum: integer out of range of the type wanted"});
    }
}

TEST_CASE("containers convert in both directions")
{
    std::map<std::string, std::vector<int>> const map{{"a", {1, 2}}, {"b", {}}};
    Value const value{map};
    CHECK(value == Value{cr::Dict{{"a", cr::Array{1, 2}}, {"b", cr::Array{}}}});
    CHECK((value.as<std::map<std::string, std::vector<int>>>() == map));
    CHECK(Value{std::optional<int>{}}.is_null());
    CHECK(Value{7}.as<std::optional<int>>() == 7);
    CHECK(Value{}.as<std::optional<int>>() == std::nullopt);
}

TEST_CASE("a wrong type deep inside names its path")
{
    Value const cart{cr::Dict{{"items", cr::Array{1, 2, "three"}}}};
    CHECK_THROWS_WITH((cart.as<std::map<std::string, std::vector<int>>>(cr::Where{"cart"})),
                      "cart.items[2]: string where an integer is wanted");
}

TEST_CASE("strings are WTF-8: lone surrogates may stand, other bytes and split pairs may not")
{
    CHECK(Value{"h\xC3\xA9llo \xF0\x9F\x98\x80"}.is_string());
    CHECK(Value{"\xED\xA0\x80"}.is_string());                          // U+D800
    CHECK(Value{"\xED\xB8\x80\xED\xA0\xBD"}.is_string());              // low before high is no pair
    CHECK_THROWS_AS(Value{"\xED\xA0\xBD\xED\xB8\x80"}, cr::TypeError); // a pair in two halves
    CHECK_THROWS_AS(Value{"\xFF"}, cr::TypeError);
    CHECK_THROWS_AS(Value{"\xC0\x80"}, cr::TypeError);         // overlong
    CHECK_THROWS_AS(Value{"\xE2\x82"}, cr::TypeError);         // cut off
    CHECK_THROWS_AS(Value{"\xF4\x90\x80\x80"}, cr::TypeError); // past U+10FFFF
    CHECK_THROWS_AS(Value{"12345678\xFF"}, cr::TypeError);     // behind a whole word of ASCII
}

TEST_CASE("appending joins a surrogate pair that meets at the seam")
{
    std::string text{"x\xED\xA0\xBD"};
    cr::append_wtf8(text, "\xED\xB8\x80y");
    CHECK(text == "x\xF0\x9F\x98\x80y");
    text = "plain";
    cr::append_wtf8(text, " text");
    CHECK(text == "plain text");
}

TEST_CASE("big integers are digits in their shortest form, or nothing")
{
    CHECK(cr::BigInteger::parse("-000123")->digits() == "-123");
    CHECK(cr::BigInteger::parse("-0")->digits() == "0");
    CHECK(cr::BigInteger::parse("000")->digits() == "0");
    for (auto const* text : {"", "-", "1-", "+1", "1.0", " 1", "0x1"}) {
        INFO(text);
        CHECK_FALSE(cr::BigInteger::parse(text).has_value());
    }
}
