// SPDX-License-Identifier: MIT
#include <cloakroom/testing/session_laws.hpp>

#include "support/catch.hpp"
#include "testing/broken_storages.hpp"
#include "testing/map_storage.hpp"

#include <cloakroom/core/error.hpp>
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/signer/unsigned.hpp>
#include <cloakroom/testing/law.hpp>

#include <chrono>
#include <string>

namespace {

namespace testing = cloakroom::testing;

template <class Storage>
using SessionOn = cloakroom::Session<Storage, cloakroom::serializer::Json, cloakroom::signer::Unsigned>;

template <class Storage>
std::string verdict()
{
    try {
        testing::session_laws<SessionOn<Storage>>([] { return Storage{}; }, {}, {.clients = 2});
        return "kept";
    } catch (testing::LawBroken const& broken) {
        return broken.what();
    }
}

struct CommitAlwaysConflicts : MapStorage {
    WriteResult commit(Key const&, Stored const&, Record const&, TimePoint) { return WriteResult::conflict; }
};
struct TouchAlwaysConflicts : MapStorage {
    WriteResult touch(Key const&, Stored const&, TimePoint, TimePoint) { return WriteResult::conflict; }
};
struct RotateIsAlwaysTaken : MapStorage {
    WriteResult rotate(Key const&, Stored const&, Key const&, Record const&, TimePoint)
    {
        return WriteResult::taken;
    }
};
struct CommitFindsNothing : MapStorage {
    WriteResult commit(Key const&, Stored const&, Record const&, TimePoint) { return WriteResult::absent; }
};
struct TouchThrows : MapStorage {
    WriteResult touch(Key const&, Stored const&, TimePoint, TimePoint)
    {
        throw cloakroom::StorageError{"the disk is full"};
    }
};

} // namespace

TEST_CASE("A storage that refuses every write is told so soon, with the calls before")
{
    auto const start = std::chrono::steady_clock::now();
    auto const commit = verdict<CommitAlwaysConflicts>();
    INFO(commit);
    CHECK_THAT(commit,
               catch_::StartsWith("One request after the other: The storage refused 25 writes in a row"));
    CHECK_THAT(commit,
               catch_::ContainsSubstring("A write that hands back what load has just returned has to be"));
    CHECK_THAT(commit, catch_::EndsWith(". load -> found\n  51. commit -> conflict"));

    auto const touch = verdict<TouchAlwaysConflicts>();
    INFO(touch);
    CHECK_THAT(touch, catch_::StartsWith("A counts, B touches: "));
    CHECK_THAT(touch, catch_::ContainsSubstring("B threw: The storage refused 25 writes in a row"));

    auto const rotate = verdict<RotateIsAlwaysTaken>();
    INFO(rotate);
    CHECK_THAT(rotate, catch_::ContainsSubstring("A rotate to a key that nobody uses has to be done."));
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{20});
}

TEST_CASE("What a session throws because of its storage is a broken law, with the calls before")
{
    auto const commit = verdict<CommitFindsNothing>();
    INFO(commit);
    CHECK_THAT(commit,
               catch_::StartsWith("One request after the other: A session threw: The session was ended"));
    CHECK_THAT(commit, catch_::EndsWith("\n  1. create -> true\n  2. load -> found\n  3. commit -> absent"));

    auto const touch = verdict<TouchThrows>();
    INFO(touch);
    CHECK_THAT(touch, catch_::ContainsSubstring("threw: the disk is full"));
    CHECK_THAT(touch, catch_::ContainsSubstring("touch"));
}

TEST_CASE("Sessions on a storage that keeps the contract lose nothing in any schedule of two requests")
{
    auto const report =
        testing::session_laws<SessionOn<MapStorage>>([] { return MapStorage{}; }, {}, {.clients = 2});
    CHECK(report.combinations == 2 * (8 + 36) + 8);
    CHECK(report.schedules > 500);
    CHECK(report.faults >= 2 * 2 * 16);
    CHECK(report.complete);
}

TEST_CASE("Sessions lose nothing in the first schedules of three requests")
{
    auto const report = testing::session_laws<SessionOn<MapStorage>>([] { return MapStorage{}; }, {},
                                                                     {.clients = 3, .limit = 50});
    CHECK(report.combinations == 2 * (8 + 36) + 8 + 120);
    CHECK(report.schedules > 5000);
}

TEMPLATE_TEST_CASE("The laws of sessions show what a broken storage loses", "", broken::CommitInserts,
                   broken::CommitInsertsAndSaysAbsent, broken::CommitIgnoresTheVersion,
                   broken::CommitWritesBeforeItCompares, broken::CommitRevivesTheExpired,
                   broken::TouchResurrects, broken::TouchUndoesACommit, broken::RotateLeavesTheOldKey,
                   broken::RotateLosesAForeignCommit, broken::RotateBringsBackTheErased,
                   broken::RotateForgetsTheFreshKeyOnConflict, broken::EraseLeavesATombstone)
{
    CHECK(verdict<TestType>() != "kept");
}

TEST_CASE("A broken law of sessions comes with the requests and the schedule")
{
    auto const story = verdict<broken::RotateLosesAForeignCommit>();
    INFO(story);
    CHECK_THAT(story, catch_::StartsWith("A counts, B counts and cycles: The session holds {base, count 1,"));
    CHECK_THAT(story, catch_::ContainsSubstring("B: rotate -> committed"));
}

TEST_CASE("A walk through the schedules of sessions can be cut short, and says so")
{
    auto const report = testing::session_laws<SessionOn<MapStorage>>([] { return MapStorage{}; }, {},
                                                                     {.clients = 2, .limit = 2});
    CHECK_FALSE(report.complete);
    CHECK(report.schedules <= 2 * report.combinations);
}
