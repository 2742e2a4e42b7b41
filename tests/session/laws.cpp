// SPDX-License-Identifier: MIT
#include <cloakroom/testing/session_laws.hpp>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

#include <cloakroom/serializer/json.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/signer/unsigned.hpp>
#include <cloakroom/storage/file.hpp>
#include <cloakroom/storage/hashed_keys.hpp>
#include <cloakroom/storage/memory.hpp>
#include <cloakroom/storage/sqlite.hpp>

namespace cr = cloakroom;

using cr::testing::session_laws;

TEST_CASE("Sessions on Memory lose nothing in any order of three requests' storage calls")
{
    using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;
    auto const report = session_laws<Session>([] { return cr::storage::Memory{}; });
    CHECK(report.schedules > 50'000);
    CHECK(report.faults > 50);
    CHECK(report.complete);
}

TEST_CASE("Signed sessions on Memory lose nothing in any order of two requests' storage calls")
{
    using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Hmac>;
    auto const report = session_laws<Session>([] { return cr::storage::Memory{}; },
                                              cr::signer::Hmac{"a secret for tests"}, {.clients = 2});
    CHECK(report.schedules > 500);
    CHECK(report.complete);
}

TEST_CASE("Signed sessions on Sqlite lose nothing in any order of two requests' storage calls")
{
    using Session = cr::Session<cr::storage::Sqlite, cr::serializer::Json, cr::signer::Hmac>;
    TemporaryFolder const folder;
    auto const open = [&] {
        cr::storage::Sqlite storage{folder.path("sessions.sqlite3")};
        storage.migrate();
        return storage;
    };
    auto const report = session_laws<Session>(open, cr::signer::Hmac{"a secret for tests"}, {.clients = 2});
    CHECK(report.schedules > 500);
    CHECK(report.complete);
}

TEST_CASE("Sessions on Sqlite lose nothing in the first orders of three requests' storage calls")
{
    using Session = cr::Session<cr::storage::Sqlite, cr::serializer::Json, cr::signer::Unsigned>;
    TemporaryFolder const folder;
    auto const open = [&] {
        cr::storage::Sqlite storage{folder.path("sessions.sqlite3")};
        storage.migrate();
        return storage;
    };
    CHECK(session_laws<Session>(open, {}, {.clients = 3, .limit = 100}).schedules > 5000);
}

TEST_CASE("Signed sessions on File lose nothing in any order of two requests' storage calls")
{
    using Session = cr::Session<cr::storage::File, cr::serializer::Json, cr::signer::Hmac>;
    TemporaryFolder const folder;
    auto const report = session_laws<Session>([&] { return cr::storage::File{folder.path("")}; },
                                              cr::signer::Hmac{"a secret for tests"}, {.clients = 2});
    CHECK(report.schedules > 500);
    CHECK(report.complete);
}

TEST_CASE("Sessions on HashedKeys lose nothing in any order of two requests' storage calls")
{
    using Storage = cr::storage::HashedKeys<cr::storage::Memory>;
    using Session = cr::Session<Storage, cr::serializer::Json, cr::signer::Unsigned>;
    auto const report =
        session_laws<Session>([] { return Storage{cr::storage::Memory{}}; }, {}, {.clients = 2});
    CHECK(report.schedules > 500);
    CHECK(report.complete);
}
