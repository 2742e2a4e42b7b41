// SPDX-License-Identifier: MIT
#include <cloakroom/http/date.hpp>

#include "support/catch.hpp"
#include "support/vectors.hpp"

#include <cmath>
#include <cstdint>
#include <string>

namespace cr = cloakroom;

namespace {

std::string http_date(cr::TimePoint moment)
{
    return std::string{cr::http::HttpDate{moment}.text()};
}

} // namespace

static_assert(cr::http::HttpDate{cr::TimePoint{}}.text() == "Thu, 01 Jan 1970 00:00:00 GMT");

TEST_CASE("HTTP dates are Django's (S-344)")
{
    auto const& cases = vectors({"http_date", "cases"}).as<cr::Array>();
    REQUIRE(!cases.empty());
    for (auto const& entry : cases) {
        auto const& pair = *entry.get_if<cr::Array>();
        auto const seconds =
            pair.at(0).is_double() ? pair[0].as<double>() : static_cast<double>(pair[0].as<std::int64_t>());
        CHECK(http_date(cr::TimePoint{cr::Duration{std::llround(seconds * 1e6)}}) ==
              pair.at(1).as<std::string>());
    }
}

TEST_CASE("dates that four digits of a year cannot hold become the nearest that they can")
{
    CHECK(http_date(cr::TimePoint::max()) == "Fri, 31 Dec 9999 23:59:59 GMT");
    CHECK(http_date(cr::TimePoint::min()) == "Mon, 01 Jan 0001 00:00:00 GMT");
}
