// SPDX-License-Identifier: MIT
#include <cloakroom/http/vary.hpp>

#include "support/catch.hpp"
#include "support/vectors.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace cr = cloakroom;
using cr::http::patch_vary;

TEST_CASE("Vary is patched as Django patches it (S-360)")
{
    auto const& cases = vectors({"vary", "cases"}).as<cr::Array>();
    REQUIRE(!cases.empty());
    for (auto const& entry : cases) {
        auto const& fields = *entry.get_if<cr::Dict>();
        auto const before = fields.at("before").is_null() ? "" : fields.at("before").as<std::string>();
        std::vector<std::string> const names = fields.at("add").as<std::vector<std::string>>();
        std::vector<std::string_view> const added{names.begin(), names.end()};
        INFO("before: '" << before << "', names added: " << added.size());
        CHECK(patch_vary(before, added) == fields.at("after").as<std::string>());
    }
}

TEST_CASE("a name is added to Vary once, whatever its case")
{
    CHECK(patch_vary("") == "Cookie");
    CHECK(patch_vary("Accept") == "Accept, Cookie");
    CHECK(patch_vary("Accept,COOKIE") == "Accept, COOKIE");
    std::vector<std::string_view> const twice{"Cookie", "cookie"};
    CHECK(patch_vary("", twice) == "Cookie");
}

TEST_CASE("a name that only contains another one is another name")
{
    CHECK(patch_vary("X-Cookie") == "X-Cookie, Cookie");
    CHECK(patch_vary("Cookie2") == "Cookie2, Cookie");
    CHECK(patch_vary("**") == "**, Cookie");
}
