// SPDX-License-Identifier: MIT
#include <cloakroom/testing/storage_laws.hpp>
#include <cloakroom/testing/storage_stress.hpp>

#include "support/catch.hpp"

#include <cloakroom/storage/memory.hpp>
#include <cloakroom/storage/sqlite.hpp>

#include <filesystem>
#include <string>

namespace cr = cloakroom;

namespace {

/// A database of its own in the system's folder for temporary files, removed afterwards.
struct TemporaryDatabase {
    std::string path = (std::filesystem::temp_directory_path() /
                        ("cloakroom-laws-" + std::string{cr::SessionKey::generate().reveal()} + ".sqlite3"))
                           .string();
    cr::storage::Sqlite storage{path};

    TemporaryDatabase() { storage.migrate(); }
    TemporaryDatabase(TemporaryDatabase const&) = delete;
    TemporaryDatabase& operator=(TemporaryDatabase const&) = delete;
    ~TemporaryDatabase()
    {
        for (auto const* const suffix : {"", "-wal", "-shm"})
            std::filesystem::remove(path + suffix);
    }
};

} // namespace

TEST_CASE("Memory keeps the storage laws in more than 100,000 schedules of two and of three clients")
{
    auto const make = [] { return cr::storage::Memory{}; };
    auto const free = cr::testing::Freedom{.expired_may_leave = true};
    CHECK(cr::testing::storage_laws(make, {.depth = 7, .clients = 2, .freedom = free}).schedules > 100'000);
    CHECK(cr::testing::storage_laws(make, {.depth = 6, .clients = 3, .freedom = free}).schedules > 50'000);
}

TEST_CASE("Sqlite keeps the storage laws in every schedule of two and of three clients")
{
    TemporaryDatabase database;
    auto const use = [&]() -> auto& { return database.storage; };
    CHECK(cr::testing::storage_laws(use, {.depth = 5, .clients = 2}).schedules > 4000);
    CHECK(cr::testing::storage_laws(use, {.depth = 4, .clients = 3}).schedules > 800);
}

TEST_CASE("Memory stands the stress of real threads")
{
    cr::storage::Memory storage;
    CHECK_NOTHROW(cr::testing::storage_stress(storage, {.threads = 4, .rounds = 500}));
}

TEST_CASE("Sqlite stands the stress of real threads")
{
    TemporaryDatabase database;
    CHECK_NOTHROW(cr::testing::storage_stress(database.storage, {.threads = 4, .rounds = 50}));
}
