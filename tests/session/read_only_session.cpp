// SPDX-License-Identifier: MIT
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/serializer/struct.hpp>
#include <cloakroom/session/read_only_session.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/signer/unsigned.hpp>
#include <cloakroom/storage/memory.hpp>
#include <cloakroom/storage/signed_cookie.hpp>
#include <cloakroom/testing/manual_clock.hpp>

#include "support/catch.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cr = cloakroom;
using namespace std::chrono_literals;

struct ShownPreferences {
    BOOST_HANA_DEFINE_STRUCT(ShownPreferences, (std::string, language), (int, visit));
};

namespace {

using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;
using ReadOnly = cr::ReadOnlySession<Session>;

inline constexpr auto visit = cr::field<"visit", int>;

struct Stored {
    explicit Stored()
    {
        Session session{backend};
        session["visit"] = 7;
        session["language"] = "de";
        session.save();
        key = session.session_key();
    }

    Session::Backend backend{cr::storage::Memory{}};
    std::optional<cr::SessionKey> key;
};

} // namespace

TEST_CASE("a read-only session reads what a session does")
{
    Stored stored;
    ReadOnly session{stored.backend, stored.key};
    CHECK(session["visit"].as<int>() == 7);
    CHECK(session.at("visit") == cr::Value{7});
    CHECK(session.get("visit", 0) == 7);
    CHECK(session.get<int>("visit") == 7);
    CHECK_FALSE(session.get<int>("other"));
    CHECK(session.get("other", "none") == "none");
    CHECK_THROWS_AS(session["other"], cr::KeyError);
    CHECK(session[visit] == 7);
    CHECK(session.at(visit) == 7);
    CHECK(session.get(visit) == 7);
    CHECK(session.get(visit, 1) == 7);
    CHECK(session.contains(visit));
    CHECK(session.contains("language"));
    CHECK_FALSE(session.contains("other"));
    CHECK(session.keys() == std::vector<std::string>{"visit", "language"});
    CHECK(session.values().size() == 2);
    CHECK(session.items().size() == 2);
    CHECK(session.begin()->key == "visit");
    CHECK(session.as<ShownPreferences>().language == "de");
    CHECK(session);
    CHECK(session.session_key() == stored.key);
    CHECK(&session.backend() == &stored.backend);
}

TEST_CASE("a read-only session of an unknown key, or of none, is empty")
{
    Stored stored;
    ReadOnly stranger{stored.backend, cr::SessionKey::generate()};
    CHECK_FALSE(stranger.contains("visit"));
    CHECK_FALSE(stranger.session_key());
    CHECK_FALSE(stranger);
    ReadOnly nobody{stored.backend, std::nullopt};
    CHECK(nobody.items().empty());
    CHECK_FALSE(nobody.refresh());
}

TEST_CASE("a read-only session sees newer data, and its end, when it is refreshed")
{
    Stored stored;
    ReadOnly session{stored.backend, stored.key};
    CHECK(session.get("visit", 0) == 7);
    Session other{stored.backend, stored.key};
    other["visit"] = 8;
    other.save();
    CHECK(session.get("visit", 0) == 7);
    CHECK(session.refresh());
    CHECK(session.get("visit", 0) == 8);
    stored.backend.storage().erase(*stored.key);
    CHECK(session.get("visit", 0) == 8);
    CHECK_FALSE(session.refresh());
    CHECK_FALSE(session.contains("visit"));
    CHECK_FALSE(session.refresh());
}

TEST_CASE("a read-only session does not keep its record alive")
{
    cr::testing::ManualClock clock;
    cr::Settings settings;
    settings.cookie_age = 1h;
    Session::Backend backend{cr::storage::Memory{}, {}, {}, settings};
    backend.clock(clock);
    Session session{backend};
    session["visit"] = 1;
    session.save();
    ReadOnly seen{backend, session.session_key()};
    for (int i = 0; i < 3; ++i) {
        CHECK(seen.refresh());
        clock.advance(20min);
    }
    CHECK_FALSE(seen.refresh());
}

TEST_CASE("a session that the browser keeps can be looked at, too")
{
    using InCookie = cr::Session<cr::storage::SignedCookie, cr::serializer::Json, cr::signer::Hmac>;
    InCookie::Backend backend{cr::storage::SignedCookie{}, {}, cr::signer::Hmac{"a secret of the test"}};
    InCookie session{backend};
    session["visit"] = 3;
    session.save();
    cr::ReadOnlySession<InCookie> seen{backend, session.session_key()};
    CHECK(seen.get("visit", 0) == 3);
    CHECK(seen.refresh());
    cr::ReadOnlySession<InCookie> moved{std::move(session)};
    CHECK(moved.get("visit", 0) == 3);
}

TEST_CASE("a read-only session that the browser keeps sees its end, too, when it is refreshed")
{
    using InCookie = cr::Session<cr::storage::SignedCookie, cr::serializer::Json, cr::signer::Hmac>;
    cr::testing::ManualClock clock;
    InCookie::Backend backend{
        cr::storage::SignedCookie{}, {}, cr::signer::Hmac{"a secret of the test"}, {.cookie_age = 1h}};
    backend.clock(clock);
    InCookie session{backend};
    session["visit"] = 3;
    session.save();
    cr::ReadOnlySession<InCookie> seen{backend, session.session_key()};
    clock.advance(1h);
    CHECK(seen.refresh());
    CHECK(seen.get("visit", 0) == 3);
    clock.advance(1s);
    CHECK_FALSE(seen.refresh());
    CHECK_FALSE(seen.contains("visit"));

    session.clear(); // nothing in it is no end
    session.save();
    cr::ReadOnlySession<InCookie> empty{backend, session.session_key()};
    CHECK(empty.refresh());
    cr::ReadOnlySession<InCookie> nobody{backend, std::nullopt};
    CHECK_FALSE(nobody.refresh());
}
