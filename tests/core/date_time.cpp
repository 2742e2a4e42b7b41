// SPDX-License-Identifier: MIT
#include <cloakroom/core/date_time.hpp>

#include "support/catch.hpp"

#include <array>
#include <chrono>
#include <ctime>
#include <string>
#include <string_view>

namespace cr = cloakroom;
using namespace std::chrono_literals;

namespace {

std::string sql(cr::TimePoint moment)
{
    return std::string{cr::SqlTime{moment}.text()};
}

constexpr cr::TimePoint at(long long microseconds)
{
    return cr::TimePoint{cr::Duration{microseconds}};
}

static_assert(cr::SqlTime{at(0)}.text() == "1970-01-01 00:00:00");
static_assert(cr::SqlTime::parse("1970-01-01 00:00:01.000001") == at(1'000'001));

} // namespace

TEST_CASE("a moment splits into its calendar date and time of day")
{
    CHECK(cr::civil_time(at(1'780'000'000'123'456)) == cr::CivilTime{2026, 5, 28, 20, 26, 40, 123'456, 4});
    CHECK(cr::civil_time(at(-1)) == cr::CivilTime{1969, 12, 31, 23, 59, 59, 999'999, 3});
    CHECK(cr::civil_time(cr::earliest_time) == cr::CivilTime{1, 1, 1, 0, 0, 0, 0, 1});
    CHECK(cr::civil_time(cr::latest_time) == cr::CivilTime{9999, 12, 31, 23, 59, 59, 999'999, 5});
    CHECK(cr::civil_time(cr::TimePoint::max()) == cr::civil_time(cr::latest_time));
    CHECK(cr::civil_time(cr::TimePoint::min()) == cr::civil_time(cr::earliest_time));
}

TEST_CASE("every day from 1900 to 2150 splits as the system's calendar says")
{
    for (long long day = -25'567; day < 65'744; ++day) {
        std::time_t const seconds = day * 86'400 + 86'399;
        std::tm expected{};
        REQUIRE(gmtime_r(&seconds, &expected) != nullptr);
        auto const civil = cr::civil_time(at(seconds * 1'000'000));
        REQUIRE(civil == cr::CivilTime{static_cast<unsigned>(expected.tm_year + 1900),
                                       static_cast<unsigned>(expected.tm_mon + 1),
                                       static_cast<unsigned>(expected.tm_mday), 23, 59, 59, 0,
                                       static_cast<unsigned>(expected.tm_wday)});
        REQUIRE(cr::time_point(civil) == at(seconds * 1'000'000));
    }
}

TEST_CASE("dates and times that do not exist name no moment")
{
    CHECK(cr::time_point({2024, 2, 29}).has_value());
    CHECK_FALSE(cr::time_point({2023, 2, 29}).has_value());
    CHECK_FALSE(cr::time_point({2023, 13, 1}).has_value());
    CHECK_FALSE(cr::time_point({2023, 0, 1}).has_value());
    CHECK_FALSE(cr::time_point({2023, 1, 0}).has_value());
    CHECK_FALSE(cr::time_point({0, 1, 1}).has_value());
    CHECK_FALSE(cr::time_point({10'000, 1, 1}).has_value());
    CHECK_FALSE(cr::time_point({2023, 1, 1, 24}).has_value());
    CHECK_FALSE(cr::time_point({2023, 1, 1, 23, 60}).has_value());
    CHECK_FALSE(cr::time_point({2023, 1, 1, 23, 59, 60}).has_value());
    CHECK_FALSE(cr::time_point({2023, 1, 1, 23, 59, 59, 1'000'000}).has_value());
}

TEST_CASE("S-523: a deadline's text has a fraction only when there are microseconds")
{
    CHECK(sql(at(1'780'000'000'123'456)) == "2026-05-28 20:26:40.123456");
    CHECK(sql(at(1'780'000'000'000'000)) == "2026-05-28 20:26:40");
    CHECK(sql(at(1'780'000'000'000'120)) == "2026-05-28 20:26:40.000120");
    CHECK(sql(cr::earliest_time) == "0001-01-01 00:00:00");
    CHECK(sql(cr::latest_time) == "9999-12-31 23:59:59.999999");
    CHECK(sql(cr::TimePoint::max()) == "9999-12-31 23:59:59.999999");
    CHECK(sql(cr::TimePoint::min()) == "0001-01-01 00:00:00");
}

TEST_CASE("S-524: the texts of deadlines order as the deadlines do")
{
    constexpr std::array steps{-1s, 0s, 1s, 59s, 3'600s, 86'400s, 31'536'000s};
    for (auto const step : steps)
        for (int const first : {-1, 0, 1, 999'999})
            for (int const second : {-1, 0, 1, 999'999}) {
                auto const a = at(1'780'000'000'000'000) + cr::Duration{first};
                auto const b = at(1'780'000'000'000'000) + step + cr::Duration{second};
                CHECK((sql(a) < sql(b)) == (a < b));
            }
}

TEST_CASE("a deadline's text reads back as the same deadline")
{
    for (auto const moment : {at(0), at(-1), at(1), at(1'780'000'000'123'456), at(1'780'000'000'000'000),
                              cr::earliest_time, cr::latest_time})
        CHECK(cr::SqlTime::parse(sql(moment)) == moment);
}

TEST_CASE("a text in any other form is no deadline")
{
    for (std::string_view const text :
         {"", "2026-05-28", "2026-05-28T20:26:40", "2026-05-28 20:26:40.", "2026-05-28 20:26:40.1",
          "2026-05-28 20:26:40.000000", "2026-05-28 20:26:40.1234567", "2026-05-28 20:26:40+00:00",
          "2026-05-28 20:26:40 ", " 2026-05-28 20:26:40", "2026-5-28 20:26:40", "2026-02-30 20:26:40",
          "2026-05-28 24:00:00", "0000-01-01 00:00:00", "-026-05-28 20:26:40", "2026-05-28 20:26:+1",
          "tomorrow"}) {
        INFO(text);
        CHECK_FALSE(cr::SqlTime::parse(text).has_value());
    }
}
