// SPDX-License-Identifier: MIT
#include <cloakroom/testing/storage_stress.hpp>

#include "support/catch.hpp"
#include "testing/map_storage.hpp"

#include <chrono>
#include <exception>
#include <thread>

namespace {

/// Two steps where one is needed; the sleep between them lets others run, on one busy processor, too.
struct CommitsInTwoSteps : MapStorage {
    WriteResult commit(Key const& key, Stored const& seen, Record const& record, TimePoint now)
    {
        auto const found = load(key, now);
        if (!found)
            return WriteResult::absent;
        if (found->version != seen.version)
            return WriteResult::conflict;
        std::this_thread::sleep_for(std::chrono::microseconds{20});
        auto const newest = load(key, now);
        return newest ? MapStorage::commit(key, *newest, record, now) : WriteResult::absent;
    }
};

struct CreatesInTwoSteps : MapStorage {
    bool create(Key const& key, Record const& record, TimePoint now)
    {
        auto const taken = load(key, now).has_value();
        std::this_thread::sleep_for(std::chrono::microseconds{20});
        MapStorage::create(key, record, now);
        return !taken;
    }
};

struct RotatesInTwoSteps : MapStorage {
    WriteResult rotate(Key const& key, Stored const& seen, Key const& fresh, Record const& record,
                       TimePoint now)
    {
        auto const found = load(key, now);
        if (!found)
            return WriteResult::absent;
        if (found->version != seen.version)
            return WriteResult::conflict;
        MapStorage::create(fresh, record, now);
        std::this_thread::sleep_for(std::chrono::microseconds{20});
        erase(key);
        return WriteResult::committed;
    }
};

/// Whether a mistake that needs luck shows up in some of many runs.
template <class Storage>
bool is_caught()
{
    for (int run = 0; run < 50; ++run) {
        try {
            Storage storage;
            cloakroom::testing::storage_stress(storage, {.threads = 4, .rounds = 100});
        } catch (std::exception const&) {
            return true;
        }
    }
    return false;
}

} // namespace

TEST_CASE("A storage that keeps the contract stands the stress of real threads")
{
    MapStorage storage;
    CHECK_NOTHROW(cloakroom::testing::storage_stress(storage));
    storage.for_each(cloakroom::earliest_time,
                     [](auto const&, auto const&) { FAIL("something was left behind"); });
}

TEMPLATE_TEST_CASE("The stress shows steps that are not atomic", "", CommitsInTwoSteps, CreatesInTwoSteps,
                   RotatesInTwoSteps)
{
    CHECK(is_caught<TestType>());
}
