// SPDX-License-Identifier: MIT
// Which triples of policies there are, and the battery on storages in memory and in the browser. The other
// storages stand in combinations_disk.cpp and combinations_servers.cpp, because they take long to compile.
#include "support/combinations.hpp"
#include "support/catch.hpp"

using namespace combinations;
namespace serializer = cr::serializer;

namespace {

// What bytes cannot be kept in, and what must be signed. Anything else makes sense.
constexpr auto expected_senseless = hana::make_tuple(
    triple_of<SignedCookie, serializer::Json, Unsigned>, triple_of<SignedCookie, Binary, Unsigned>,
    triple_of<SignedCookie, Xml, Unsigned>, triple_of<Sqlite, Binary, Unsigned>,
    triple_of<Cached, Binary, Unsigned>, triple_of<Postgres, Binary, Unsigned>);
static_assert(senseless == expected_senseless);
static_assert(hana::size(sensible).value + hana::size(senseless).value ==
              hana::size(storages).value * hana::size(serializers).value * hana::size(signers).value);

using Storages = ListOf<decltype(memory_storages)>;

} // namespace

TEMPLATE_LIST_TEST_CASE("sessions in memory and in cookies keep their laws with every serializer and signer",
                        "", Storages)
{
    CHECK(battery_of<TestType>() >= 2);
}
