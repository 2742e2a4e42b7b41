// SPDX-License-Identifier: MIT
#include <cloakroom/testing/auth_laws.hpp>

#include <cloakroom/auth/memory_revocation.hpp>
#include <cloakroom/auth/sqlite_revocation.hpp>
#include <cloakroom/storage/memory.hpp>
#include <cloakroom/storage/signed_cookie.hpp>
#include <cloakroom/storage/sqlite.hpp>
#include <cloakroom/testing/law.hpp>

#include "auth/epochs_alone.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cr = cloakroom;
namespace auth = cr::auth;
using cr::testing::auth_laws;

namespace {

auto const on_server = [] { return cr::storage::Memory{}; };
auto const in_browser = [] { return cr::storage::SignedCookie{}; };
auto const list = [] { return auth::MemoryRevocation{}; };

struct SqliteFile {
    SqliteFile() { revocation.migrate(); }

    cr::storage::Sqlite open() const
    {
        cr::storage::Sqlite storage{folder.path("db.sqlite3")};
        storage.migrate();
        return storage;
    }

    TemporaryFolder folder;
    auth::SqliteRevocation revocation{folder.path("db.sqlite3")};
};

/// Brings a device back that was ended while a request was about to note that it was seen.
struct TouchLists : auth::MemoryRevocation {
    bool touch(std::string_view user, std::string_view handle, cr::TimePoint seen, cr::TimePoint expires)
    {
        if (!auth::MemoryRevocation::touch(user, handle, seen, expires))
            add(user, {.handle = std::string{handle}, .seen = seen, .expires = expires}, {}, seen);
        return true;
    }
};

/// Keeps a device that was ended while its request was about to end the others.
struct KeepsUnlisted : auth::MemoryRevocation {
    bool keep_only(std::string_view user, std::string_view handle, std::string_view successor,
                   cr::TimePoint now)
    {
        if (!auth::MemoryRevocation::keep_only(user, handle, successor, now)) {
            bump(user, now);
            add(user, {.handle = std::string{successor}, .seen = now, .expires = cr::latest_time}, {}, now);
        }
        return true;
    }
};

/// Ends the list and not the epoch, which is what sessions without a device go by.
struct LeavesEpoch : auth::MemoryRevocation {
    std::int64_t epoch(std::string_view) { return 0; }
};

/// Ends nobody whose device is listed when all users are ended.
struct KeepsLists : auth::MemoryRevocation {
    void bump_all(cr::TimePoint) {}
};

/// Makes a new epoch of one that was not seen.
struct BumpsAnyway : auth::MemoryRevocation {
    std::optional<std::int64_t> bump_if(std::string_view user, std::int64_t, cr::TimePoint now)
    {
        return bump(user, now);
    }
};

template <class Faulty, class Storage>
void check_laws_fail(Storage storage, std::string_view words, cr::testing::AuthLawOptions const& options = {})
{
    try {
        auth_laws(storage, [] { return Faulty{}; }, options);
        FAIL("the laws are kept, and must not be: " << words);
    } catch (cr::testing::LawBroken const& broken) {
        CHECK(std::string_view{broken.what()}.find(words) != std::string_view::npos);
    }
}

} // namespace

TEST_CASE("R11 R13 R14 R15 T-resurrect: on a server nobody who was ended is alive, whatever the order of two "
          "requests' calls")
{
    auto const report = auth_laws(on_server, list);
    CHECK(report.combinations == 66);
    CHECK(report.schedules > 15'000);
    CHECK(report.complete);
}

TEST_CASE("R13 R14 R15: on a server with epochs alone nobody who was ended is alive")
{
    CHECK(auth_laws(on_server, list, {.limit = 200, .list_devices = false}).schedules > 2'000);
    CHECK(auth_laws(on_server, [] { return EpochsAlone{}; }, {.limit = 50}).schedules > 1'000);
}

TEST_CASE(
    "R12 R13 R14 R15 T-epoch: in browsers nobody who was ended is alive, whatever the order of two requests' "
    "calls")
{
    auto const report = auth_laws(in_browser, list);
    CHECK(report.schedules > 2'000);
    CHECK(report.complete);
    CHECK(auth_laws(in_browser, list, {.list_devices = false}).complete);
    CHECK(auth_laws(in_browser, [] { return EpochsAlone{}; }).complete);
    CHECK(auth_laws(in_browser, list, {.tick = {}}).complete); // time stands still
}

TEST_CASE("nobody who was ended is alive in the first orders of three requests' calls")
{
    CHECK(auth_laws(on_server, list, {.clients = 3, .limit = 20}).schedules > 4'000);
    CHECK(auth_laws(in_browser, list, {.clients = 3, .limit = 20}).schedules > 4'000);
}

TEST_CASE("with SQLite nobody who was ended is alive in the first orders of two requests' calls")
{
    SqliteFile file;
    auto const revocation = [&]() -> auth::SqliteRevocation& { return file.revocation; };
    CHECK(auth_laws([&] { return file.open(); }, revocation, {.limit = 8}).schedules > 300);
    CHECK(auth_laws(in_browser, revocation, {.limit = 8}).schedules > 300);
}

TEST_CASE("the laws of log-ins find revocations that leave somebody alive")
{
    check_laws_fail<TouchLists>(on_server, "A session that was ended is alive.");
    check_laws_fail<TouchLists>(in_browser, "A session that was ended is alive.");
    check_laws_fail<KeepsUnlisted>(on_server, "A log-in that was ended is alive.", {.limit = 100});
    check_laws_fail<KeepsLists>(on_server, "A session that was ended is alive.");
    check_laws_fail<KeepsLists>(in_browser, "A session that was ended is alive.");
    check_laws_fail<LeavesEpoch>(in_browser, "is alive", {.list_devices = false});
    check_laws_fail<BumpsAnyway>(in_browser, "A log-in that was ended is alive.", {.list_devices = false});
}
