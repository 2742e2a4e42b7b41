// SPDX-License-Identifier: MIT
#include <cloakroom/testing/session_laws.hpp>

#include "support/catch.hpp"
#include "support/postgres_server.hpp"

#include <cloakroom/serializer/json.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/storage/postgres.hpp>

namespace cr = cloakroom;

TEST_CASE("Signed sessions on Postgres lose nothing in any order of two requests' storage calls")
{
    using Session = cr::Session<cr::storage::Postgres, cr::serializer::Json, cr::signer::Hmac>;
    PostgresServer const server;
    auto const open = [&] {
        cr::storage::Postgres storage{server.address()};
        storage.migrate();
        return storage;
    };
    auto const report = cr::testing::session_laws<Session>(open, cr::signer::Hmac{"a secret for tests"},
                                                           {.clients = 2, .limit = 60});
    CHECK(report.schedules > 300);
}
