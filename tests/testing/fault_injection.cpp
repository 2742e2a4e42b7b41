// SPDX-License-Identifier: MIT
#include <cloakroom/testing/fault_injection.hpp>

#include "support/catch.hpp"
#include "testing/map_storage.hpp"

#include <cloakroom/core/error.hpp>
#include <cloakroom/testing/storage_laws.hpp>

#include <utility>

namespace {

using cloakroom::SessionKey;
using cloakroom::StorageError;
using cloakroom::TimePoint;
using cloakroom::testing::Faulty;
using cloakroom::testing::Moment;
using cloakroom::testing::Operation;

constexpr TimePoint now{};
constexpr TimePoint later = now + cloakroom::Duration{1'000'000};

} // namespace

TEST_CASE("A faulty storage without a fault is the storage inside")
{
    static_assert(cloakroom::EnumerablePolicy<Faulty<MapStorage>>);
    CHECK(cloakroom::testing::storage_laws([] { return Faulty<MapStorage>{MapStorage{}}; }, {.depth = 3})
              .schedules > 0);
}

TEST_CASE("The chosen call fails before or after it took effect, and no other")
{
    Faulty<MapStorage> storage{MapStorage{}};
    auto const first = SessionKey::generate();
    auto const second = SessionKey::generate();
    storage.faults().fail_call(2, Moment::before);
    CHECK(storage.create(first, {"a", later}, now));
    CHECK_THROWS_AS(storage.create(second, {"b", later}, now), StorageError);
    CHECK_FALSE(storage.load(second, now));
    storage.faults().fail_call(1, Moment::after);
    CHECK_THROWS_AS(storage.create(second, {"b", later}, now), StorageError);
    CHECK(storage.faults().failed() == Operation::create);
    CHECK(storage.load(second, now));
}

TEST_CASE("A chosen operation fails until it is healed")
{
    Faulty<MapStorage> storage{MapStorage{}};
    auto const faults = storage.faults();
    auto const key = SessionKey::generate();
    storage.create(key, {"a", later}, now);
    faults.fail(Operation::load, Moment::before);
    CHECK_THROWS_AS(storage.load(key, now), StorageError);
    CHECK_THROWS_AS(storage.load(key, now), StorageError);
    CHECK_FALSE(storage.create(key, {"a", later}, now));
    faults.heal();
    CHECK(storage.load(key, now));
}

TEST_CASE("Calls are counted for each operation, through every copy of the faults")
{
    cloakroom::testing::Faults const faults;
    Faulty<MapStorage> storage{MapStorage{}, faults};
    auto moved = std::move(storage);
    CHECK(faults.count() == 0);
    moved.load(SessionKey::generate(), now);
    moved.load(SessionKey::generate(), now);
    moved.erase(SessionKey::generate());
    CHECK(faults.count(Operation::load) == 2);
    CHECK(faults.count(Operation::erase) == 1);
    CHECK(faults.count(Operation::commit) == 0);
    CHECK(faults.count() == 3);
    faults.reset_counts();
    CHECK(faults.count() == 0);
    CHECK_FALSE(faults.failed());
}
