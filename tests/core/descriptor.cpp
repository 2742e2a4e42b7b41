// SPDX-License-Identifier: MIT
#include <cloakroom/core/descriptor.hpp>

#include "support/catch.hpp"

#include <fcntl.h>
#include <type_traits>
#include <unistd.h>
#include <utility>

using cloakroom::Descriptor;

namespace {

static_assert(!std::is_copy_constructible_v<Descriptor>);

int open_file()
{
    return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

bool is_open(int number)
{
    return ::fcntl(number, F_GETFD) >= 0;
}

} // namespace

TEST_CASE("a Descriptor closes its file at the end")
{
    auto const number = open_file();
    {
        Descriptor const file{number};
        CHECK(file);
        CHECK(file.get() == number);
        CHECK(is_open(number));
    }
    CHECK_FALSE(is_open(number));
    CHECK_FALSE(Descriptor{});
    CHECK_FALSE(Descriptor{-1});
}

TEST_CASE(
    "a Descriptor that is moved from or released closes nothing, one that is assigned to closes what it had")
{
    auto const first = open_file();
    auto const second = open_file();
    {
        Descriptor one{first};
        Descriptor other{second};
        one = std::move(other);
        CHECK_FALSE(is_open(first));
        CHECK(one.get() == second);
        Descriptor const last{std::move(one)};
        CHECK(last.get() == second);
        CHECK(is_open(second));
    }
    CHECK_FALSE(is_open(second));
    auto const third = open_file();
    CHECK(Descriptor{third}.release() == third);
    CHECK(is_open(third));
    ::close(third);
}
