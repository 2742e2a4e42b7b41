// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/django_files.hpp"
#include "support/django_operations.hpp"
#include "support/temporary_folder.hpp"

#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/storage/file.hpp>
#include <cloakroom/testing/manual_clock.hpp>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

// When a session in a file ends: the vectors of Django's engine, on files that a session of ours wrote and on
// files as Django writes them.

namespace cr = cloakroom;
using namespace std::chrono_literals;

namespace {

using Session = cr::Session<cr::storage::File, cr::serializer::Json, cr::signer::Hmac>;

struct Case {
    cr::Dict fields;

    std::chrono::seconds cookie_age() const
    {
        return std::chrono::seconds{fields.at("cookie_age").as<int>()};
    }
    std::chrono::seconds later() const { return std::chrono::seconds{fields.at("seconds_later").as<int>()}; }
    /// The seconds of a moment, or nothing.
    std::optional<std::chrono::seconds> moment() const
    {
        auto const* const dict = fields.at("stored_expiry").get_if<cr::Dict>();
        return dict == nullptr ? std::nullopt
                               : std::optional{std::chrono::seconds{dict->at("timedelta").as<int>()}};
    }
    /// The seconds of a duration, or nothing.
    std::optional<std::chrono::seconds> duration() const
    {
        auto const& value = fields.at("stored_expiry");
        return value.is_number() && value != cr::Value{0}
                   ? std::optional{std::chrono::seconds{value.as<int>()}}
                   : std::nullopt;
    }
    bool lives_in_django() const { return fields.at("ok") != cr::Value{"{}"}; }
};

struct Site {
    explicit Site(std::chrono::seconds cookie_age)
        : backend{cr::storage::File{folder.path(""), {.cookie_age = cookie_age}},
                  {},
                  cr::signer::Hmac{"a secret of the test"},
                  settings(cookie_age)}
    {
        backend.clock(clock);
    }
    static cr::Settings settings(std::chrono::seconds cookie_age)
    {
        cr::Settings settings;
        settings.cookie_age = cookie_age;
        return settings;
    }

    TemporaryFolder folder;
    cr::testing::ManualClock clock{vectors_clock};
    Session::Backend backend;
};

std::string loaded(Site& site, std::string const& key)
{
    Session session{site.backend, key};
    return cr::serializer::Json{}.dump(session.load());
}

} // namespace

TEST_CASE(
    "S-209, S-210: sessions that we save in files end when Django says, and those with a duration after it")
{
    int durations = 0;
    for (auto const& entry : vectors({"files", "age"}).as<cr::Array>()) {
        Case const c{entry.as<cr::Dict>()};
        INFO(cr::serializer::Json::dump_value(entry));
        Site site{c.cookie_age()};
        Session session{site.backend};
        session["a"] = 1;
        if (c.moment())
            session.set_expiry(site.backend.now() + *c.moment());
        else if (c.duration())
            session.set_expiry(*c.duration());
        else if (!c.fields.at("stored_expiry").is_null())
            session.set_expiry(cr::browser_close);
        session.save();
        site.clock.advance(c.later());
        auto const text = loaded(site, std::string{session.session_key()->reveal()});
        if (c.duration() && *c.duration() > 0s) { // S-211: Django never ends them
            CHECK((text != "{}") == (c.later() < *c.duration()));
            ++durations;
        } else {
            CHECK(text == c.fields.at("ok").as<std::string>());
        }
    }
    CHECK(durations > 10);
}

TEST_CASE("S-209: sessions that Django saves in files end at their moment, and after the cookie's age at the "
          "latest")
{
    int compared = 0;
    std::string const key = "fda1b91i3toa7f71a99gry04byt7102c";
    for (auto const& entry : vectors({"files", "age"}).as<cr::Array>()) {
        Case const c{entry.as<cr::Dict>()};
        INFO(cr::serializer::Json::dump_value(entry));
        Site site{c.cookie_age()};
        cr::Dict data{{"a", 1}};
        if (c.moment())
            data["_session_expiry"] = cr::Expiry{vectors_clock + *c.moment()}.to_value();
        else if (!c.fields.at("stored_expiry").is_null())
            data["_session_expiry"] = c.fields.at("stored_expiry");
        auto const path = site.folder.path("sessionid" + key);
        std::ofstream{path} << site.backend.signer().sign(cr::serializer::Json{}.dump(data), vectors_clock);
        set_file_time(path, 1'780'000'000, 123'456'000);
        site.clock.advance(c.later());
        auto const lives = loaded(site, key) != "{}";
        Session session{site.backend, key};
        CHECK(session.contains("a") == lives); // both ways to load
        CHECK(session.session_key().has_value() == lives);
        if (c.later() >= c.cookie_age()) {
            CHECK_FALSE(lives); // Django's may live on: S-211, and moments beyond
        } else {
            CHECK(lives == c.lives_in_django());
            ++compared;
        }
    }
    CHECK(compared > 40);
}

TEST_CASE(
    "a file with bytes that are not ASCII is a session without data, and saving replaces it (not S-215)")
{
    Site site{1'209'600s};
    Session session{site.backend};
    session["a"] = 1;
    session.save();
    std::string const key{session.session_key()->reveal()};
    CHECK(Session{site.backend, key}.get<int>("a") == 1);
    std::ofstream{site.folder.path("sessionid" + key)} << "caf\xC3\xA9:\xFF\xFE:nothing";
    Session again{site.backend, key};
    CHECK(again.keys().empty());
    again["b"] = 2;
    again.save();
    CHECK(Session{site.backend, key}.keys() == std::vector<std::string>{"b"});
}
