// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/signer/unsigned.hpp>
#include <cloakroom/storage/memory.hpp>
#include <cloakroom/storage/sqlite.hpp>
#include <cloakroom/testing/manual_clock.hpp>

#include <memory>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

namespace cr = cloakroom;
using namespace std::chrono_literals;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Hmac>;

static_assert(!std::is_copy_constructible_v<Session> && !std::is_copy_assignable_v<Session>);
static_assert(std::is_nothrow_move_constructible_v<Session> && std::is_nothrow_move_assignable_v<Session>);
static_assert(!std::is_copy_constructible_v<cr::Item<Session>>);
static_assert(!std::is_convertible_v<cr::Item<Session>, int> &&
              !std::is_convertible_v<cr::Item<Session>, cr::Value>);
static_assert(!std::is_convertible_v<Session, bool>, "the truth value is asked for explicitly");

namespace {

/// A backend over Memory with a clock that stands still.
struct World {
    cr::testing::ManualClock clock;
    Session::Backend backend{cr::storage::Memory{}, {}, cr::signer::Hmac{"a secret of the tests"}};

    World() { backend.clock(clock); }

    Session stored(cr::Dict const& data)
    {
        Session session{backend};
        session.update(data);
        session.save();
        return session;
    }
    Session again(Session const& session) { return Session{backend, session.session_key()}; }
};

} // namespace

TEST_CASE("a place in the session sets, reads, adds and removes")
{
    World world;
    Session session{world.backend};
    session["visit"] += 1;
    session["visit"] += 2;
    session["name"] = "ann";
    session["name"] += " lee";
    session["ratio"] = 1.5;
    session["ratio"] -= 1;
    ++session["visit"];
    session["list"] += cr::Array{1};
    session["list"] += cr::Array{2, 3};
    CHECK(session["visit"].as<int>() == 4);
    CHECK(session["name"] == "ann lee");
    CHECK(session["ratio"] == 0.5);
    CHECK(session["list"].as<std::vector<int>>() == std::vector{1, 2, 3});
    CHECK(session["list"][2] == 3);
    CHECK(session["missing"].get<int>() == std::nullopt);
    CHECK_FALSE(session["missing"].exists());
    CHECK(session["name"].erase());
    CHECK_FALSE(session["name"].erase());
    CHECK_THROWS_WITH(session["name"].as<int>(), "no item 'name'");
    CHECK_THROWS_WITH(session["list"].as<int>(), "list: array where an integer is wanted");
    CHECK_THROWS_WITH(session["list"][1].as<bool>(), "list[1]: integer where a boolean is wanted");
}

namespace {

/// Can be moved alone.
struct Ticket {
    std::unique_ptr<int> number;
};

} // namespace

template <>
struct cloakroom::Conversion<Ticket> {
    static Value to_value(Ticket const& ticket) { return Value{*ticket.number}; }
    static Ticket from_value(Value const& value, Where const& where)
    {
        return {std::make_unique<int>(value.as<int>(where))};
    }
};

TEST_CASE("get and pop take a default that can only be moved")
{
    World world;
    Session session{world.backend};
    CHECK(*session.get("ticket", Ticket{std::make_unique<int>(5)}).number == 5);
    CHECK(*session.pop("ticket", Ticket{std::make_unique<int>(6)}).number == 6);
    session["ticket"] = Ticket{std::make_unique<int>(7)};
    CHECK(*session.get("ticket", Ticket{}).number == 7);
    CHECK(*session.pop("ticket", Ticket{}).number == 7);
    CHECK_FALSE(session.contains("ticket"));
    constexpr auto ticket = cr::field<"ticket", Ticket>;
    CHECK(*session.pop(ticket, Ticket{std::make_unique<int>(8)}).number == 8);
    session[ticket] = Ticket{std::make_unique<int>(9)};
    CHECK(*session.at(ticket).number == 9);
}

TEST_CASE("assigning one place to another assigns the value")
{
    World world;
    Session session{world.backend};
    session["a"] = 1;
    session["b"] = 2;
    session["a"] = session["b"];
    CHECK(session["a"] == 2);
    auto place = session["c"];
    place = session["a"];
    CHECK(session["c"] == 2);
    session["a"] = session["a"];
    CHECK(session["a"] == 2);
}

TEST_CASE("an index below 0 names no item, and the text says which")
{
    World world;
    Session session{world.backend};
    session["list"] = cr::Array{1};
    CHECK_FALSE(session["list"][-1].exists());
    CHECK_THROWS_WITH(session["list"][-1].value(), "no item 'list[-1]'");
    CHECK_THROWS_WITH(session["list"][-1] = 2, "no item 'list[-1]'");
    CHECK_THROWS_WITH(session["list"][1] = 2, "no item 'list[1]'");
}

TEST_CASE("adding what does not go together is a TypeError that changes nothing")
{
    World world;
    Session session{world.backend};
    session["name"] = "ann";
    session["huge"] = std::numeric_limits<std::uint64_t>::max();
    session["flag"] = true;
    CHECK_THROWS_WITH(session["name"] += 1, "name: integer cannot be added to string");
    CHECK_THROWS_WITH(session["huge"] += 1, "huge: integer cannot be added to integer within 64 bits");
    CHECK_THROWS_AS(session["flag"] += true, cr::TypeError);
    session["huge"] -= 1;
    CHECK(session["huge"] == std::numeric_limits<std::uint64_t>::max() - 1);
    CHECK(session["name"] == "ann");
}

TEST_CASE("a nested edit through the session marks it modified and is saved, unlike Django's (not S-012)")
{
    World world;
    auto const first =
        world.stored({{"cart", cr::Dict{{"n", 1}, {"items", cr::Array{cr::Dict{{"price", 2}}}}}}});
    auto session = world.again(first);
    session["cart"]["n"] = 2;
    session["cart"]["items"][0]["price"] += 5;
    session["cart"]["new"] = "x";
    CHECK(session.modified());
    session.save();
    CHECK(session.load() ==
          cr::Dict{{"cart", cr::Dict{{"n", 2}, {"items", cr::Array{cr::Dict{{"price", 7}}}}, {"new", "x"}}}});

    CHECK_THROWS_WITH(session["gone"]["n"] = 1, "no item 'gone'");
    CHECK_THROWS_AS(session["gone"]["n"] = 1, cr::KeyError);
    CHECK_THROWS_WITH(session["cart"]["n"]["deep"] = 1,
                      "cart.n.deep: there is no object or array to hold it");
    CHECK_THROWS_WITH(session["cart"]["items"][9] = 1, "no item 'cart.items[9]'");
    CHECK_THROWS_WITH(session["cart"]["none"]["y"] = 1, "no item 'cart.none'");
}

TEST_CASE("the dictionary's functions answer as Django's (S-020 to S-030, S-807, not S-033)")
{
    World world;
    auto const first = world.stored({{"a", 1}, {"b", "two"}});
    auto session = world.again(first);
    CHECK(session.at("a") == 1);
    CHECK_THROWS_AS(session.at("z"), cr::KeyError);
    CHECK(session.get<int>("a") == 1);
    CHECK(session.get<int>("z") == std::nullopt);
    CHECK(session.get("a", 7) == 1);
    CHECK(session.get("z", 7) == 7);
    CHECK(session.get("z", "seven") == "seven");
    CHECK_THROWS_WITH(session.get<int>("b"), "b: string where an integer is wanted");
    CHECK(session.contains("a"));
    CHECK_FALSE(session.has_key("z"));
    CHECK_FALSE(session.erase("z"));
    CHECK_FALSE(session.modified());
    CHECK(session.setdefault("a", 9) == 1);
    CHECK_FALSE(session.modified());
    CHECK(session.setdefault("c", 3) == 3);
    CHECK(session.modified());
    CHECK(session.pop("b") == "two");
    CHECK(session.pop("b", "none") == "none");
    CHECK_THROWS_AS(session.pop("b"), cr::KeyError);
    session.update({{"d", 4}, {"a", 5}});
    CHECK(session.keys() == std::vector<std::string>{"a", "c", "d"});
    CHECK(session.values() == std::vector<cr::Value>{5, 3, 4});
    std::string walked;
    for (auto const& [key, value] : session)
        walked += key + std::to_string(value.as<int>());
    CHECK(walked == "a5c3d4");
    session.clear();
    CHECK(session.items().empty());
}

TEST_CASE("opening a session asks no storage, reading it asks once")
{
    World world;
    auto const first = world.stored({{"a", 1}});
    int loads = 0;
    world.backend.on_event(
        [&](cr::Event const& event) { loads += event.kind() == cr::EventKind::loaded ? 1 : 0; });
    auto session = world.again(first);
    CHECK_FALSE(session.is_empty());
    CHECK_FALSE(session.is_loaded());
    CHECK(loads == 0);
    session.get("a");
    session.get("b");
    session["c"] = 1;
    CHECK(loads == 1);
}

TEST_CASE("requests that change different keys at once both keep their changes (not S-107)")
{
    World world;
    auto const first = world.stored({{"n", 0}, {"gone", 1}});
    auto a = world.again(first);
    auto b = world.again(first);
    a["p"] = 1;
    a.erase("gone");
    b["q"] = 2;
    b["n"] += 5;
    a.save();
    b.save();
    CHECK(a.load() == cr::Dict{{"n", 5}, {"p", 1}, {"q", 2}});
}

TEST_CASE("on the same key sums and updates add up, a set wins last, a default yields")
{
    World world;
    auto const first =
        world.stored({{"sum", 10}, {"text", "x"}, {"set", 0}, {"list", cr::Array{}}, {"double", 3}});
    auto a = world.again(first);
    auto b = world.again(first);
    for (auto* session : {&a, &b})
        session->ensure_loaded();
    a["sum"] += 1;
    b["sum"] += 2;
    b["sum"] += 4;
    a["text"] += "a";
    b["text"] += "b";
    a["set"] = "a";
    b["set"] = "b";
    a["list"] += cr::Array{1};
    b["list"] += cr::Array{2};
    a.setdefault("default", "a");
    b.setdefault("default", "b");
    a.update("double", [](cr::Value const& value) { return value.as<int>() * 2; });
    b.update("double", [](cr::Value const& value) { return value.as<int>() + 1; });
    a.save();
    b.save();
    CHECK(a.load() == cr::Dict{{"sum", 17},
                               {"text", "xab"},
                               {"set", "b"},
                               {"list", cr::Array{1, 2}},
                               {"default", "a"},
                               {"double", 7}});
}

TEST_CASE("a change that builds on an own set is part of the set when it is done again")
{
    World world;
    auto const first = world.stored({{"cart", cr::Dict{{"theirs", 1}}}});
    auto a = world.again(first);
    auto b = world.again(first);
    b["cart"] = cr::Dict{{"n", 1}};
    b["cart"]["n"] += 1;
    b["cart"]["m"] = 3;
    b["fresh"] = 1;
    b["fresh"] += 1;
    b.erase("fresh");
    b["fresh"] += 5;
    a["cart"]["theirs"] = 2;
    a["fresh"] = 100;
    a.save();
    b.save();
    CHECK(a.load() == cr::Dict{{"cart", cr::Dict{{"n", 2}, {"m", 3}}}, {"fresh", 5}});
}

TEST_CASE("a nested change whose container went elsewhere makes the last writer win that key alone")
{
    World world;
    auto const first = world.stored({{"cart", cr::Dict{{"n", 1}}}, {"other", 1}, {"total", 5}});
    auto a = world.again(first);
    auto b = world.again(first);
    a.erase("cart");
    a["other"] = 2;
    a["total"] = "five";
    b["cart"]["n"] += 1;
    b["total"] += 1;
    a.save();
    b.save();
    CHECK(a.load() == cr::Dict{{"other", 2}, {"total", 6}, {"cart", cr::Dict{{"n", 2}}}});
}

TEST_CASE("clear before loading clears what is there when it is saved (S-031)")
{
    World world;
    auto const first = world.stored({{"a", 1}});
    auto cleaner = world.again(first);
    cleaner.clear();
    cleaner["mine"] = 1;
    auto other = world.again(first);
    other["b"] = 2;
    other.save();
    cleaner.save();
    CHECK(cleaner.load() == cr::Dict{{"mine", 1}});
}

TEST_CASE("a session that was ended elsewhere is not brought back by save or cycle_key")
{
    World world;
    auto const first = world.stored({{"a", 1}});
    for (auto const end : {0, 1, 2}) {
        auto slow = world.again(world.stored({{"a", 1}}));
        slow["a"] = 2;
        auto fast = world.again(slow);
        if (end == 0)
            fast.flush();
        else if (end == 1)
            fast.cycle_key();
        else
            world.clock.advance(15 * 24h);
        CHECK_THROWS_AS(slow.save(), cr::SessionInterrupted);
        CHECK_THROWS_AS(slow.save(), cr::UpdateError); // Django's name for it (S-105)
        CHECK_THROWS_AS(slow.cycle_key(), cr::SessionInterrupted);
        CHECK(slow.load().empty());
        CHECK_FALSE(slow.session_key().has_value());
    }
}

TEST_CASE("cycle_key carries along what others saved meanwhile")
{
    World world;
    auto const first = world.stored({{"n", 1}});
    auto login = world.again(first);
    login["user"] = "ann";
    auto other = world.again(first);
    other["n"] += 1;
    other.save();
    login.cycle_key();
    CHECK(login.load() == cr::Dict{{"n", 2}, {"user", "ann"}});
    CHECK_FALSE(login.exists(first.session_key()->reveal()));
    other["n"] += 1;
    CHECK_THROWS_AS(other.save(), cr::SessionInterrupted);
}

TEST_CASE("a key that nobody issued is never adopted (S-113)")
{
    World world;
    for (auto const* const text :
         {"unknownunknownunknownunknown0000", "../../etc/passwd", "ABCDEFGHIJKL", "12345678\n"}) {
        Session session{world.backend, text};
        CHECK(session.session_key()->reveal() == text);
        session["a"] = 1;
        session.save();
        CHECK(session.session_key()->reveal() != text);
        CHECK(session.session_key()->is_storable());
    }
}

TEST_CASE("saving equal data moves the expiry and leaves the payload as it was")
{
    World world;
    auto const first = world.stored({{"a", 1}});
    auto const before = *world.backend.storage().load(*first.session_key(), world.backend.now());
    world.clock.advance(10s);
    auto session = world.again(first);
    session["a"] = 1;
    CHECK(session.modified());
    session.save();
    auto const after = *world.backend.storage().load(*first.session_key(), world.backend.now());
    CHECK(after.payload == before.payload);
    CHECK(after.expires == before.expires + 10s);
}

TEST_CASE("what cannot be serialized is refused before anything is written (S-058)")
{
    World world;
    Session session{world.backend};
    cr::Value deep = 1;
    for (std::size_t i = 0; i < cr::max_depth; ++i) {
        cr::Array array;
        array.push_back(std::move(deep));
        deep = std::move(array);
    }
    session["deep"] = deep;
    CHECK_THROWS_AS(session.save(), cr::TypeError);
    CHECK_FALSE(session.session_key().has_value());
    session.erase("deep");
    session["shallow"] = 1;
    session.save();
    CHECK(session.load() == cr::Dict{{"shallow", 1}});
}

TEST_CASE("an update function that throws changes nothing, and while saving writes nothing")
{
    World world;
    auto const first = world.stored({{"n", 1}});
    auto session = world.again(first);
    CHECK_THROWS_AS(session.update("n", [](cr::Value const&) -> int { throw std::runtime_error{"no"}; }),
                    std::runtime_error);
    CHECK(session["n"] == 1);
    session.update("n", [](cr::Value const& value) {
        if (value == cr::Value{5})
            throw std::runtime_error{"no"};
        return value.as<int>() + 1;
    });
    auto other = world.again(first);
    other["n"] = 5;
    other.save();
    CHECK_THROWS_AS(session.save(), std::runtime_error);
    CHECK(other.load() == cr::Dict{{"n", 5}});
}

TEST_CASE("a hook hears of everything by reason and handle, and may throw (not S-803)")
{
    World world;
    std::vector<std::pair<cr::EventKind, cr::Reason>> heard;
    std::string text;
    world.backend.on_event([&](cr::Event const& event) {
        heard.emplace_back(event.kind(), event.reason());
        text += event.handle() + " ";
        throw std::runtime_error{"the hook's own trouble"};
    });
    auto session = world.stored({{"a", 1}});
    auto const key = std::string{session.session_key()->reveal()};
    auto again = world.again(session);
    again["a"] = 2;
    again.save();
    again.cycle_key();
    again.flush();
    Session{world.backend, key}.ensure_loaded();
    Session{world.backend, "no such characters"}.ensure_loaded();
    using enum cr::EventKind;
    CHECK(heard == std::vector<std::pair<cr::EventKind, cr::Reason>>{{created, cr::Reason::none},
                                                                     {loaded, cr::Reason::none},
                                                                     {saved, cr::Reason::none},
                                                                     {loaded, cr::Reason::none},
                                                                     {rotated, cr::Reason::none},
                                                                     {erased, cr::Reason::none},
                                                                     {rejected, cr::Reason::unknown_key},
                                                                     {rejected, cr::Reason::unusable_key}});
    CHECK(text.find(key) == std::string::npos);
    CHECK(text.starts_with(cr::SessionKey::parse(key)->handle()));
}

TEST_CASE("the record of another purpose or key is a session without data, replaced when it is saved (S-052, "
          "S-055, not S-809)")
{
    World world;
    auto const first = world.stored({{"a", 1}});
    std::vector<cr::Reason> rejected;
    Session::Backend other{cr::storage::Memory{}, {}, cr::signer::Hmac{"another secret"}};
    other.clock(world.clock);
    other.on_event([&](cr::Event const& event) {
        if (event.kind() == cr::EventKind::rejected)
            rejected.push_back(event.reason());
    });
    auto const stored = *world.backend.storage().load(*first.session_key(), world.backend.now());
    other.storage().create(*first.session_key(), {stored.payload, stored.expires}, other.now());
    Session session{other, first.session_key()};
    CHECK(session.items().empty());
    CHECK(rejected == std::vector{cr::Reason::bad_signature});
    CHECK(session.session_key() == first.session_key());
    session.save();
    CHECK(rejected.size() == 1);
    CHECK(Session{other, first.session_key()}.load().empty());
    CHECK(rejected.size() == 1);
}

TEST_CASE("fallback keys open old sessions, and saving signs with the new key (S-051, S-411, S-553)")
{
    // The payload that is stored when a request after the change of keys is over.
    auto const payload_after = [](auto use) {
        World world;
        auto const first = world.stored({{"a", 1}});
        auto const stored = *world.backend.storage().load(*first.session_key(), world.backend.now());
        Session::Backend rotated{
            cr::storage::Memory{},
            {},
            cr::signer::Hmac{"a new secret", {.fallback_keys = {"a secret of the tests"}}},
            {.renewal_threshold = 1min}};
        rotated.clock(world.clock);
        rotated.storage().create(*first.session_key(), {stored.payload, stored.expires}, rotated.now());
        world.clock.advance(2min);
        Session session{rotated, first.session_key()};
        CHECK(session.get("a", 0) == 1);
        use(session);
        return rotated.storage().load(*session.session_key(), rotated.now())->payload;
    };
    auto const is_signed_with_new_key = [](std::string const& payload) {
        auto const bound = cr::signer::Hmac{"a new secret"}.bind(cr::storage::Memory::purpose);
        auto const text = bound.unsign(payload, cr::system_now(), std::nullopt);
        return text && *text == R"({"a":1})";
    };
    CHECK_FALSE(is_signed_with_new_key(payload_after([](Session&) {})));
    CHECK(is_signed_with_new_key(payload_after([](Session& session) { session.save(); })));
    CHECK(is_signed_with_new_key(payload_after([](Session& session) {
        session["a"] = 1;
        session.save();
    })));
    CHECK(is_signed_with_new_key(payload_after([](Session& session) { session.cycle_key(); })));
    CHECK(is_signed_with_new_key(payload_after([](Session& session) { CHECK(session.renew()); })));
}

namespace {

template <class S>
void count_with_threads(typename S::Backend& backend)
{
    S first{backend};
    first["visit"] = 0;
    first.save();
    std::vector<std::thread> threads;
    std::atomic<int> failed{0};
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([&] {
            try {
                for (int i = 0; i < 1000; ++i) {
                    S session{backend, first.session_key()};
                    session["visit"] += 1;
                    session.save();
                }
            } catch (...) {
                ++failed;
            }
        });
    for (auto& thread : threads)
        thread.join();
    CHECK(failed == 0);
    CHECK(first.load().at("visit") == 8000);
}

} // namespace

TEST_CASE("8 threads count to 8,000 in one session on Memory")
{
    Session::Backend backend{
        cr::storage::Memory{}, {}, cr::signer::Hmac{"a secret of the tests"}, {.commit_deadline = 60s}};
    count_with_threads<Session>(backend);
}

TEST_CASE("8 threads count to 8,000 in one session on SQLite")
{
    using Durable = cr::Session<cr::storage::Sqlite, cr::serializer::Json, cr::signer::Hmac>;
    TemporaryFolder const folder;
    cr::storage::Sqlite storage{folder.path("db.sqlite3"), {.busy_timeout = 60s}};
    storage.migrate();
    Durable::Backend backend{
        std::move(storage), {}, cr::signer::Hmac{"a secret of the tests"}, {.commit_deadline = 60s}};
    count_with_threads<Durable>(backend);
}

TEST_CASE("a conflict that does not end is a ConflictError within the deadline, with nothing written")
{
    using Quick = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;
    Quick::Backend backend{cr::storage::Memory{}, {}, {}, {.commit_deadline = 0ms}};
    Quick first{backend};
    first["n"] = 0;
    first.save();
    Quick slow{backend, first.session_key()};
    slow["n"] += 1;
    Quick fast{backend, first.session_key()};
    fast["n"] += 10;
    fast.save();
    CHECK_THROWS_AS(slow.save(), cr::ConflictError);
    CHECK(fast.load().at("n") == 10);
    slow.save(); // later, when nobody is faster, it goes through
    CHECK(fast.load().at("n") == 11);
}

TEST_CASE("data of a record that load() found gone are not saved under another key")
{
    World world;
    auto const first = world.stored({{"user", 7}});
    auto session = world.again(first);
    session.ensure_loaded();
    world.again(first).flush();
    std::vector<cr::Reason> rejected;
    world.backend.on_event([&](cr::Event const& event) {
        if (event.kind() == cr::EventKind::rejected)
            rejected.push_back(event.reason());
    });
    CHECK(session.load().empty());
    CHECK(rejected == std::vector{cr::Reason::unknown_key});
    CHECK_FALSE(session.session_key().has_value()); // as Django's
    session["cart"] = 1;
    CHECK_THROWS_AS(session.save(), cr::SessionInterrupted);
    CHECK_THROWS_AS(session.cycle_key(), cr::SessionInterrupted);
    CHECK_THROWS_AS(session.create(), cr::SessionInterrupted);
    CHECK_THROWS_AS(session.save(cr::must_create), cr::SessionInterrupted);
    session.flush();
    session["cart"] = 1;
    session.create();
    CHECK(session.load() == cr::Dict{{"cart", 1}});
}

TEST_CASE("an expiry after no time at all is now, not the end of the browser")
{
    World world;
    Session session{world.backend};
    session.set_expiry(0s);
    CHECK(session.get_expiry_age() == 0s);
    CHECK_FALSE(session.get_expire_at_browser_close());
    session.save();
    CHECK(session.load().empty());
}

TEST_CASE("expired records are removed for all sessions of a backend at once (S-129)")
{
    World world;
    world.stored({{"a", 1}});
    auto const kept = world.stored({{"_session_expiry", 30 * 24 * 3600}});
    world.clock.advance(15 * 24h);
    CHECK(Session::clear_expired(world.backend) == 1);
    CHECK(world.backend.clear_expired() == 0);
    CHECK_FALSE(world.again(kept).items().empty());
}
