// SPDX-License-Identifier: MIT
#include <cloakroom/testing/manual_clock.hpp>

#include "support/catch.hpp"

#include <chrono>

using namespace std::chrono_literals;

TEST_CASE("A manual clock moves only when it is told to, and its copies with it")
{
    cloakroom::testing::ManualClock const clock;
    cloakroom::Clock const copy = clock;
    auto const start = clock();
    CHECK(copy() == start);
    clock.advance(1us);
    CHECK(copy() == start + 1us);
    clock.advance(-1h);
    CHECK(copy() == start + 1us - 1h);
    clock.set(cloakroom::latest_time);
    CHECK(copy() == cloakroom::latest_time);
}

TEST_CASE("A manual clock starts where it is told to")
{
    CHECK(cloakroom::testing::ManualClock{cloakroom::TimePoint{5s}}() == cloakroom::TimePoint{5s});
    CHECK(cloakroom::testing::ManualClock{}() == std::chrono::sys_days{std::chrono::year{2030} / 1 / 1});
}
