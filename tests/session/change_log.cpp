// SPDX-License-Identifier: MIT
//
// Replay, the heart of "nothing is lost". Two properties carry it: changes done again on the data that they
// were first done on give the same data; and changes that do not touch the same places are all there
// afterwards.
#include "support/catch.hpp"

#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/unsigned.hpp>
#include <cloakroom/storage/memory.hpp>

#include <cstdint>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <utility>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;
using Changes = std::function<void(Session&)>;

namespace {

struct Outcome {
    cr::Dict local;  ///< what the slower request saw
    cr::Dict stored; ///< what was left in the end
};

/// Two requests open the same session; `theirs` is saved while `ours` are under way.
Outcome concurrently(cr::Dict const& base, Changes const& ours, Changes const& theirs)
{
    Session::Backend backend{cr::storage::Memory{}};
    Session first{backend};
    first.update(base);
    first.save();
    Session slow{backend, first.session_key()};
    slow.ensure_loaded();
    ours(slow);
    auto local = slow.items();
    Session fast{backend, first.session_key()};
    theirs(fast);
    fast.save();
    slow.save();
    return {std::move(local), slow.load()};
}

/// Something that makes the slower request replay and touches nothing of its own.
void elsewhere(Session& session)
{
    session["elsewhere"] = 1;
}

void check_same_on_same_base(cr::Dict const& base, Changes const& ours)
{
    auto [local, stored] = concurrently(base, ours, elsewhere);
    CHECK(stored.erase("elsewhere"));
    INFO("local: " << cr::serializer::Json{}.dump(local));
    INFO("stored: " << cr::serializer::Json{}.dump(stored));
    CHECK(stored == local);
}

inline constexpr auto summed = cr::field<"n", int, cr::sum>;
inline constexpr auto guarded = cr::field<"l", cr::Array, cr::reject>;

cr::Dict const lists{{"l", cr::Array{"a", "b", "c"}}, {"d", cr::Dict{{"l", cr::Array{1, 2}}, {"n", 1}}}};

cr::Value doubled(cr::Value const& value)
{
    if (auto const* const dict = value.get_if<cr::Dict>())
        return cr::Dict{{"b", dict->at("b").as<int>() * 2}};
    auto array = value.as<cr::Array>();
    array.insert(array.begin(), "new");
    return array;
}

cr::Value wrapped(cr::Value const& value)
{
    if (value.is_dict())
        return cr::Dict{{"n", 7}, {"was", value}};
    cr::Array array;
    array.push_back(value);
    return array;
}

} // namespace

TEST_CASE("changes by index give the same array when they are done again")
{
    check_same_on_same_base(lists, [](Session& s) {
        s["l"][2] = "X";
        s["l"][0].erase();
    });
    check_same_on_same_base(lists, [](Session& s) {
        s["l"][0].erase();
        s["l"][0].erase();
    });
    check_same_on_same_base(lists, [](Session& s) {
        s["l"][0].erase();
        s["l"][0] = "Q";
        s["l"][0].erase();
        s["l"] += cr::Array{"end"};
    });
    check_same_on_same_base(lists, [](Session& s) {
        s["d"]["l"][0] += 5;
        s["d"]["l"] = cr::Array{9};
        s["d"]["l"][0] += 5;
        s["d"]["n"] += 1;
    });
}

TEST_CASE("an update after a change within its item is not done twice")
{
    check_same_on_same_base({{"a", cr::Dict{{"b", 1}}}}, [](Session& s) {
        s["a"]["b"] = 5;
        s.update("a", doubled);
        s["a"]["b"] += 1;
        s.update("a", doubled);
    });
    check_same_on_same_base(lists, [](Session& s) {
        s["l"][0] = "X";
        s.update("l", doubled);
    });
    check_same_on_same_base(lists, [](Session& s) {
        s.update("l", doubled);
        s["l"][0] = "X";
        s.update("l", doubled);
    });
}

TEST_CASE("any sequence of changes gives the same when it is done again on the same data")
{
    std::mt19937 random{20260528};
    auto const pick = [&](auto const&... choices) {
        std::string const all[] = {choices...};
        return all[random() % std::size(all)];
    };
    cr::Dict const base{{"n", 1},
                        {"s", "x"},
                        {"l", cr::Array{1, 2, 3}},
                        {"d", cr::Dict{{"n", 1}, {"l", cr::Array{1}}, {"d", cr::Dict{{"n", 1}}}}}};
    for (int round = 0; round < 3000; ++round) {
        auto const seed = random();
        INFO("seed " << seed);
        auto const changes = [&](Session& session) {
            random.seed(seed);
            for (auto steps = random() % 8 + 1; steps > 0; --steps)
                try {
                    auto const number = static_cast<int>(random() % 100);
                    switch (random() % 17) {
                    case 0:
                        session[pick("n", "s", "l", "d", "new")] = number;
                        break;
                    case 1:
                        session["n"] += number;
                        break;
                    case 2:
                        session["s"] += "y";
                        break;
                    case 3:
                        session["l"] += cr::Array{number};
                        break;
                    case 4:
                        session["l"][random() % 3] = number;
                        break;
                    case 5:
                        session["l"][random() % 3].erase();
                        break;
                    case 6:
                        session["d"][pick("n", "l", "new")] = number;
                        break;
                    case 7:
                        session["d"]["n"] += number;
                        break;
                    case 8:
                        session["d"]["l"][0] += number;
                        break;
                    case 9:
                        session["d"][pick("n", "l", "d")].erase();
                        break;
                    case 10:
                        session["d"]["d"][pick("n", "m")] = number;
                        break;
                    case 11:
                        session.erase(pick("n", "s", "l", "d"));
                        break;
                    case 12:
                        session[summed] = number;
                        break;
                    case 13:
                        session[guarded] = cr::Array{number};
                        break;
                    case 14:
                        session.erase(guarded);
                        break;
                    case 15:
                        session.setdefault(pick("n", "new", "d"), cr::Dict{{"n", number}});
                        break;
                    default:
                        session.update(pick("n", "l", "d"), wrapped);
                    }
                } catch (cr::TypeError const&) {
                } catch (cr::KeyError const&) {
                }
        };
        check_same_on_same_base(base, changes);
    }
}

TEST_CASE("a container that went elsewhere costs no more than what was in the way")
{
    auto const base = cr::Dict{{"cart", cr::Dict{{"a", cr::Dict{{"n", 1}}}, {"keep", 1}}}};
    auto const inner = concurrently(
        base, [](Session& s) { s["cart"]["a"]["n"] += 1; },
        [](Session& s) {
            s["cart"]["a"].erase();
            s["cart"]["z"] = 9;
        });
    CHECK(inner.stored == cr::Dict{{"cart", cr::Dict{{"keep", 1}, {"z", 9}, {"a", cr::Dict{{"n", 2}}}}}});

    auto const erased =
        concurrently(base, [](Session& s) { s["cart"]["a"].erase(); }, [](Session& s) { s.erase("cart"); });
    CHECK(erased.stored.empty());
}

TEST_CASE("an update loses nothing where another item's array was changed by index")
{
    auto const add_one = [](cr::Value const& value) { return cr::Value{value.as<int>() + 1}; };
    auto const both = concurrently(
        {{"n", 0}, {"l", cr::Array{1, 2}}},
        [&](Session& s) {
            s["l"][0] = 7;
            s.update("n", add_one);
        },
        [&](Session& s) { s.update("n", add_one); });
    CHECK(both.stored == cr::Dict{{"n", 2}, {"l", cr::Array{7, 2}}});
}

TEST_CASE("an update behind a change that cannot be done again is done once")
{
    auto const replaced = concurrently(
        {{"c", cr::Dict{{"n", 1}, {"m", 1}}}},
        [](Session& s) {
            s["c"]["n"] += 1;
            s.update("c", [](cr::Value const& value) {
                auto dict = value.as<cr::Dict>();
                if (dict.at("n").is_integer())
                    dict["n"] = dict.at("n").as<int>() * 10;
                return cr::Value{dict};
            });
        },
        [](Session& s) { s["c"]["n"] = nullptr; });
    CHECK(replaced.stored == cr::Dict{{"c", cr::Dict{{"n", 20}, {"m", 1}}}});
}

TEST_CASE("a sum that leaves 64 bits only with theirs is an error, and theirs stays")
{
    constexpr auto near_the_end = std::numeric_limits<std::uint64_t>::max() - 5;
    Session::Backend backend{cr::storage::Memory{}};
    Session first{backend};
    first["n"] = near_the_end;
    first.save();
    Session slow{backend, first.session_key()};
    slow["n"] += 4;
    Session fast{backend, first.session_key()};
    fast["n"] += 3;
    fast.save();
    CHECK_THROWS_WITH(slow.save(),
                      catch_::ContainsSubstring("n: integer cannot be added to integer within 64 bits"));
    CHECK(slow.load() == cr::Dict{{"n", near_the_end + 3}});
}

TEST_CASE("an update function that saves or ends the session is told not to")
{
    Session::Backend backend{cr::storage::Memory{}};
    Session session{backend};
    session["n"] = 1;
    session.save();
    for (auto const& misuse : {+[](Session& s) { s.save(); }, +[](Session& s) { s.create(); },
                               +[](Session& s) { s.save(cr::must_create); },
                               +[](Session& s) { s.cycle_key(); }, +[](Session& s) { s.flush(); }}) {
        Session slow{backend, session.session_key()};
        auto is_conflict = false;
        slow.update("n", [&](cr::Value const& value) {
            if (is_conflict)
                misuse(slow);
            return cr::Value{value.as<int>() + 1};
        });
        is_conflict = true;
        Session fast{backend, session.session_key()};
        fast["n"] += 1;
        fast.save();
        CHECK_THROWS_WITH(slow.save(), catch_::ContainsSubstring("must not use the session"));
        CHECK(session.exists(session.session_key()->reveal()));
    }
}

TEST_CASE("an update function that uses the session is told so, at once and while it is done again")
{
    Session::Backend backend{cr::storage::Memory{}};
    Session session{backend};
    session["n"] = 1;
    session["m"] = 1;
    CHECK_THROWS_WITH(session.update("n",
                                     [&](cr::Value const& value) {
                                         session["m"] += 1;
                                         return value;
                                     }),
                      catch_::ContainsSubstring("must not use the session"));
    CHECK(session["m"] == 1);
    session.update("n", [](cr::Value const& value) { return value.as<int>() + 1; });
    CHECK(session["n"] == 2);
}

TEST_CASE("items may be updated from a part of the session itself")
{
    Session::Backend backend{cr::storage::Memory{}};
    Session session{backend};
    session["a"] = cr::Dict{{"a", 1}, {"b", "a text that is longer than any string keeps within itself"}};
    session.update(*session.at("a").get_if<cr::Dict>());
    CHECK(session["a"] == 1);
    session["x"] = cr::Dict{{"y", cr::Dict{{"z", 1}}}};
    session["x"] = session["x"]["y"];
    CHECK(session["x"] == cr::Dict{{"z", 1}});
}

TEST_CASE("numbers of every type are subtracted as numbers")
{
    Session::Backend backend{cr::storage::Memory{}};
    Session session{backend};
    session["n"] = 10;
    session["n"] -= 1U;
    session["n"] -= std::size_t{2};
    session["n"] -= 2.0F;
    CHECK(session["n"] == 5.0);
    session["m"] -= std::numeric_limits<int>::min();
    CHECK(session["m"] == 2147483648);
    CHECK_THROWS_AS(session["m"] -= std::numeric_limits<std::uint64_t>::max(), cr::TypeError);
}

TEST_CASE("100,000 items are set in one request, and again on newer data")
{
    cr::Dict items;
    for (int i = 0; i < 100'000; ++i)
        items["key" + std::to_string(i)] = i;
    auto const [local, stored] = concurrently({}, [&](Session& s) { s.update(items); }, elsewhere);
    CHECK(local.size() == 100'000);
    CHECK(stored.size() == 100'001);
}
