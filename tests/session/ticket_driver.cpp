// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/django_operations.hpp"

#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/storage/memory.hpp>
#include <cloakroom/storage/signed_cookie.hpp>
#include <cloakroom/testing/manual_clock.hpp>

#include <random>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace cr = cloakroom;
using namespace std::chrono_literals;
using Session = cr::Session<cr::storage::SignedCookie, cr::serializer::Json, cr::signer::Hmac>;

static_assert(!std::is_copy_constructible_v<Session> && !std::is_copy_assignable_v<Session>);
static_assert(std::is_nothrow_move_constructible_v<Session> && std::is_nothrow_move_assignable_v<Session>);

namespace {

struct World {
    World() { backend.clock(clock); }
    Session stored(cr::Dict const& data)
    {
        Session session{backend};
        session.update(data);
        session.save();
        return session;
    }
    Session again(Session const& session) { return Session{backend, session.session_key()}; }

    cr::testing::ManualClock clock{vectors_clock};
    Session::Backend backend{
        cr::storage::SignedCookie{}, {}, cr::signer::Hmac{vectors({"meta", "secret_key"}).as<std::string>()}};
};

/// Json that counts how often it is given a text.
struct CountingJson {
    static constexpr cr::Content output = cr::serializer::Json::output;

    std::string dump(cr::Dict const& dict) const { return cr::serializer::Json{}.dump(dict); }
    cr::Result<cr::Dict, cr::DecodeError> load(std::string_view text) const
    {
        ++loads;
        return cr::serializer::Json{}.load(text);
    }
    static inline int loads = 0;
};

std::string text_of(Session const& session)
{
    return std::string{session.session_key()->reveal()};
}

} // namespace

TEST_CASE("a session in a cookie counts, nests and appends as one on the server does")
{
    World world;
    auto const first = world.stored({{"visit", 1}, {"cart", cr::Dict{{"n", 1}}}, {"name", "ann"}});
    auto session = world.again(first);
    session["visit"] += 1;
    session["cart"]["n"] = 2; // not S-012
    session["name"] += " lee";
    session.update("visit", [](cr::Value const& value) { return value.as<int>() * 10; });
    CHECK(session.modified());
    session.save();
    auto third = world.again(session);
    CHECK(third.items() == cr::Dict{{"visit", 20}, {"cart", cr::Dict{{"n", 2}}}, {"name", "ann lee"}});
    CHECK(world.again(first).get("visit", 0) == 1); // the old ticket is what it was
}

TEST_CASE("changes made before the session was loaded stand on top of what the ticket holds")
{
    World world;
    auto session = world.again(world.stored({{"a", 1}}));
    session.clear();
    session["b"] = 2;
    session.save();
    CHECK(world.again(session).items() == cr::Dict{{"b", 2}});
}

TEST_CASE("S-254: saving makes a ticket, and the session knows that it is written until it changes")
{
    World world;
    auto session = world.stored({{"a", 1}});
    CHECK(session.is_written());
    CHECK_FALSE(session.has_new_key());
    auto const before = text_of(session);
    world.clock.advance(1s);
    session.save();
    CHECK(text_of(session) != before); // younger by a second
    session.set_modified();
    CHECK_FALSE(session.is_written());
    session.save(cr::must_create);
    CHECK(session.is_written());
    session["a"] = 2;
    CHECK_FALSE(session.is_written());
    session.cycle_key(); // S-257
    CHECK(session.is_written());
    CHECK(world.again(session).get("a", 0) == 2);
    session.create(); // S-255
    CHECK_FALSE(session.is_written());
}

TEST_CASE("S-251: an expiry of the session's own rules how long the cookie lives, not the ticket")
{
    World world;
    Session session{world.backend};
    session["a"] = 1;
    session.set_expiry(5min);
    session.save();
    CHECK(session.cookie_lifetime() == cr::Duration{5min});
    auto later = world.again(session);
    world.clock.advance(10min);
    CHECK(later.contains("a"));
    session.set_expiry(cr::browser_close);
    session.save();
    CHECK(world.again(session).cookie_lifetime() == std::nullopt);
}

TEST_CASE("S-258: flush ends the session here, and a copy of its cookie still opens it until it is too old")
{
    World world;
    auto const session = world.stored({{"user", 7}});
    auto leaving = world.again(session);
    leaving.flush();
    CHECK(leaving.is_empty());
    CHECK(leaving.modified());
    CHECK(world.again(session).get("user", 0) == 7);
    world.clock.advance(world.backend.settings().cookie_age + 1s);
    auto copy = world.again(session);
    CHECK_FALSE(copy.contains("user"));
    CHECK(copy.modified());
    leaving["b"] = 1;
    leaving.save();
    CHECK(world.again(leaving).items() == cr::Dict{{"b", 1}});
}

TEST_CASE("the hook hears what happens to sessions in cookies, and never a ticket")
{
    World world;
    std::vector<std::pair<cr::EventKind, cr::Reason>> heard;
    std::string handle;
    world.backend.on_event([&](cr::Event const& event) {
        heard.emplace_back(event.kind(), event.reason());
        handle = event.handle();
    });
    auto const last = [&] { return heard.back(); };
    using Pair = std::pair<cr::EventKind, cr::Reason>;
    auto const session = world.stored({{"a", 1}});
    CHECK(last() == Pair{cr::EventKind::created, cr::Reason::none});
    CHECK(handle.size() == 16);
    CHECK(handle == session.session_key()->handle());
    auto again = world.again(session);
    again["b"] = 1;
    CHECK(last() == Pair{cr::EventKind::loaded, cr::Reason::none});
    again.save();
    CHECK(last() == Pair{cr::EventKind::saved, cr::Reason::none});
    again.flush();
    CHECK(last() == Pair{cr::EventKind::erased, cr::Reason::none});

    auto const rejected = [&](std::string const& text) {
        Session{world.backend, text}.ensure_loaded();
        REQUIRE(last().first == cr::EventKind::rejected);
        return last().second;
    };
    auto changed = text_of(session);
    changed[0] = 'A';
    CHECK(rejected(changed) == cr::Reason::bad_signature);
    CHECK(rejected("someunknownkey") == cr::Reason::bad_signature);
    CHECK(rejected(world.backend.signer().sign("not json", world.backend.now())) == cr::Reason::undecodable);
    CHECK(rejected(world.backend.signer().sign("[1]", world.backend.now())) == cr::Reason::undecodable);
    world.clock.advance(world.backend.settings().cookie_age + 1s);
    CHECK(rejected(text_of(session)) == cr::Reason::expired);
    CHECK(rejected(changed) == cr::Reason::bad_signature);
}

TEST_CASE("a text reaches the serializer only when it is well signed and young enough")
{
    using Counted = cr::Session<cr::storage::SignedCookie, CountingJson, cr::signer::Hmac>;
    cr::testing::ManualClock const clock{vectors_clock};
    Counted::Backend backend{cr::storage::SignedCookie{}, {}, cr::signer::Hmac{"a secret of the tests"}};
    backend.clock(clock);
    Counted session{backend};
    session["a"] = 1;
    session.save();
    std::string const ticket{session.session_key()->reveal()};
    auto const loads = [&](std::string const& text) {
        CountingJson::loads = 0;
        Counted{backend, text}.ensure_loaded();
        Counted{backend, text}.load();
        return CountingJson::loads;
    };
    CHECK(loads(ticket) == 2);
    int reached = 0;
    for (std::size_t i = 0; i < ticket.size() * 8; ++i) {
        auto changed = ticket;
        changed[i / 8] = static_cast<char>(changed[i / 8] ^ (1 << i % 8));
        reached += loads(changed);
        reached += loads(ticket.substr(0, i / 8));
    }
    CHECK(reached == 0);
    clock.advance(backend.settings().cookie_age + 1s);
    CHECK(loads(ticket) == 0);
}

TEST_CASE("no text of an error shows the session, its ticket or the secret")
{
    World world;
    auto session = world.stored({{"a", 1}});
    auto const before = text_of(session);
    std::mt19937 random{1};
    std::string noise;
    while (noise.size() < 5000)
        noise += static_cast<char>('a' + random() % 26);
    session["essay"] = noise;
    try {
        session.save();
        FAIL("it was saved");
    } catch (cr::SizeError const& error) {
        std::string const text = error.what();
        CHECK(text.find("essay") == std::string::npos);
        CHECK(text.find(noise.substr(0, 8)) == std::string::npos);
        CHECK(text.find(before.substr(0, 8)) == std::string::npos);
        CHECK(text.find("4096") != std::string::npos);
        CHECK(text.find(vectors({"meta", "secret_key"}).as<std::string>()) == std::string::npos);
    }
    CHECK(text_of(session) == before);
}

TEST_CASE("S-255: there is nothing to clear, and on a server the sweep tells how far it is")
{
    World world;
    std::vector<std::size_t> told;
    auto const progress = [&](std::size_t cleared) { told.push_back(cleared); };
    CHECK(world.backend.clear_expired(progress) == 0);
    CHECK(told.empty());

    using Kept = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Hmac>;
    Kept::Backend backend{cr::storage::Memory{}, {}, cr::signer::Hmac{"a secret of the tests"}};
    backend.clock(world.clock);
    for (int i = 0; i < 2300; ++i) {
        Kept session{backend};
        session["i"] = i;
        session.set_expiry(1min);
        session.save();
    }
    world.clock.advance(2min);
    CHECK(backend.clear_expired(progress) == 2300);
    CHECK(told == std::vector<std::size_t>{1000, 2000, 2300});
    CHECK(backend.clear_expired() == 0);
    CHECK(backend.clear_expired(progress) == 0);
    CHECK(told.back() == 0);
}

TEST_CASE("what the callback of a sweep throws ends the sweep, and what is removed stays removed")
{
    cr::testing::ManualClock const clock{vectors_clock};
    using Kept = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Hmac>;
    Kept::Backend backend{cr::storage::Memory{}, {}, cr::signer::Hmac{"a secret of the tests"}};
    backend.clock(clock);
    for (int i = 0; i < 1500; ++i) {
        Kept session{backend};
        session.set_expiry(1min);
        session.save();
    }
    clock.advance(2min);
    CHECK_THROWS_AS(backend.clear_expired([](std::size_t) { throw 1; }), int);
    CHECK(backend.clear_expired() == 500);
}
