// SPDX-License-Identifier: MIT
#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/signer/unsigned.hpp>
#include <cloakroom/testing/signer_laws.hpp>

#include "support/catch.hpp"

#include <string>

namespace {

namespace cr = cloakroom;
static_assert(cr::SignerPolicy<cr::signer::Unsigned>);
static_assert(cr::signer::Unsigned::output == cr::Content::unchanged);

} // namespace

TEST_CASE("Unsigned keeps the laws of a signer that leaves payloads as they are")
{
    CHECK_NOTHROW(cr::testing::signer_laws(cr::signer::Unsigned{}));
}

TEST_CASE("Unsigned gives and takes the payload itself, of any age")
{
    auto const bound = cr::signer::Unsigned{}.bind("any purpose");
    CHECK(bound.sign(R"({"a":1})", cr::TimePoint{}) == R"({"a":1})");
    auto const payload = bound.unsign(R"({"a":1})", cr::latest_time, cr::Duration{0});
    REQUIRE(payload.has_value());
    CHECK(*payload == R"({"a":1})");
}
