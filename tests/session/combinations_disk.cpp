// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/combinations.hpp"

using namespace combinations;

namespace {

using Storages = ListOf<decltype(disk_storages)>;

} // namespace

TEMPLATE_LIST_TEST_CASE("sessions on disk keep their laws with every serializer and signer", "", Storages)
{
    CHECK(battery_of<TestType>() >= 3);
}
