// SPDX-License-Identifier: MIT
#include <cloakroom/core/cookie_token.hpp>

#include "support/catch.hpp"

#include <string>

namespace cr = cloakroom;

static_assert(cr::is_cookie_name("sessionid"));
static_assert(!cr::is_cookie_name("session id"));

TEST_CASE("a cookie's name is made of tokens and is no attribute (S-347)")
{
    for (auto const* const name : {"sessionid", "__Host-sid", "a", "paths", "!#$%&'*+-.^_`|~:"})
        CHECK(cr::is_cookie_name(name));
    for (auto const* const name :
         {"", " ", "bad name", "a;b", "a=b", "a,b", "a\"", "a\\", "caf\xc3\xa9", "tab\t", "path", "Path",
          "EXPIRES", "max-age", "SameSite", "partitioned", "version"})
        CHECK_FALSE(cr::is_cookie_name(name));
    CHECK_FALSE(cr::is_cookie_name(std::string("nul\0", 4)));
}

TEST_CASE("only ASCII letters are compared without their case")
{
    CHECK(cr::equal_ignoring_case("SameSite", "sAMEsITE"));
    CHECK_FALSE(cr::equal_ignoring_case("a", "ab"));
    CHECK_FALSE(cr::equal_ignoring_case("[", "{"));
    CHECK_FALSE(cr::equal_ignoring_case("\xc3\x89", "\xc3\xa9"));
}
