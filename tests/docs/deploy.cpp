// SPDX-License-Identifier: MIT
// The code of docs/deploy.md that no example has.
#include "support/catch.hpp"

#include <cloakroom.hpp>
#include <cloakroom/storage/redis.hpp>

#include <utility>

namespace cr = cloakroom;

namespace {

// [cluster]
cr::storage::Redis sessions(cr::Secret password)
{
    return cr::storage::Redis{"redis://10.0.0.1:6379,10.0.0.2:6379,10.0.0.3:6379",
                              {.user = "counter", .password = std::move(password)}};
}
// [/cluster]

} // namespace

TEST_CASE("deploy: a cluster is named by some of its servers, and is asked nothing before it is used")
{
    CHECK_NOTHROW(sessions("a long password"));
    CHECK_THROWS_AS((cr::storage::Redis{"redis://10.0.0.1:port,10.0.0.2"}), cr::ImproperlyConfigured);
}
