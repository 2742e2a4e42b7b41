// SPDX-License-Identifier: MIT
#include <cloakroom/testing/threads.hpp>

#include "support/catch.hpp"

#include <array>
#include <atomic>
#include <stdexcept>

TEST_CASE("on_threads calls the body once for each number, and all of them run at once")
{
    std::array<std::atomic<int>, 4> calls{};
    std::atomic<int> there = 0;
    cloakroom::testing::on_threads(calls.size(), [&](std::size_t i) {
        ++calls.at(i);
        ++there;
        while (there < 4) // would never end, did they run one after the other
            std::this_thread::yield();
    });
    for (auto const& count : calls)
        CHECK(count == 1);
    cloakroom::testing::on_threads(0, [](std::size_t) { FAIL("there is no thread"); });
}

TEST_CASE("on_threads throws what the first that failed has thrown, when all have ended")
{
    std::atomic<int> ended = 0;
    auto const run = [&] {
        cloakroom::testing::on_threads(3, [&](std::size_t i) {
            ++ended;
            if (i > 0)
                throw std::runtime_error{i == 1 ? "one" : "two"};
        });
    };
    CHECK_THROWS_WITH(run(), "one");
    CHECK(ended == 3);
}
