// SPDX-License-Identifier: MIT
#include <cloakroom/core/fork.hpp>

#include "support/catch.hpp"
#include "support/in_child.hpp"

namespace cr = cloakroom;

TEST_CASE("a child sees that it is one, and its parent sees nothing")
{
    auto const before = cr::fork_count();
    CHECK(in_child([&] { return cr::fork_count() == before + 1 ? 0 : 1; }) == 0);
    CHECK(in_child([&] { return in_child([&] { return cr::fork_count() == before + 2 ? 0 : 1; }); }) == 0);
    CHECK(cr::fork_count() == before);
}

TEST_CASE("an action runs before every fork while its object lives")
{
    int first = 0;
    int second = 0;
    cr::BeforeFork const action{[&] { ++first; }};
    {
        cr::BeforeFork const other{[&] { ++second; }};
        CHECK(in_child([&] { return first * 10 + second; }) == 11);
        CHECK(in_child([&] { return first * 10 + second; }) == 22);
    }
    CHECK(in_child([&] { return first * 10 + second; }) == 32);
    CHECK(first == 3);
    CHECK(second == 2);
}
