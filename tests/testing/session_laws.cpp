// SPDX-License-Identifier: MIT
#include <cloakroom/testing/session_laws.hpp>

#include "support/catch.hpp"
#include "testing/broken_storages.hpp"
#include "testing/map_storage.hpp"

#include <cloakroom/serializer/json.hpp>
#include <cloakroom/signer/unsigned.hpp>
#include <cloakroom/testing/law.hpp>

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

} // namespace

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
