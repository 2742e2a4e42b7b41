// SPDX-License-Identifier: MIT
#include <cloakroom/storage/cached.hpp>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

#include <cloakroom/serializer/json.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/signer/unsigned.hpp>
#include <cloakroom/storage/memory.hpp>
#include <cloakroom/storage/sqlite.hpp>
#include <cloakroom/testing/scheduled.hpp>
#include <cloakroom/testing/session_laws.hpp>

namespace cr = cloakroom;
using cr::storage::Cached;
using cr::storage::Memory;
using cr::storage::Sqlite;
using cr::testing::session_laws;

TEST_CASE("Sessions on Cached lose nothing in any order of two requests' storage calls")
{
    using Storage = Cached<Memory, Memory>;
    using Session = cr::Session<Storage, cr::serializer::Json, cr::signer::Unsigned>;
    auto const open = [] { return Storage{Memory{}, Memory{}}; };
    auto const report = session_laws<Session>(open, {}, {.clients = 2});
    CHECK(report.schedules > 500);
    CHECK(report.faults > 50);
    CHECK(report.complete);
}

TEST_CASE("Sessions on Cached lose nothing in the first orders of the calls of its cache and its store")
{
    using Engine = cr::testing::Scheduled<Memory>;
    using Storage = Cached<Engine, Engine>;
    using Session = cr::Session<Storage, cr::serializer::Json, cr::signer::Unsigned>;
    auto const open = [] { return Storage{Engine{Memory{}}, Engine{Memory{}}}; };
    CHECK(session_laws<Session>(open, {}, {.clients = 2, .limit = 300}).schedules > 10'000);
}

TEST_CASE("Signed sessions on Cached over Sqlite lose nothing in any order of two requests' storage calls")
{
    using Storage = Cached<Memory, Sqlite>;
    using Session = cr::Session<Storage, cr::serializer::Json, cr::signer::Hmac>;
    TemporaryFolder const folder;
    auto const open = [&] {
        Sqlite store{folder.path("sessions.sqlite3")};
        store.migrate();
        return Storage{Memory{}, std::move(store)};
    };
    auto const report =
        session_laws<Session>(open, cr::signer::Hmac{"a secret for tests"}, {.clients = 2, .limit = 40});
    CHECK(report.schedules > 500);
}
