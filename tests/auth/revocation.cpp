// SPDX-License-Identifier: MIT
#include <cloakroom/auth/memory_revocation.hpp>
#include <cloakroom/auth/revocation.hpp>
#include <cloakroom/auth/sqlite_revocation.hpp>

#include <cloakroom/core/error.hpp>
#include <cloakroom/testing/law.hpp>
#include <cloakroom/testing/revocation_laws.hpp>

#include "auth/epochs_alone.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cr = cloakroom;
namespace auth = cr::auth;
using namespace std::chrono_literals;

namespace {

static_assert(auth::RevocationPolicy<EpochsAlone> && !auth::DeviceListPolicy<EpochsAlone>);

struct StandsStill : auth::MemoryRevocation {
    std::int64_t bump(std::string_view user, cr::TimePoint now)
    {
        return auth::MemoryRevocation::epoch(user) < now.time_since_epoch().count()
                   ? auth::MemoryRevocation::bump(user, now)
                   : epoch(user);
    }
};

struct TouchLists : auth::MemoryRevocation {
    bool touch(std::string_view user, std::string_view handle, cr::TimePoint seen, cr::TimePoint expires)
    {
        if (!auth::MemoryRevocation::touch(user, handle, seen, expires))
            add(user, {.handle = std::string{handle}, .seen = seen, .expires = expires}, {}, seen);
        return true;
    }
};

struct ForgetsLimits : auth::MemoryRevocation {
    bool add(std::string_view user, auth::Device const& device, auth::DeviceLimit, cr::TimePoint now)
    {
        return auth::MemoryRevocation::add(user, device, {}, now);
    }
};

struct KeepsAnyway : auth::MemoryRevocation {
    bool keep_only(std::string_view user, std::string_view handle, std::string_view successor,
                   cr::TimePoint now)
    {
        if (!auth::MemoryRevocation::keep_only(user, handle, successor, now))
            bump(user, now);
        return true;
    }
};

template <class R>
void check_laws_fail()
{
    CHECK_THROWS_AS(cr::testing::revocation_laws([] { return R{}; }), cr::testing::LawBroken);
}

auth::SqliteRevocation make_sqlite(TemporaryFolder const& folder)
{
    return auth::SqliteRevocation{folder.path("db.sqlite3"), {.busy_timeout = 20s}};
}

} // namespace

TEST_CASE("R12 R13 R15 R18: revocations in memory and in SQLite keep their laws, on many threads too")
{
    cr::testing::revocation_laws([] { return auth::MemoryRevocation{}; });
    cr::testing::revocation_laws([] { return EpochsAlone{}; });
    TemporaryFolder const folder;
    auto revocation = make_sqlite(folder);
    revocation.migrate();
    cr::testing::revocation_laws([&]() -> auth::SqliteRevocation& { return revocation; });
}

TEST_CASE("the laws of a revocation find faults")
{
    check_laws_fail<StandsStill>();
    check_laws_fail<TouchLists>();
    check_laws_fail<ForgetsLimits>();
    check_laws_fail<KeepsAnyway>();
}

TEST_CASE("what an SQLite file holds of revocations is there for the next process, and expired devices are "
          "removed (R43)")
{
    TemporaryFolder const folder;
    cr::TimePoint const now{1'780'000'000s};
    {
        auto revocation = make_sqlite(folder);
        revocation.migrate();
        revocation.migrate();
        revocation.bump("7", now);
        revocation.add("7",
                       {.handle = "a", .created = now, .seen = now, .expires = now + 1s, .user_agent = "x"},
                       {}, now);
        revocation.add("7",
                       {.handle = "b", .created = now, .seen = now, .expires = now + 9s, .user_agent = ""},
                       {}, now);
    }
    auto revocation = make_sqlite(folder);
    CHECK(revocation.epoch("7") == now.time_since_epoch().count());
    CHECK(revocation.list("7", now).size() == 2);
    CHECK(revocation.clear_expired(now) == 0);
    CHECK(revocation.clear_expired(now + 1s) == 1);
    CHECK(revocation.list("7", now).size() == 1);

    auth::MemoryRevocation memory;
    memory.add("7", {.handle = "a", .expires = now + 1s}, {}, now);
    CHECK(memory.clear_expired(now) == 0);
    CHECK(memory.clear_expired(now + 1s) == 1);
}

TEST_CASE("a revocation without its tables is broken, and says what to do (R40)")
{
    TemporaryFolder const folder;
    auto revocation = make_sqlite(folder);
    CHECK_THROWS_AS(revocation.epoch("7"), cr::StorageError);
    CHECK_THROWS_AS(revocation.find("7", "a", {}), cr::StorageError);
    CHECK_THROWS_AS(revocation.add("7", {}, {}, {}), cr::StorageError);
    CHECK_THROWS_AS(revocation.bump("7", {}), cr::StorageError);
    revocation.migrate();
    CHECK(revocation.epoch("7") == 0); // and works as soon as they are there
}
