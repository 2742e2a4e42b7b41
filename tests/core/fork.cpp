// SPDX-License-Identifier: MIT
#include <cloakroom/core/fork.hpp>

#include "support/catch.hpp"

#include <sys/wait.h>
#include <unistd.h>

namespace cr = cloakroom;

namespace {

/// What `answer` gives in a child process.
template <class Answer>
int in_child(Answer answer)
{
    auto const child = fork();
    REQUIRE(child >= 0);
    if (child == 0)
        _exit(answer());
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    return WEXITSTATUS(status);
}

} // namespace

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
