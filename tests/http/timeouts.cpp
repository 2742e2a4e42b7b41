// SPDX-License-Identifier: MIT
//
// Settings::renewal_threshold and Settings::absolute_age, which Django does not have.
#include "support/catch.hpp"

#include <cloakroom/http/middleware.hpp>
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/creation.hpp>
#include <cloakroom/signer/aead.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/signer/unsigned.hpp>
#include <cloakroom/storage/memory.hpp>
#include <cloakroom/storage/signed_cookie.hpp>
#include <cloakroom/testing/fault_injection.hpp>
#include <cloakroom/testing/manual_clock.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace cr = cloakroom;
using namespace std::chrono_literals;
using cr::testing::Operation;
using Storage = cr::testing::Faulty<cr::storage::Memory>;

namespace {

std::string const secret = "a secret of the tests, long enough for Aead";

template <class Signer>
Signer make_signer()
{
    if constexpr (std::is_constructible_v<Signer, cr::Secret>)
        return Signer{cr::Secret{secret}};
    else
        return Signer{};
}

/// A site with one browser, which keeps the cookie as long as it is told.
template <class Session>
struct Site {
    using Middleware = cr::http::Middleware<Session>;
    using Request = typename Middleware::Request;

    explicit Site(cr::Settings const& settings, typename Session::Backend& its_backend)
        : backend{its_backend}, middleware{its_backend}
    {
        CHECK(cr::settings_problem(settings).empty());
        backend.clock(clock);
        backend.on_event([this](cr::Event const& event) {
            events.push_back(event.kind());
            if (event.kind() == cr::EventKind::rejected)
                rejected.push_back(event.reason());
        });
    }

    /// The Set-Cookie line of a response, or an empty text.
    template <class Use>
    std::string visit(Use use, int status = 200)
    {
        auto session = middleware.open(cookie_header());
        use(session);
        auto const outcome = middleware.close(session, status);
        CHECK(middleware.close(session, status) == outcome);
        std::string line;
        for (auto const& header : outcome.headers)
            if (header.name == "Set-Cookie")
                line = header.value;
        take(line);
        return line;
    }
    std::string look()
    {
        return visit([](Request& session) { (void)session.get("visit", 0); });
    }
    std::string count()
    {
        return visit([](Request& session) { session["visit"] += 1; });
    }
    /// What a request reads that is never closed.
    int visits()
    {
        auto session = middleware.open(cookie_header());
        return session.get("visit", 0);
    }

    std::string cookie_header() const { return cookie && clock() < cookie_end ? "sessionid=" + *cookie : ""; }
    void take(std::string const& line)
    {
        if (line.empty())
            return;
        cookie = line.substr(10, line.find(';') - 10);
        auto const age = line.find("Max-Age=");
        cookie_end = age == std::string::npos
                         ? cr::latest_time
                         : clock() + std::chrono::seconds{std::stoll(line.substr(age + 8))};
    }

    cr::testing::ManualClock clock;
    typename Session::Backend& backend;
    Middleware middleware;
    std::vector<cr::EventKind> events;
    std::vector<cr::Reason> rejected;
    std::optional<std::string> cookie;
    cr::TimePoint cookie_end = cr::latest_time;
};

/// Sessions in memory, each storage call counted.
template <class Signer = cr::signer::Hmac>
struct OnServer {
    using Session = cr::Session<Storage, cr::serializer::Json, Signer>;

    explicit OnServer(cr::Settings const& settings)
        : backend{Storage{cr::storage::Memory{}, faults}, {}, make_signer<Signer>(), settings},
          site{settings, backend}
    {
    }

    std::size_t writes() const { return faults.count() - faults.count(Operation::load); }
    cr::SessionKey key() const { return *cr::SessionKey::parse(*site.cookie); }
    std::optional<cr::Stored> record() { return backend.storage().load(key(), site.clock()); }
    /// What is stored, as the signer signed it.
    cr::Dict data()
    {
        auto const text = backend.signer().unsign(record()->payload, site.clock(), std::nullopt);
        return *backend.serializer().load(*text);
    }
    /// As a program that knows nothing of us does, such as Django.
    void store(cr::Dict const& items, cr::Duration age)
    {
        auto const now = site.clock();
        cr::Record const written{backend.signer().sign(backend.serializer().dump(items), now), now + age};
        REQUIRE(backend.storage().commit(key(), *record(), written, now) == cr::WriteResult::committed);
    }

    cr::testing::Faults faults;
    typename Session::Backend backend;
    Site<Session> site;
};

template <class Signer = cr::signer::Hmac>
struct InCookie {
    using Session = cr::Session<cr::storage::SignedCookie, cr::serializer::Json, Signer>;

    explicit InCookie(cr::Settings const& settings)
        : backend{cr::storage::SignedCookie{}, {}, make_signer<Signer>(), settings}, site{settings, backend}
    {
    }

    typename Session::Backend backend;
    Site<Session> site;
};

cr::Settings idle()
{
    return {.cookie_age = 30min, .renewal_threshold = 1min};
}

cr::Settings absolute()
{
    return {.cookie_age = 30min, .absolute_age = 12h, .renewal_threshold = 1min};
}

bool has_max_age(std::string const& line, std::chrono::seconds age)
{
    return line.find("; Max-Age=" + std::to_string(age.count()) + ";") != std::string::npos;
}

std::int64_t seconds_of(cr::TimePoint moment)
{
    return std::chrono::floor<std::chrono::seconds>(moment.time_since_epoch()).count();
}

} // namespace

// ---- renewal_threshold ----

TEST_CASE("R52: looking at a session writes once in each renewal threshold, not looking at it never")
{
    OnServer<> server{idle()};
    auto& site = server.site;
    site.count();
    auto const payload = server.record()->payload;
    server.faults.reset_counts();
    site.clock.advance(1min - cr::Duration{1});
    for (int i = 0; i < 100; ++i)
        CHECK(site.look().empty());
    CHECK(server.writes() == 0);
    CHECK(server.faults.count() == 100);

    site.clock.advance(cr::Duration{1});
    CHECK(site.visit([](auto&) {}).empty());
    CHECK(site.visit([](auto& session) { session.ensure_loaded(); }).empty()); // as prefetch does
    CHECK(server.writes() == 0);
    for (int i = 0; i < 100; ++i) {
        auto const line = site.look();
        CHECK(line.empty() == (i > 0));
        CHECK((i > 0 || has_max_age(line, 30min)));
    }
    CHECK(server.writes() == 1);
    CHECK(server.faults.count(Operation::touch) == 1);
    CHECK(server.record()->payload == payload);
    CHECK(server.record()->expires == site.clock() + 30min);
    CHECK(site.events.back() == cr::EventKind::loaded);
}

TEST_CASE("R8: under a renewal threshold a session ends a cookie's age after it was last looked at, or the "
          "threshold earlier")
{
    OnServer<> server{idle()};
    auto& site = server.site;
    site.count();
    for (int i = 0; i < 200; ++i) {
        site.clock.advance(59s);
        site.look();
        CHECK(site.visits() == 1);
    }
    site.clock.advance(29min);
    CHECK(site.visits() == 1);
    site.look();
    site.clock.advance(30min);
    site.cookie_end = cr::latest_time; // whatever the browser thinks of it
    CHECK(site.visits() == 0);
    CHECK(site.rejected == std::vector{cr::Reason::unknown_key});
}

TEST_CASE("without a renewal threshold looking at a session is no activity, as in Django (S-079)")
{
    OnServer<> server{{.cookie_age = 30min}};
    auto& site = server.site;
    site.count();
    server.faults.reset_counts();
    site.clock.advance(29min);
    CHECK(site.look().empty());
    CHECK(server.writes() == 0);
    site.clock.advance(1min);
    site.cookie_end = cr::latest_time;
    CHECK(site.visits() == 0);
}

TEST_CASE(
    "R52: no renewal writes for visitors without a session, after failures, or for data that cannot be read")
{
    OnServer<> server{idle()};
    auto& site = server.site;
    CHECK(site.look().empty());
    site.cookie = "unknownunknownunknownunknown0000";
    CHECK(site.look().starts_with("sessionid=\"\";")); // S-304
    CHECK(server.writes() == 0);

    site.count();
    site.clock.advance(5min);
    server.faults.reset_counts();
    auto const look = [](auto& session) { (void)session.get("visit", 0); };
    CHECK(site.visit(look, 500).empty());
    CHECK(server.writes() == 0);
    CHECK_FALSE(site.visit(look, 404).empty());
    CHECK(server.writes() == 1);

    auto const now = site.clock();
    server.backend.storage().commit(server.key(), *server.record(), {"of somebody else", now + 20min}, now);
    server.faults.reset_counts();
    site.clock.advance(5min);
    CHECK(site.look().empty());
    CHECK(server.writes() == 0);
}

TEST_CASE("a session is renewed for its own age or until the browser closes, and not beyond its own moment")
{
    OnServer<> server{{.cookie_age = 30min, .renewal_threshold = 1min}};
    auto& site = server.site;
    site.visit([](auto& session) { session.set_expiry(10min); });
    site.clock.advance(9min);
    CHECK(has_max_age(site.look(), 10min));
    CHECK(server.record()->expires == site.clock() + 10min);
    CHECK(site.look().empty());

    site.visit([](auto& session) { session.set_expiry(cr::browser_close); });
    site.clock.advance(9min);
    auto const line = site.look();
    CHECK_FALSE(line.empty());
    CHECK(line.find("Max-Age") == std::string::npos);
    CHECK(server.record()->expires == site.clock() + 30min);

    auto const end = site.clock() + 20min;
    site.visit([end](auto& session) { session.set_expiry(end); });
    server.faults.reset_counts();
    site.clock.advance(9min);
    CHECK(site.look().empty());
    CHECK(server.writes() == 0);
    CHECK(server.record()->expires == end);
}

TEST_CASE("R8: a session whose own age is not above the renewal threshold is renewed once half of it is over")
{
    for (auto const age : {20s, 60s, 100s}) {
        OnServer<> server{idle()};
        auto& site = server.site;
        site.visit([age](auto& session) {
            session["visit"] = 1;
            session.set_expiry(age);
        });
        for (int i = 0; i < 20; ++i) {
            server.faults.reset_counts();
            site.clock.advance(age / 2 - 1s);
            CHECK(site.look().empty());
            CHECK(server.writes() == 0);
            site.clock.advance(1s);
            CHECK(has_max_age(site.look(), age));
            CHECK(server.writes() == 1);
            REQUIRE(site.visits() == 1);
        }
        site.clock.advance(age);
        site.cookie_end = cr::latest_time;
        CHECK(site.visits() == 0);

        InCookie<> browser{idle()};
        auto& other = browser.site;
        other.visit([age](auto& session) {
            session["visit"] = 1;
            session.set_expiry(age);
        });
        for (int i = 0; i < 20; ++i) {
            other.clock.advance(age / 2 - 1s);
            CHECK(other.look().empty());
            other.clock.advance(1s);
            CHECK(has_max_age(other.look(), age));
            REQUIRE(other.visits() == 1);
        }
    }
}

TEST_CASE("a handler that saves an unchanged session itself has its cookie renewed with it")
{
    OnServer<> server{idle()};
    auto& site = server.site;
    site.count();
    site.clock.advance(10s);
    server.faults.reset_counts();
    CHECK(has_max_age(site.visit([](auto& session) { session.save(); }), 30min));
    CHECK(server.writes() == 1);
}

TEST_CASE("R51: what another request did while one looked at the session stands, and nobody is interrupted")
{
    using Session = OnServer<>::Session;
    auto const after = [](auto meanwhile) {
        OnServer<> server{idle()};
        auto& site = server.site;
        site.count();
        site.clock.advance(5min);
        auto session = site.middleware.open(site.cookie_header());
        CHECK(session.get("visit", 0) == 1);
        Session other{server.backend, server.key()};
        meanwhile(other);
        auto const before = server.record();
        auto const& outcome = site.middleware.close(session, 200);
        CHECK(outcome == cr::http::Outcome{200, {{"Vary", "Cookie"}}});
        CHECK(server.record() == before); // as the other left it
        return before.has_value();
    };
    CHECK_FALSE(after([](Session& other) { other.flush(); }));
    CHECK_FALSE(after([](Session& other) { other.cycle_key(); }));
    CHECK(after([](Session& other) {
        other["visit"] += 1;
        other.save();
    }));
    CHECK(after([](Session& other) {
        other.set_expiry(1min);
        other.save();
    }));
    CHECK(after([](Session& other) {
        (void)other.get("visit", 0);
        CHECK(other.renew());
    }));
}

TEST_CASE("R40: a store that breaks at the renewal is no visitor without a session")
{
    OnServer<> server{idle()};
    auto& site = server.site;
    site.count();
    site.clock.advance(5min);
    server.faults.fail(Operation::touch, cr::testing::Moment::before);
    CHECK_THROWS_AS(site.look(), cr::StorageError);
    server.faults.heal();
    CHECK_FALSE(site.look().empty());
}

TEMPLATE_TEST_CASE("R8: a session in a cookie gets a new ticket once in each renewal threshold", "",
                   cr::signer::Hmac, cr::signer::Aead)
{
    InCookie<TestType> browser{idle()};
    auto& site = browser.site;
    site.count();
    for (int i = 0; i < 100; ++i) {
        site.clock.advance(50s);
        auto const line = site.look();
        CHECK(line.empty() == (i % 2 == 0)); // after 50 s nothing, after 100 s a ticket
        CHECK((line.empty() || has_max_age(line, 30min)));
        CHECK(site.visits() == 1);
    }
    CHECK(site.rejected.empty());
    site.clock.advance(30min + 1s);
    site.cookie_end = cr::latest_time;
    CHECK(site.visits() == 0);
    CHECK(site.rejected == std::vector{cr::Reason::expired});
}

TEST_CASE("a ticket is not renewed for a session with an end of its own, nor when it would get too large")
{
    InCookie<> browser{idle()};
    auto& site = browser.site;
    site.visit([&](auto& session) { session.set_expiry(site.clock() + 20min); });
    site.clock.advance(5min);
    CHECK(site.look().empty());

    // One that began without absolute_age and has room for nothing more.
    InCookie<> before{idle()};
    before.backend.clock(site.clock);
    auto session = before.site.middleware.open("");
    std::mt19937 random{1}; // what does not compress
    std::string noise;
    for (bool is_small = true; is_small;) {
        for (int i = 0; i < (noise.size() < 3'000 ? 3'000 : 1); ++i)
            noise += static_cast<char>('a' + random() % 26);
        session["noise"] = noise;
        try {
            session.save();
        } catch (cr::SizeError const&) {
            is_small = false;
        }
        REQUIRE(noise.size() < 8'000);
    }
    InCookie<> limited{absolute()};
    limited.backend.clock(site.clock);
    limited.site.cookie = std::string{session.session_key()->reveal()};
    site.clock.advance(5min);
    CHECK(limited.site.look().empty());
    CHECK(limited.site
              .visit([&](auto& it) { CHECK(it.at("noise").template as<std::string>().size() >= 3'000); })
              .empty());
}

// ---- absolute_age ----

TEST_CASE("R9 T-clock: no session outlives its absolute age, whatever is saved, renewed or moved")
{
    using Request = cr::http::Middleware<OnServer<>::Session>::Request;
    std::function<void(Request&)> const uses[] = {
        [](Request& session) { session["visit"] += 1; },
        [](Request& session) { (void)session.get("visit", 0); },
        [](Request& session) { session.cycle_key(); },
        [](Request& session) { session.set_modified(); },
        [](Request& session) { session.save(); },
        [](Request& session) { session.set_expiry(std::chrono::days{300}); },
        [](Request& session) { session.set_expiry(session.backend().now() + std::chrono::days{300}); },
        [](Request& session) { session.set_expiry(cr::browser_close); },
        [](Request& session) {
            session.clear();
            session["visit"] = 1;
        },
    };
    for (auto const& use : uses) {
        OnServer<> server{absolute()};
        auto& site = server.site;
        auto const start = site.clock();
        CHECK(has_max_age(site.count(), 30min));
        while (site.clock() < start + 12h - 10min) {
            site.clock.advance(10min);
            site.visit(use);
            site.visit(use);
            REQUIRE(site.visits() >= 1);
            CHECK(server.record()->expires <= start + 12h);
            CHECK(server.data().at(cr::Creation::item_name) == cr::Value{seconds_of(start)});
            CHECK((site.cookie_end == cr::latest_time || site.cookie_end <= start + 12h));
        }
        CHECK(server.record()->expires == start + 12h);
        site.cookie_end = cr::latest_time;
        site.clock.set(start + 12h - cr::Duration{1});
        CHECK(site.visits() >= 1);
        site.clock.set(start + 12h);
        CHECK(site.visits() == 0);
        CHECK(site.look().starts_with("sessionid=\"\";"));
    }
}

TEMPLATE_TEST_CASE("R9 R31 T-clock: no session in a cookie outlives its absolute age, which is within the "
                   "signature",
                   "", cr::signer::Hmac, cr::signer::Aead)
{
    InCookie<TestType> browser{absolute()};
    auto& site = browser.site;
    auto const start = site.clock();
    site.count();
    for (int i = 0; site.clock() < start + 12h - 10min; ++i) {
        site.clock.advance(10min);
        i % 2 == 0 ? site.look() : site.count();
        REQUIRE(site.visits() >= 1);
        CHECK(site.cookie_end <= start + 12h);
    }
    site.cookie_end = cr::latest_time; // a client that keeps what it should not (R10)
    site.clock.set(start + 12h - cr::Duration{1});
    CHECK(site.visits() >= 1);
    CHECK(site.rejected.empty());
    site.clock.set(start + 12h);
    CHECK(site.visits() == 0);
    CHECK(site.rejected == std::vector{cr::Reason::expired});
    auto session = site.middleware.open(site.cookie_header());
    CHECK(session.load().empty());
    // The next response replaces it (S-252); what begins then has nothing of it.
    site.look();
    CHECK(site.visits() == 0);
    CHECK(site.cookie_end == start + 12h + 30min);
}

TEMPLATE_TEST_CASE("R9: a session in a cookie that is emptied unread keeps its beginning", "",
                   cr::signer::Hmac, cr::signer::Aead)
{
    // With the item, and signed by a site that had no absolute_age.
    for (auto const& at_first : {absolute(), idle()}) {
        InCookie<TestType> first{at_first};
        first.site.count();
        InCookie<TestType> browser{absolute()};
        auto& site = browser.site;
        site.clock.set(first.site.clock());
        site.cookie = first.site.cookie;
        auto const start = site.clock();
        while (site.clock() < start + 12h - 10min) {
            site.clock.advance(10min);
            site.visit([start](auto& session) {
                session.clear();
                session["visit"] = 1;
                session.save();
                CHECK(session.at(cr::Creation::item_name) == cr::Value{seconds_of(start)});
            });
            REQUIRE(site.visits() == 1);
            CHECK(site.cookie_end <= start + 12h);
        }
        site.cookie_end = cr::latest_time;
        site.clock.set(start + 12h);
        CHECK(site.visits() == 0);

        // What comes after it, or after a ticket of somebody else, begins anew.
        for (auto const& cookie : {*site.cookie, std::string{"made-up"}}) {
            site.cookie = cookie;
            site.visit([&](auto& session) {
                session.clear();
                session["visit"] = 1;
                session.save();
                CHECK(session.at(cr::Creation::item_name) == cr::Value{seconds_of(site.clock())});
            });
        }
    }
}

TEST_CASE("R10: neither the cookie's attributes nor the record's own expiry make a session live longer")
{
    OnServer<> server{absolute()};
    auto& site = server.site;
    auto const start = site.clock();
    site.count();
    // A program that knows no absolute_age renews the record.
    auto const seen = *server.record();
    REQUIRE(server.backend.storage().touch(server.key(), seen, start + std::chrono::days{300}, start) ==
            cr::WriteResult::committed);
    site.cookie_end = cr::latest_time;
    site.clock.set(start + 12h - cr::Duration{1});
    CHECK(site.visits() == 1);
    OnServer<>::Session before{server.backend, server.key()};
    CHECK(before.get("visit", 0) == 1);
    site.clock.set(start + 12h);
    CHECK(site.visits() == 0);
    CHECK(site.rejected == std::vector{cr::Reason::expired});
    OnServer<>::Session late{server.backend, server.key()};
    CHECK(late.load().empty());
    CHECK_FALSE(late.session_key());
    // What a request saves that has loaded it before is dead at once.
    before["visit"] += 1;
    before.save();
    CHECK_FALSE(server.record());
}

TEST_CASE(
    "R10: a record that Django signs anew keeps its beginning, and one that says something impossible counts "
    "from its signature")
{
    OnServer<> server{absolute()};
    auto& site = server.site;
    auto const start = site.clock();
    site.count();
    auto items = server.data();
    site.clock.advance(6h);
    site.cookie_end = cr::latest_time;
    REQUIRE_FALSE(server.record());

    site.clock.set(start + 20min);
    server.store(items, 24h); // with the item, as Django has it in its dictionary
    site.clock.set(start + 12h - 1s);
    CHECK(site.visits() == 1);
    site.clock.set(start + 12h);
    CHECK(site.visits() == 0);

    for (auto const& nonsense :
         {cr::Value{"soon"}, cr::Value{-1}, cr::Value{seconds_of(start + 24h)}, cr::Value{INT64_MAX},
          cr::Value{1e300}, cr::Value{}, cr::Value{cr::Array{}}}) {
        site.clock.set(start + 13h);
        site.count();
        site.clock.set(start + 13h + 10min);
        items[cr::Creation::item_name] = nonsense;
        server.store(items, std::chrono::days{30});
        site.clock.set(start + 13h + 20min);
        site.count(); // and says so from now on
        CHECK(server.data().at(cr::Creation::item_name) == cr::Value{seconds_of(start + 13h + 10min)});
        for (auto now = start + 13h + 20min; now < start + 25h + 9min; now += 9min) {
            site.clock.set(now);
            site.look();
        }
        site.clock.set(start + 25h + 10min - 1s);
        CHECK(site.visits() == 2);
        site.clock.set(start + 25h + 10min);
        CHECK(site.visits() == 0);
        site.cookie.reset();
    }
}

TEMPLATE_TEST_CASE("R9: a session without a beginning counts from its signature, read or written", "",
                   cr::signer::Hmac, cr::signer::Aead)
{
    for (bool const writes : {false, true}) {
        OnServer<TestType> server{absolute()};
        auto& site = server.site;
        auto const start = site.clock();
        site.count();
        server.store({{"visit", 1}}, 30min);
        for (int i = 1; i < 72; ++i) {
            site.clock.advance(10min);
            writes ? site.count() : site.look();
            CHECK(server.record()->expires <= start + 12h);
            CHECK(server.data().contains(cr::Creation::item_name) == writes);
        }
        CHECK(site.visits() >= 1);
        site.cookie_end = cr::latest_time;
        site.clock.set(start + 12h);
        CHECK(site.visits() == 0);
    }
}

TEST_CASE("R9: a session without a beginning or a signature counts from the first time that it is looked at")
{
    for (auto const threshold : {0s, 60s}) {
        OnServer<cr::signer::Unsigned> server{
            {.cookie_age = std::chrono::weeks{2}, .absolute_age = 12h, .renewal_threshold = threshold}};
        auto& site = server.site;
        auto const start = site.clock();
        site.count();
        server.store({{"visit", 1}}, std::chrono::weeks{2});
        site.clock.advance(1h);
        server.faults.reset_counts();
        site.look();
        CHECK(server.writes() == 1);
        CHECK(server.data().at(cr::Creation::item_name) == cr::Value{seconds_of(start + 1h)});
        CHECK(server.record()->expires == start + 13h);
        server.faults.reset_counts();
        site.look();
        CHECK(server.writes() == 0);
        site.cookie_end = cr::latest_time;
        site.clock.set(start + 13h - 1s);
        CHECK(site.visits() == 1);
        site.clock.set(start + 13h);
        CHECK(site.visits() == 0);
    }
}

TEST_CASE("noting when a session began is no activity")
{
    OnServer<cr::signer::Unsigned> server{{.cookie_age = 30min, .absolute_age = 12h}};
    auto& site = server.site;
    site.count();
    server.store({{"visit", 1}}, 30min);
    auto const end = server.record()->expires;
    site.clock.advance(10min);
    CHECK(site.look().empty());
    CHECK(server.data().contains(cr::Creation::item_name));
    CHECK(server.record()->expires == end);
}

TEST_CASE("R9: two requests that note the beginning at once agree on it")
{
    OnServer<cr::signer::Unsigned> server{absolute()};
    auto& site = server.site;
    auto const start = site.clock();
    site.count();
    server.store({{"visit", 1}}, 30min);
    using Session = OnServer<cr::signer::Unsigned>::Session;
    Session first{server.backend, server.key()};
    Session second{server.backend, server.key()};
    first["a"] = 1;
    second["b"] = 2;
    site.clock.advance(5s);
    first.save();
    site.clock.advance(5s);
    second.save();
    cr::Dict const items{{"visit", 1}, {"a", 1}, {"_cloakroom_created", seconds_of(start + 5s)}, {"b", 2}};
    CHECK(server.data() == items);
    CHECK(server.record()->expires == start + 10s + 30min);
}

TEST_CASE("what begins after a flush has the whole absolute age before it")
{
    OnServer<> server{absolute()};
    auto& site = server.site;
    site.count();
    site.clock.advance(10min);
    site.visit([](auto& session) {
        (void)session.get("visit", 0);
        session.flush();
        session["visit"] = 7;
    });
    CHECK(server.data().at(cr::Creation::item_name) == cr::Value{seconds_of(site.clock())});

    InCookie<> browser{absolute()};
    browser.site.count();
    browser.site.clock.advance(10min);
    browser.site.visit([&](auto& session) {
        (void)session.get("visit", 0);
        session.flush();
        session["visit"] = 7;
        session.save();
        CHECK(session.at(cr::Creation::item_name) == cr::Value{seconds_of(browser.site.clock())});
    });
}

TEST_CASE("noting the beginning sets none of Django's flags, and equal data stay equal")
{
    OnServer<> server{absolute()};
    auto& site = server.site;
    site.count();
    site.clock.advance(1s);
    server.faults.reset_counts();
    site.visit([](auto& session) { session.set_modified(); });
    CHECK(server.faults.count(Operation::touch) == 1);

    server.store({{"visit", 1}}, 30min);
    OnServer<>::Session session{server.backend, server.key()};
    session.ensure_loaded();
    CHECK_FALSE(session.accessed());
    session.save();
    CHECK_FALSE(session.modified());
    CHECK(session.items().size() == 2);
}

TEST_CASE("without an absolute age not a byte of a session differs from Django's")
{
    OnServer<cr::signer::Unsigned> server{idle()};
    server.site.count();
    server.site.clock.advance(5min);
    server.site.look();
    CHECK(server.record()->payload == R"({"visit":1})");
}
