// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/combinations.hpp"

using namespace combinations;

namespace {

using Storages = ListOf<decltype(server_storages)>;

} // namespace

TEMPLATE_LIST_TEST_CASE("sessions on a server keep their laws with every serializer and signer", "", Storages)
{
    CHECK(battery_of<TestType>() >= 3);
}
