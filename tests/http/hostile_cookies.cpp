// SPDX-License-Identifier: MIT
//
// Whatever a client sends as its cookie, it is at most a new anonymous visitor: no exception, no write, no
// key of the client's choice, and a hook that can see why.
#include "support/catch.hpp"

#include <cloakroom/http/middleware.hpp>
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/storage/memory.hpp>
#include <cloakroom/testing/fault_injection.hpp>
#include <cloakroom/testing/manual_clock.hpp>

#include <optional>
#include <string>
#include <vector>

namespace cr = cloakroom;
using namespace std::chrono_literals;
using Storage = cr::testing::Faulty<cr::storage::Memory>;
using Session = cr::Session<Storage, cr::serializer::Json, cr::signer::Hmac>;
using Middleware = cr::http::Middleware<Session>;
using Operation = cr::testing::Operation;

namespace {

struct World {
    cr::testing::Faults faults;
    cr::testing::ManualClock clock;
    Session::Backend backend;
    Middleware middleware{backend};
    std::vector<cr::Reason> rejected;
    std::string heard;

    explicit World(cr::Settings settings = {})
        : backend{
              Storage{cr::storage::Memory{}, faults}, {}, cr::signer::Hmac{"a secret of the tests"}, settings}
    {
        backend.clock(clock);
        backend.on_event([this](cr::Event const& event) {
            heard += event.handle();
            if (event.kind() == cr::EventKind::rejected)
                rejected.push_back(event.reason());
        });
    }

    std::size_t writes() const { return faults.count() - faults.count(Operation::load); }
};

struct Hostile {
    std::string name;
    std::string header;
    std::optional<cr::Reason>
        reason;            ///< what the hook hears, nothing where the header has no session cookie at all
    std::size_t loads = 0; ///< how often the storage is asked
};

std::vector<Hostile> hostile_cookies()
{
    using enum cr::Reason;
    std::string const plausible = "abcdefghijklmnopqrstuvwxyz012345";
    return {
        {"no cookie", "", {}},
        {"another cookie", "other=1", {}},
        {"empty", "sessionid=", unusable_key},
        {"quotes only", "sessionid=\"\"", unusable_key},
        {"seven characters", "sessionid=abcdefg", unusable_key},
        {"1 MB", "sessionid=" + std::string(1'000'000, 'a'), oversize_cookie},
        {"1 MB of separators", std::string(1'000'000, ';') + "sessionid=", unusable_key},
        {"NULs", "sessionid=" + std::string(32, '\0'), unusable_key},
        {"a NUL within", "sessionid=abcdefgh" + std::string(1, '\0') + "ijklmnop", unusable_key},
        {"a path", "sessionid=../../../../etc/passwd", unusable_key},
        {"upper case", "sessionid=ABCDEFGHIJKLMNOPQRSTUVWXYZ012345", unusable_key},
        {"41 characters", "sessionid=" + std::string(41, 'a'), unusable_key},
        {"not UTF-8", "sessionid=\xFF\xFE\xFD\xFC\xFB\xFA\xF9\xF8\xF7", unusable_key},
        {"SQL", "sessionid=' OR 1=1; --", unusable_key},
        {"foreign", "sessionid=" + plausible, unknown_key, 1},
        {"the last of two", "sessionid=abc; sessionid=" + plausible, unknown_key, 1},
    };
}

} // namespace

TEST_CASE("a hostile cookie that is read is a new visitor, costs at most one look-up, writes nothing and is "
          "reported")
{
    for (auto const& hostile : hostile_cookies()) {
        INFO(hostile.name);
        World world;
        auto session = world.middleware.open(hostile.header);
        CHECK(session.get("anything") == std::nullopt);
        CHECK(session.is_empty());
        CHECK_FALSE(session.session_key().has_value());
        auto const& outcome = world.middleware.close(session, 200);
        CHECK(outcome.status == 200);
        CHECK(world.writes() == 0);
        CHECK(world.faults.count(Operation::load) == hostile.loads);
        CHECK(world.rejected == (hostile.reason ? std::vector{*hostile.reason} : std::vector<cr::Reason>{}));
        // The browser is told to forget it.
        CHECK((outcome.headers.size() == 2) == hostile.reason.has_value());
    }
}

TEST_CASE("a hostile cookie never becomes the key of a session that is written (S-113)")
{
    for (auto const& hostile : hostile_cookies()) {
        INFO(hostile.name);
        World world;
        auto session = world.middleware.open(hostile.header);
        session["a"] = 1;
        auto const& outcome = world.middleware.close(session, 200);
        REQUIRE(outcome.headers.size() == 2);
        auto const key = std::string{session.session_key()->reveal()};
        CHECK(outcome.headers[0].value.starts_with("sessionid=" + key + ";"));
        CHECK(key.size() == 32);
        CHECK(hostile.header.find(key) == std::string::npos);
        CHECK(world.heard.find(key) == std::string::npos);
    }
}

TEST_CASE("10,000 anonymous requests write nothing (S-320)")
{
    World world;
    for (int i = 0; i < 10'000; ++i) {
        auto session = world.middleware.open("");
        session.get("visit");
        if (i % 2 == 0)
            session.flush();
        CHECK(world.middleware.close(session, 200).headers.size() == 1); // Vary
    }
    CHECK(world.faults.count() == 0);
}

TEST_CASE("an expired session is a new visitor")
{
    World world;
    Session session{world.backend};
    session["a"] = 1;
    session.save();
    auto const cookie = "sessionid=" + std::string{session.session_key()->reveal()};
    world.clock.advance(14 * 24h);
    auto again = world.middleware.open(cookie);
    CHECK(again.items().empty());
    CHECK(world.rejected == std::vector{cr::Reason::unknown_key});
    CHECK(world.middleware.close(again, 200)
              .headers[0]
              .value.starts_with("sessionid=\"\"; expires=Thu, 01 Jan 1970"));
}

TEST_CASE("a prefixed cookie that came twice is refused, one that came once is not")
{
    World world{{.cookie_name = "__Host-sid", .cookie_secure = true}};
    Session session{world.backend};
    session["a"] = 1;
    session.save();
    auto const cookie = "__Host-sid=" + std::string{session.session_key()->reveal()};
    auto once = world.middleware.open(cookie);
    CHECK(once["a"] == 1);
    auto twice = world.middleware.open(std::vector<std::string>{cookie, cookie});
    CHECK(twice.items().empty());
    CHECK(world.rejected == std::vector{cr::Reason::duplicate_cookie});
}

TEST_CASE("of two cookies whose name has two underlines but no prefix the last counts, as Django's")
{
    World world{{.cookie_name = "__session"}};
    Session session{world.backend};
    session["a"] = 1;
    session.save();
    auto const cookie = "__session=" + std::string{session.session_key()->reveal()};
    auto last = world.middleware.open("__session=abcdefghabcdefgh; " + cookie);
    CHECK(last["a"] == 1);
    CHECK(world.rejected.empty());
    auto first = world.middleware.open(cookie + "; __session=abcdefghabcdefgh");
    CHECK(first.items().empty());
    CHECK(world.rejected == std::vector{cr::Reason::unknown_key});
}

TEST_CASE("a request that touches nothing asks no storage; a reading one asks once; a writing one twice")
{
    World world;
    Session session{world.backend};
    session["a"] = 1;
    session.save();
    auto const cookie = "sessionid=" + std::string{session.session_key()->reveal()};
    world.faults.reset_counts();

    auto untouched = world.middleware.open(cookie);
    CHECK(world.middleware.close(untouched, 200).headers.empty());
    CHECK(world.faults.count() == 0);

    auto reading = world.middleware.open(cookie);
    reading.get("a");
    reading.get("b");
    world.middleware.close(reading, 200);
    CHECK(world.faults.count(Operation::load) == 1);
    CHECK(world.faults.count() == 1);

    auto writing = world.middleware.open(cookie);
    writing["a"] = 2;
    world.middleware.close(writing, 200);
    CHECK(world.faults.count(Operation::commit) == 1);
    CHECK(world.faults.count() == 3);

    auto login = world.middleware.open(cookie);
    login.cycle_key();
    world.middleware.close(login, 200); // what was just written is not written again
    CHECK(world.faults.count(Operation::rotate) == 1);
    CHECK(world.faults.count() == 5);
}

TEST_CASE("a store that is down throws and never looks like a visitor without a session")
{
    World world;
    Session session{world.backend};
    session["a"] = 1;
    session.save();
    auto const cookie = "sessionid=" + std::string{session.session_key()->reveal()};

    world.faults.fail(Operation::load, cr::testing::Moment::before);
    auto reading = world.middleware.open(cookie);
    CHECK_THROWS_AS(reading.get("a"), cr::StorageError);
    CHECK_FALSE(reading.is_loaded());
    CHECK_THROWS_AS(world.middleware.open(cookie, cr::prefetch), cr::StorageError);
    world.faults.heal();
    CHECK(reading["a"] == 1);

    world.faults.fail(Operation::commit, cr::testing::Moment::before);
    reading["a"] = 2;
    CHECK_THROWS_AS(world.middleware.close(reading, 200), cr::StorageError);
    world.faults.heal();
    CHECK(world.middleware.close(reading, 200).headers.size() == 2);
    CHECK(session.load().at("a") == 2);

    world.faults.fail(Operation::erase, cr::testing::Moment::before);
    auto leaving = world.middleware.open(cookie);
    CHECK_THROWS_AS(leaving.flush(), cr::StorageError);
    CHECK(leaving["a"] == 2);
    world.faults.heal();
    leaving.flush();
    CHECK(leaving.is_empty());
}

TEST_CASE("a key that a failed request has changed is told to the browser (not S-308)")
{
    World world;
    Session session{world.backend};
    session["a"] = 1;
    session.save();
    auto const cookie = "sessionid=" + std::string{session.session_key()->reveal()};
    auto login = world.middleware.open(cookie);
    login.cycle_key();
    login["not saved"] = 1;
    auto const& told = world.middleware.close(login, 500);
    REQUIRE(told.headers.size() == 2);
    auto const new_cookie = "sessionid=" + std::string{login.session_key()->reveal()};
    CHECK(told.headers[0].value.starts_with(new_cookie + ";"));
    CHECK(login.load() == cr::Dict{{"a", 1}});

    // Without a new key, a failed request tells nothing.
    auto failed = world.middleware.open(new_cookie);
    failed["a"] = 2;
    CHECK(world.middleware.close(failed, 500).headers.size() == 1); // Vary
}

TEST_CASE("a record that was removed while the request ran is an interruption, also after a save")
{
    World world;
    auto session = world.middleware.open("");
    session["a"] = 1;
    session.save();
    session.delete_record();
    CHECK(world.middleware.close(session, 200).interrupted);

    auto other = world.middleware.open("");
    other["a"] = 1;
    other.save();
    Session{world.backend, other.session_key()}.flush();
    other.load();
    CHECK(world.middleware.close(other, 200).interrupted);
}
