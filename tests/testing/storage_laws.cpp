// SPDX-License-Identifier: MIT
#include <cloakroom/testing/storage_laws.hpp>

#include "support/catch.hpp"
#include "testing/broken_storages.hpp"
#include "testing/map_storage.hpp"

#include <cloakroom/core/error.hpp>

#include <optional>
#include <stdexcept>
#include <string>

namespace testing = cloakroom::testing;
using testing::storage_laws;

namespace {

template <class Storage>
std::string verdict(testing::StorageLawOptions options = {.depth = 4})
{
    try {
        storage_laws([] { return Storage{}; }, options);
        return "kept";
    } catch (testing::LawBroken const& broken) {
        return broken.what();
    }
}

/// Without the plain laws, to see that the schedules find mistakes alone.
template <class Storage>
std::string verdict_of_schedules(testing::StorageLawOptions options = {.depth = 5})
{
    try {
        Storage storage;
        testing::walk_schedules(storage, options);
        return "kept";
    } catch (testing::LawBroken const& broken) {
        return broken.what();
    }
}

struct Throws : MapStorage {
    bool erase(Key const&) { throw cloakroom::StorageError{"the disk is full"}; }
};

/// Compares payload and expiry instead of a version, as SQL does with Django's table.
struct ComparesPayloads : MapStorage {
    bool create(Key const& key, Record const& record, TimePoint now)
    {
        auto const created = MapStorage::create(key, record, now);
        if (created)
            find(key)->version = 0;
        return created;
    }
    WriteResult commit(Key const& key, Stored const& seen, Record const& record, TimePoint now)
    {
        auto const answer = same_payload(key, seen, now);
        if (answer == WriteResult::committed)
            *find(key) = {record.payload, record.expires, 0};
        return answer;
    }
    WriteResult touch(Key const& key, Stored const& seen, TimePoint expires, TimePoint now)
    {
        auto const answer = same_payload(key, seen, now);
        return answer == WriteResult::committed ? MapStorage::touch(key, seen, expires, now) : answer;
    }
    WriteResult rotate(Key const& key, Stored const& seen, Key const& fresh, Record const& record,
                       TimePoint now)
    {
        auto const answer = same_payload(key, seen, now);
        if (answer != WriteResult::committed)
            return answer;
        if (!create(fresh, record, now))
            return WriteResult::taken;
        erase(key);
        return answer;
    }
    WriteResult same_payload(Key const& key, Stored const& seen, TimePoint now)
    {
        auto const found = load(key, now);
        if (!found)
            return WriteResult::absent;
        return found->payload == seen.payload ? WriteResult::committed : WriteResult::conflict;
    }
};

/// Makes a new version with every touch, and sweeps as it goes.
struct TouchesMakeVersions : MapStorage {
    WriteResult touch(Key const& key, Stored const& seen, TimePoint expires, TimePoint now)
    {
        auto const answer = MapStorage::touch(key, seen, expires, now);
        if (answer == WriteResult::committed)
            find(key)->version = ++last_version_;
        return answer;
    }
};

struct SweepsAsItGoes : TouchesMakeVersions {
    std::optional<Stored> load(Key const& key, TimePoint now)
    {
        clear_expired(now + cloakroom::Duration{1}, 3);
        return TouchesMakeVersions::load(key, now);
    }
};

} // namespace

TEST_CASE("A storage that keeps the contract passes the laws, and more than 100,000 schedules are walked")
{
    auto const report = storage_laws([] { return MapStorage{}; }, {.depth = 7, .clients = 2});
    CHECK(report.schedules > 100'000);
    CHECK(report.steps > 7 * report.schedules);
    CHECK(storage_laws([] { return MapStorage{}; }, {.depth = 6, .clients = 3}).schedules > 50'000);
}

TEST_CASE("The laws leave open what the contract leaves open")
{
    CHECK(verdict<ComparesPayloads>() == "kept");
    CHECK(verdict<TouchesMakeVersions>() == "kept");
    CHECK(verdict<SweepsAsItGoes>({.depth = 5, .freedom = {.expired_may_leave = true}}) == "kept");
    CHECK(verdict<SweepsAsItGoes>() != "kept");
}

TEST_CASE("One store can serve several runs of the laws and is empty afterwards")
{
    MapStorage storage;
    auto const use = [&]() -> MapStorage& { return storage; };
    auto const first = storage_laws(use, {.depth = 3});
    CHECK(storage_laws(use, {.depth = 3}).schedules == first.schedules);
    storage.for_each(cloakroom::earliest_time,
                     [](auto const&, auto const&) { FAIL("something was left behind"); });
}

TEMPLATE_TEST_CASE("The laws catch a storage with one mistake", "", broken::CommitInserts,
                   broken::CommitInsertsAndSaysAbsent, broken::CommitIgnoresTheVersion,
                   broken::CommitWritesBeforeItCompares, broken::CommitRevivesTheExpired,
                   broken::CommitKeepsTheExpiry, broken::CommitOfTheSameConflicts, broken::TouchResurrects,
                   broken::TouchRevivesTheExpired, broken::TouchUndoesAnothersExpiry,
                   broken::TouchUndoesACommit, broken::TouchIgnoresAForeignCommit,
                   broken::RotateLeavesTheOldKey, broken::RotateLosesAForeignCommit,
                   broken::RotateOverwritesATakenKey, broken::RotateToATakenKeyLosesTheOld,
                   broken::RotateBringsBackTheErased, broken::RotateForgetsTheFreshKeyOnConflict,
                   broken::EraseLeavesATombstone, broken::EraseSaysYesAlways, broken::EraseSparesTheExpired,
                   broken::LoadReturnsTheExpiredAtTheBoundary, broken::LoadHidesTheLastMicrosecond,
                   broken::LoadRoundsTheExpiry, broken::PayloadsEndAtNul, broken::PayloadsEndAt64KiB,
                   broken::CreateOverwrites, broken::CreateOverwritesTheExpired, broken::ClearsTheLiving,
                   broken::ClearsAtTheDeadline, broken::ClearsBeyondItsBudget, broken::ClearStopsEarly,
                   broken::ClearAnswersItsBudget, broken::ClearAnswersOne, broken::VersionsStartAgain,
                   broken::KeysAreCutTo32, broken::WalkShowsTheExpired, broken::WalkMissesTheLast,
                   broken::WalkEndsAfterAPage, broken::WalkShowsNoPayloads, broken::CommitStripsBlanks,
                   broken::RotateKeepsThePayload, broken::TouchOnlyExtends, broken::LoadExtends,
                   broken::VersionsAreTimes, broken::HasItsOwnClock, broken::LosesAllWhenMoved,
                   broken::LosesAllWhenAssigned)
{
    CHECK(verdict<TestType>() != "kept");
}

TEMPLATE_TEST_CASE("The schedules alone catch mistakes that need two clients", "", broken::CommitInserts,
                   broken::CommitInsertsAndSaysAbsent, broken::CommitIgnoresTheVersion,
                   broken::CommitWritesBeforeItCompares, broken::CommitRevivesTheExpired,
                   broken::TouchResurrects, broken::TouchRevivesTheExpired, broken::TouchUndoesAnothersExpiry,
                   broken::TouchUndoesACommit, broken::TouchIgnoresAForeignCommit,
                   broken::RotateLeavesTheOldKey, broken::RotateLosesAForeignCommit,
                   broken::RotateBringsBackTheErased, broken::RotateForgetsTheFreshKeyOnConflict,
                   broken::EraseLeavesATombstone, broken::LoadReturnsTheExpiredAtTheBoundary,
                   broken::CreateOverwritesTheExpired, broken::VersionsStartAgain)
{
    CHECK(verdict_of_schedules<TestType>() != "kept");
}

TEST_CASE("A broken law comes with the shortest story that shows it")
{
    auto const story = verdict_of_schedules<broken::CommitIgnoresTheVersion>();
    INFO(story);
    CHECK_THAT(story, catch_::StartsWith("in every schedule: The last answer is wrong; right is conflict."));
    CHECK_THAT(story,
               catch_::ContainsSubstring("\n  1. +0.000000 s A: create key 1, \"w1\" until +3660.000000 s"));
    CHECK_THAT(story, catch_::EndsWith("the version of step 2, \"w3\" until +3780.000000 s -> committed"));
    CHECK_THAT(story, !catch_::ContainsSubstring("\n  5. "));
}

TEST_CASE("A storage that throws is told with the steps before")
{
    auto const story = verdict<Throws>();
    INFO(story);
    CHECK_THAT(story, catch_::ContainsSubstring("threw: the disk is full"));
    CHECK_THAT(story, catch_::ContainsSubstring("erase key 1 -> threw"));
    CHECK_THAT(verdict_of_schedules<Throws>(), catch_::ContainsSubstring("threw: the disk is full\n  1. "));
}

namespace {

struct ThrowsForAbsent : MapStorage {
    std::optional<Stored> load(Key const& key, TimePoint) { return records_.at(text(key)); }
};

} // namespace

TEST_CASE("A law is broken in words that its author understands")
{
    CHECK_THAT(verdict<broken::LoadReturnsTheExpiredAtTheBoundary>(),
               catch_::ContainsSubstring("The last answer is wrong; right is nothing."));
    CHECK_THAT(verdict<broken::LoadHidesTheLastMicrosecond>(),
               catch_::ContainsSubstring("The last answer is wrong; right is the record."));
    CHECK_THAT(verdict<broken::EraseSaysYesAlways>(),
               catch_::ContainsSubstring("The last answer is wrong; right is false."));
    CHECK_THAT(verdict<broken::ClearAnswersItsBudget>(),
               catch_::ContainsSubstring("It has to answer how many records this call removed"));
    CHECK_THAT(verdict<broken::WalkMissesTheLast>(),
               catch_::ContainsSubstring("all that live have to be visited"));
    CHECK_THAT(verdict<broken::LosesAllWhenMoved>(), catch_::StartsWith("a storage that is moved"));
    CHECK_THAT(verdict<broken::PayloadsEndAtNul>(),
               catch_::ContainsSubstring("found another payload than \"\\x00\"."));
}

TEST_CASE("An exception that is no StorageError is told as such, and of a long story what concerns its key")
{
    auto const story = verdict<ThrowsForAbsent>();
    INFO(story);
    CHECK_THAT(story,
               catch_::ContainsSubstring("The last step threw, and what it threw is no StorageError: "));
    CHECK_THAT(story, catch_::ContainsSubstring("\n  1. +0.000000 s A: create key 1, \"\""));
    CHECK_THAT(story, !catch_::ContainsSubstring(" key 280"));
    CHECK_THAT(story, catch_::EndsWith(" steps with other keys are left out)"));
    CHECK(story.size() < 2'000);
}
