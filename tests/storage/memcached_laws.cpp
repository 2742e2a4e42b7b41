// SPDX-License-Identifier: MIT
#include <cloakroom/storage/memcached.hpp>

#include <cloakroom/serializer/json.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/signer/unsigned.hpp>
#include <cloakroom/testing/session_laws.hpp>
#include <cloakroom/testing/storage_laws.hpp>
#include <cloakroom/testing/storage_stress.hpp>

#include "support/catch.hpp"
#include "support/memcached_server.hpp"

namespace cr = cloakroom;
using cr::storage::Memcached;

namespace {

/// They take entries that hold the longest payload of the laws.
MemcachedServers& servers()
{
    static MemcachedServers three{{"-I", "4m"}};
    return three;
}

constexpr cr::testing::Freedom server_expires{.expired_may_leave = true, .sweeps = false};

} // namespace

TEST_CASE("Memcached keeps the storage laws on three servers, in every schedule of two and three clients")
{
    Memcached storage{servers().url()};
    auto const use = [&]() -> auto& { return storage; };
    CHECK(cr::testing::storage_laws(use, {.depth = 5, .clients = 2, .freedom = server_expires}).schedules >
          4000);
    CHECK(cr::testing::storage_laws(use, {.depth = 4, .clients = 3, .freedom = server_expires}).schedules >
          800);
}

TEST_CASE("Memcached stands the stress of real threads, on one server and on three")
{
    auto const url = GENERATE(servers().url(), servers().each[0].url());
    Memcached storage{url};
    CHECK_NOTHROW(cr::testing::storage_stress(storage, {.threads = 4, .rounds = 100}));
}

TEST_CASE("Signed sessions on Memcached lose nothing in any order of two requests' storage calls")
{
    using Session = cr::Session<Memcached, cr::serializer::Json, cr::signer::Hmac>;
    auto const open = [&] { return Memcached{servers().url()}; };
    auto const report =
        cr::testing::session_laws<Session>(open, cr::signer::Hmac{"a secret for tests"}, {.clients = 2});
    CHECK(report.schedules > 500);
    CHECK(report.complete);
}

TEST_CASE("Sessions on Memcached lose nothing in the first orders of three requests' storage calls")
{
    using Session = cr::Session<Memcached, cr::serializer::Json, cr::signer::Unsigned>;
    auto const open = [&] { return Memcached{servers().url()}; };
    CHECK(cr::testing::session_laws<Session>(open, {}, {.clients = 3, .limit = 30}).schedules > 1500);
}
