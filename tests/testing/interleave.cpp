// SPDX-License-Identifier: MIT
#include <cloakroom/testing/interleave.hpp>

#include "support/catch.hpp"

#include <cloakroom/core/error.hpp>

#include <chrono>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <vector>

using cloakroom::testing::for_each_interleaving;
using cloakroom::testing::interleave_point;
using cloakroom::testing::InterleavedRun;
using cloakroom::testing::LawBroken;

namespace {

using Client = std::function<void(std::string&)>;

/// Writes its letter at each of its points.
Client writer(char letter, int points)
{
    return [=](std::string& text) {
        for (int i = 0; i < points; ++i) {
            interleave_point("write");
            text += letter;
        }
    };
}

std::set<std::string> texts_of(std::vector<Client> const& clients, std::size_t& schedules)
{
    std::set<std::string> texts;
    auto const note = [&](std::string const& text, InterleavedRun const&) { texts.insert(text); };
    schedules = for_each_interleaving([] { return std::string{}; }, clients, note).schedules;
    return texts;
}

template <class Walk>
std::string story_of(Walk const& walk)
{
    try {
        walk();
        return "kept";
    } catch (LawBroken const& broken) {
        return broken.what();
    }
}

struct Counter {
    int value = 0;
    int version = 0;
};

void add_one_blindly(Counter& counter)
{
    interleave_point("read");
    auto const value = counter.value;
    interleave_point("write");
    counter.value = value + 1;
}

void add_one_if_unchanged(Counter& counter)
{
    for (;;) {
        interleave_point("read");
        auto const seen = counter;
        interleave_point("compare and write");
        if (counter.version != seen.version)
            continue;
        counter = {seen.value + 1, seen.version + 1};
        return;
    }
}

} // namespace

TEST_CASE("Every order of the clients' steps is walked exactly once")
{
    std::size_t schedules = 0;
    CHECK(texts_of({writer('a', 2), writer('b', 3)}, schedules).size() == 10);
    CHECK(schedules == 10);
    CHECK(texts_of({writer('a', 2), writer('b', 2), writer('c', 2)}, schedules).size() == 90);
    CHECK(schedules == 90);
    CHECK(texts_of({writer('a', 4), writer('b', 4), writer('c', 2)}, schedules).size() == 3150);
    CHECK(schedules == 3150);
    CHECK(texts_of({writer('a', 3)}, schedules) == std::set<std::string>{"aaa"});
    CHECK(schedules == 1);
    CHECK(texts_of({writer('a', 0), writer('b', 1)}, schedules) == std::set<std::string>{"b"});
    CHECK(schedules == 1);
}

TEST_CASE("A lost update is found and told with its schedule; compare-and-swap loses none")
{
    auto const all_counted = [](Counter const& counter, InterleavedRun const&) {
        cloakroom::testing::require(counter.value == 2, "an update was lost");
    };
    auto const fresh = [] { return Counter{}; };
    auto const story =
        story_of([&] { for_each_interleaving(fresh, {add_one_blindly, add_one_blindly}, all_counted); });
    CHECK(story == "an update was lost\n  1. A: read\n  2. B: read\n  3. B: write\n  4. A: write");
    auto const report =
        for_each_interleaving(fresh, {add_one_if_unchanged, add_one_if_unchanged}, all_counted);
    CHECK(report.schedules == 6);
    CHECK(report.steps > 6 * 4);
    CHECK(report.complete);
}

TEST_CASE("What a client throws is an answer for those who ask, and a failure otherwise")
{
    auto const fresh = [] { return Counter{}; };
    auto const interrupted = [](Counter&) {
        interleave_point("save");
        throw cloakroom::SessionInterrupted{"logged out meanwhile"};
    };
    auto const ask = [](Counter const&, InterleavedRun const& run) {
        cloakroom::testing::require(run.threw<cloakroom::SessionInterrupted>(0), "not interrupted");
        cloakroom::testing::require(!run.threw<cloakroom::SessionInterrupted>(1), "interrupted");
    };
    CHECK(for_each_interleaving(fresh, {interrupted, add_one_blindly}, ask).schedules == 3);
    auto const look_away = [](Counter const&, InterleavedRun const&) {};
    auto const story =
        story_of([&] { for_each_interleaving(fresh, {interrupted, add_one_blindly}, look_away); });
    CHECK_THAT(story, catch_::StartsWith("Client A threw: logged out meanwhile\n  1. A: save"));
    auto const ask_for_another = [](Counter const&, InterleavedRun const& run) {
        cloakroom::testing::require(!run.threw<cloakroom::KeyError>(0), "another exception");
    };
    CHECK(story_of([&] { for_each_interleaving(fresh, {interrupted, add_one_blindly}, ask_for_another); }) !=
          "kept");
}

TEST_CASE("A lock held between two steps is reported instead of waiting for ever")
{
    struct Locked {
        std::mutex mutex;
    };
    auto const hold = [](Locked& locked) {
        std::scoped_lock const lock{locked.mutex};
        interleave_point("within the lock");
    };
    auto const nothing = [](Locked const&, InterleavedRun const&) {};
    auto const fresh = [] { return Locked{}; };
    auto const story = story_of([&] {
        for_each_interleaving(fresh, {hold, hold}, nothing, {.patience = std::chrono::milliseconds{200}});
    });
    CHECK_THAT(story, catch_::StartsWith("A client waits for a lock"));
    CHECK(story_of([&] { for_each_interleaving(fresh, {hold}, nothing); }) == "kept");
}

TEST_CASE("A walk that is cut short says so")
{
    auto const nothing = [](std::string const&, InterleavedRun const&) {};
    auto const fresh = [] { return std::string{}; };
    auto const cut = for_each_interleaving(fresh, {writer('a', 2), writer('b', 3)}, nothing, {.limit = 9});
    CHECK(cut.schedules == 9);
    CHECK_FALSE(cut.complete);
    auto const whole = for_each_interleaving(fresh, {writer('a', 2), writer('b', 3)}, nothing, {.limit = 10});
    CHECK(whole.schedules == 10);
    CHECK(whole.complete);
}

TEST_CASE("Clients that do not repeat what they did are reported")
{
    int runs = 0;
    auto const moody = [&](std::string&) {
        for (int i = 0; i < (runs == 1 ? 1 : 3); ++i)
            interleave_point("step");
    };
    auto const count = [&](std::string const&, InterleavedRun const&) { ++runs; };
    auto const story = story_of(
        [&] { for_each_interleaving([] { return std::string{}; }, {moody, writer('b', 2)}, count); });
    CHECK_THAT(story, catch_::StartsWith("The clients do something else"));
}

TEST_CASE("A point outside of a walk does nothing")
{
    interleave_point("alone");
    SUCCEED();
}
