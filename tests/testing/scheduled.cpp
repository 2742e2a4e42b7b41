// SPDX-License-Identifier: MIT
#include <cloakroom/testing/scheduled.hpp>

#include "support/catch.hpp"
#include "testing/broken_storages.hpp"
#include "testing/map_storage.hpp"

#include <cloakroom/testing/law.hpp>

#include <string>
#include <utility>

namespace {

using cloakroom::SessionKey;
using cloakroom::Stored;
using cloakroom::TimePoint;
using cloakroom::WriteResult;
using cloakroom::testing::for_each_interleaving;
using cloakroom::testing::InterleavedRun;
using cloakroom::testing::require;

constexpr TimePoint now{};
constexpr TimePoint later = now + cloakroom::Duration{1'000'000};

/// One record whose payload is a row of letters.
template <class Storage>
struct Table {
    cloakroom::testing::Scheduled<Storage> storage{Storage{}};
    SessionKey key = SessionKey::generate();
    SessionKey fresh = SessionKey::generate();

    Table() { storage.create(key, {"", later}, now); }

    /// The letters under both keys, "-" for nothing.
    std::string letters()
    {
        std::string text;
        for (auto const& each : {key, fresh})
            text += storage.load(each, now).value_or(Stored{"-", later}).payload;
        return text;
    }
};

template <class Storage>
void append(Table<Storage>& table, char letter)
{
    while (auto const seen = table.storage.load(table.key, now))
        if (table.storage.commit(table.key, *seen, {seen->payload + letter, later}, now) !=
            WriteResult::conflict)
            return;
}

template <class Storage>
void rotate(Table<Storage>& table)
{
    while (auto const seen = table.storage.load(table.key, now))
        if (table.storage.rotate(table.key, *seen, table.fresh, {seen->payload + 'r', later}, now) !=
            WriteResult::conflict)
            return;
}

/// A rotate of two calls, with or without comparing in the second one.
template <bool compares>
struct TwoStepStorage : MapStorage {
    WriteResult rotate(Key const& key, Stored const& seen, Key const& fresh, Record const& record,
                       TimePoint at)
    {
        if (!create(fresh, record, at))
            return WriteResult::taken;
        cloakroom::testing::interleave_point("erase the old key");
        std::scoped_lock const lock{*mutex_};
        auto const answer = compare(key, seen, at);
        if (compares && answer != WriteResult::committed) {
            records_.erase(text(fresh));
            return answer;
        }
        records_.erase(text(key));
        return WriteResult::committed;
    }
};

template <class Storage>
std::string verdict()
{
    try {
        for_each_interleaving([] { return Table<Storage>{}; },
                              {[](auto& table) { append(table, 'a'); },
                               [](auto& table) { append(table, 'b'); }, [](auto& table) { rotate(table); }},
                              [](auto& table, InterleavedRun const&) {
                                  auto const letters = table.letters();
                                  require(letters.front() == '-', "the old key lives: " + letters);
                                  require(letters.find('r') != std::string::npos, "not rotated: " + letters);
                                  for (auto const letter : letters.substr(1, letters.find('r')))
                                      require(letters.find(letter) == letters.rfind(letter),
                                              "twice: " + letters);
                              });
        return "kept";
    } catch (cloakroom::testing::LawBroken const& broken) {
        return broken.what();
    }
}

} // namespace

TEST_CASE("Three clients with retries lose nothing on a storage that keeps the contract")
{
    std::size_t all = 0;
    auto const report = for_each_interleaving([] { return Table<MapStorage>{}; },
                                              {[](auto& table) { append(table, 'a'); },
                                               [](auto& table) { append(table, 'b'); },
                                               [](auto& table) { append(table, 'c'); }},
                                              [&](auto& table, InterleavedRun const&) {
                                                  require(table.letters().size() == 4, "a letter was lost");
                                                  ++all;
                                              });
    CHECK(report.schedules > 90);
    CHECK(report.schedules == all);
    CHECK(verdict<MapStorage>() == "kept");
    CHECK(verdict<TwoStepStorage<true>>() == "kept");
}

TEST_CASE("A scheduled storage shows the mistakes of the one inside, answers included")
{
    auto const story = verdict<broken::RotateLeavesTheOldKey>();
    INFO(story);
    CHECK_THAT(story, catch_::StartsWith("the old key lives"));
    CHECK_THAT(story, catch_::ContainsSubstring("C: load -> found"));
    CHECK_THAT(story, catch_::ContainsSubstring("C: rotate -> committed"));
}
