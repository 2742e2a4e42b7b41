// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/django_operations.hpp"

#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/unsigned.hpp>
#include <cloakroom/storage/memory.hpp>
#include <cloakroom/testing/manual_clock.hpp>

#include <string>

namespace cr = cloakroom;
using namespace std::chrono_literals;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;

namespace {

struct World {
    cr::testing::ManualClock clock{vectors_clock};
    Session::Backend backend;

    explicit World(cr::Settings settings = {}) : backend{cr::storage::Memory{}, {}, {}, settings}
    {
        backend.clock(clock);
    }
};

/// The error's class as the vectors name it, or "" for none.
template <class Function>
std::string error_of(Function function)
{
    try {
        function();
        return "";
    } catch (cr::ValueError const&) {
        return "ValueError";
    } catch (cr::TypeError const&) {
        return "TypeError";
    }
}

} // namespace

TEST_CASE("age, date and browser close of everything that can be stored (S-081 to S-086)")
{
    int count = 0;
    for (auto const& entry : vectors({"expiry", "get"}).as<cr::Array>()) {
        auto const& fields = *entry.get_if<cr::Dict>();
        if (!fields.at("use_tz").as<bool>()) // naive local times are not offered: all our moments are UTC
            continue;
        INFO(cr::serializer::Json::dump_value(entry));
        World world{{.expire_at_browser_close = fields.at("expire_at_browser_close").as<bool>()}};
        Session session{world.backend};
        auto const& stored = fields.at("stored");
        if (stored != cr::Value{"<absent>"})
            session[cr::Expiry::item_name] = stored;
        auto const expected = [&](std::string_view what, std::string_view kind) {
            auto const* const value = fields.at(what).get_if<cr::Dict>()->find(kind);
            return value != nullptr ? *value : cr::Value{};
        };
        // Django cannot reckon with a moment that has no offset; we read it as UTC (S-085).
        auto const is_naive =
            stored == cr::Value{"2026-05-28T20:31:40.123456"} || stored == cr::Value{"2026-05-28"};
        if (auto const age = expected("age", "ok"); age.is_number())
            CHECK(session.get_expiry_age() == seconds_of(age));
        else if (age.is_bool())
            CHECK(session.get_expiry_age() == 1s);
        else if (age.is_null() && !is_naive)
            CHECK(error_of([&] { session.get_expiry_age(); }) == expected("age", "error").as<std::string>());
        else if (!is_naive) // Django hands an array or object back; that is no age
            CHECK(error_of([&] { session.get_expiry_age(); }) == "TypeError");
        if (auto const date = expected("date", "ok"); date.is_string())
            CHECK(session.get_expiry_date() == *cr::parse_iso_time(date.as<std::string>()));
        else
            CHECK(error_of([&] { session.get_expiry_date(); }) ==
                  expected("date", "error").as<std::string>());
        CHECK(session.get_expire_at_browser_close() == expected("browser_close", "ok").as<bool>());
        ++count;
    }
    CHECK(count == 54);
}

TEST_CASE("age and date from arguments load nothing (S-082)")
{
    World world;
    auto const& given = *vectors({"expiry", "keyword_arguments"}).get_if<cr::Dict>();
    auto const moment = [&](std::string_view name) {
        return *cr::parse_iso_time(given.at(name).as<std::string>());
    };
    auto const seconds = [&](std::string_view name) { return seconds_of(given.at(name)); };
    auto const modification = moment("modification");
    auto const expiry = moment("expiry");
    Session session{world.backend, "neverlookedup"};
    CHECK(session.get_expiry_age({.modification = modification, .expiry = expiry}) ==
          seconds("age_mod_expiry"));
    CHECK(session.get_expiry_age({.modification = expiry, .expiry = modification}) ==
          seconds("age_expiry_before_mod"));
    CHECK(session.get_expiry_age({.expiry = 77s}) == seconds("age_expiry_int"));
    CHECK(session.get_expiry_age({.expiry = cr::global_policy}) == seconds("age_expiry_None"));
    CHECK(session.get_expiry_date({.modification = modification, .expiry = expiry}) ==
          moment("date_mod_expiry"));
    CHECK(session.get_expiry_date({.modification = modification, .expiry = 77s}) ==
          moment("date_expiry_int"));
    CHECK(session.get_expiry_date({.modification = modification, .expiry = cr::browser_close}) ==
          moment("date_expiry_zero"));
    CHECK_FALSE(session.is_loaded());
    CHECK_FALSE(session.accessed());
    CHECK(session.get_expiry_age({.modification = modification}) == seconds("age_mod_only"));
    CHECK(session.get_expiry_date({.modification = modification}) == moment("date_mod_only"));
    CHECK(session.accessed());
}

TEST_CASE("set_expiry stores what Django stores (S-071 to S-077)")
{
    World world;
    Session session{world.backend};
    auto const stored = [&] { return session.get(cr::Expiry::item_name).value_or("absent"); };
    session.set_expiry(300s);
    CHECK(stored() == 300);
    session.set_expiry(-10s);
    CHECK(stored() == -10);
    session.set_expiry(1500ms);
    CHECK(stored() == 1.5);
    session.set_expiry(5min);
    CHECK(stored() == 300);
    session.set_expiry(cr::browser_close);
    CHECK(stored() == 0);
    session.set_expiry(world.backend.now() + 300s);
    CHECK(stored() == "2026-05-28T20:31:40.123456+00:00");
    session.set_expiry(std::chrono::sys_days{std::chrono::June / 1 / 2026} + 12h);
    CHECK(stored() == "2026-06-01T12:00:00+00:00");
    session.set_expiry(cr::global_policy);
    CHECK(stored() == "absent");
    session.set_modified(false);
    session.set_expiry(cr::global_policy);
    CHECK_FALSE(session.modified());
}

TEST_CASE("what set_expiry stores is what Django's stores from the same argument (S-071 to S-077, not S-078)")
{
    int count = 0;
    for (auto const& entry : vectors({"expiry", "set_expiry"}).as<cr::Array>()) {
        auto const& fields = *entry.get_if<cr::Dict>();
        auto const input = text_at(entry, "input");
        INFO(cr::serializer::Json::dump_value(entry));
        World world;
        Session session{world.backend};
        auto const now = world.backend.now();
        auto const june = cr::TimePoint{std::chrono::sys_days{std::chrono::June / 1 / 2026} + 12h};
        if (!fields.at("use_tz").as<bool>())
            continue; // moments of ours are those of sites with USE_TZ (S-075)
        if (input == "int 300")
            session.set_expiry(300s);
        else if (input == "int 0")
            session.set_expiry(cr::browser_close);
        else if (input == "int -10")
            session.set_expiry(-10s);
        else if (input == "float 1.5")
            session.set_expiry(1500ms);
        else if (input == "None")
            session.set_expiry(cr::global_policy);
        else if (input == "timedelta 300s")
            session.set_expiry(now + 300s);
        else if (input == "timedelta -10s")
            session.set_expiry(now - 10s);
        else if (input == "timedelta 0")
            session.set_expiry(now);
        else if (input == "timedelta 1d 0.5s")
            session.set_expiry(now + 24h + 500ms);
        else if (input == "aware UTC")
            session.set_expiry(june);
        else if (input == "aware UTC micro")
            session.set_expiry(june + 1us);
        else
            continue; // what set_expiry takes is checked when the program is compiled
        CHECK(session.get(cr::Expiry::item_name).value_or("<absent>") == fields.at("stored"));
        CHECK(session.modified() == fields.at("modified").as<bool>());
        ++count;
    }
    CHECK(count == 11);
}

TEST_CASE("the age of a cookie is the setting's, for each session that has none of its own (S-080)")
{
    auto const& expected = vectors({"expiry", "cookie_age_100"});
    Session::Backend backend{cr::storage::Memory{}, {}, {}, {.cookie_age = 100s}};
    backend.clock([] { return vectors_clock; });
    Session session{backend};
    CHECK(session.get_session_cookie_age() == 100s);
    CHECK(session.get_expiry_age() == seconds_of(expected.get_if<cr::Dict>()->at("age")));
    CHECK(session.get_expiry_date() == *cr::parse_iso_time(text_at(expected, "date")));
}

TEST_CASE("moments in ISO 8601 are read in every form that Python reads (S-084)")
{
    using cr::parse_iso_time;
    auto const noon = parse_iso_time("2026-05-28T12:00:00+00:00");
    REQUIRE(noon.has_value());
    for (auto const* const text :
         {"2026-05-28T12:00:00Z", "2026-05-28T12", "2026-05-28T12:00", "20260528T120000Z",
          "2026-05-28 12:00:00", "2026-05-28T14:00:00+02:00", "2026-05-28T14:00+0200",
          "2026-05-28T06:30:00-05:30", "2026-W22-4T12:00:00", "2026W224T12", "2026-05-28T12:00:00.000000",
          "2026-05-28T12:00:00,0",
          "2026-05-28\xC3\xA9"
          "12:00",
          "2026-05-28T12:00:00.0000009999"}) {
        INFO(text);
        CHECK(parse_iso_time(text) == noon);
    }
    CHECK(parse_iso_time("2026-W22") == parse_iso_time("2026-05-25"));
    CHECK(parse_iso_time("2020-W53-5") == parse_iso_time("2021-01-01"));
    CHECK(parse_iso_time("2026-05-28T12:00:00.5") == *noon + 500ms);
    CHECK(parse_iso_time("2026-05-28T12:00:00+00:00:30") == *noon - 30s);
    for (auto const* const text : {"",
                                   "rubbish",
                                   "2026",
                                   "2026-05",
                                   "2026-5-28",
                                   "2026-02-30",
                                   "2026-05-28T",
                                   "2026-05-28T24:00:00",
                                   "2026-05-28T12:60",
                                   "2026-05-28T12:00:60",
                                   "2026-05-28T12:00:00.",
                                   "2026-05-28T12:00:00+24:00",
                                   "2026-05-28T12:00:00z",
                                   "2026-05-28T12:00:00+00:00x",
                                   "2026-W54-1",
                                   "2026-W00-1",
                                   "2021-W53-1",
                                   "2026-W22-8",
                                   "0000-01-01",
                                   "2026-05-28T1:00",
                                   "2026-0528"}) {
        INFO(text);
        CHECK(parse_iso_time(text) == std::nullopt);
    }
}

TEST_CASE("stored data of any kind cannot make a save fail")
{
    World world;
    for (auto const& odd :
         {cr::Value{"rubbish"}, cr::Value{cr::Array{1}}, cr::Value{std::nan("")}, cr::Value{1e300},
          cr::Value{-1e300}, cr::Value{*cr::BigInteger::parse("9" + std::string(30, '0'))}}) {
        Session session{world.backend};
        session[cr::Expiry::item_name] = odd;
        session["a"] = 1;
        session.save();
        CHECK(session.session_key().has_value());
        session.cookie_lifetime();
    }
}

TEST_CASE("lengths and moments beyond every calendar are held at its end")
{
    using std::chrono::hours;
    auto const now = vectors_clock;
    CHECK(cr::Expiry{hours::max()}.date(now, 0s) == cr::latest_time);
    CHECK(cr::Expiry{hours::min()}.date(now, 0s) == cr::earliest_time);
    CHECK(cr::Expiry{std::chrono::duration<double>{1e300}}.date(now, 0s) == cr::latest_time);
    CHECK(cr::Expiry{std::chrono::sys_seconds::max()}.date(now, 0s) == cr::latest_time);
    CHECK(cr::Expiry{std::chrono::sys_seconds::min()}.date(now, 0s) == cr::earliest_time);
    CHECK(cr::Expiry{std::chrono::sys_days{std::chrono::May / 1 / 2030}}.to_value() ==
          "2030-05-01T00:00:00+00:00");
}
