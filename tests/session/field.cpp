// SPDX-License-Identifier: MIT
#include <cloakroom/session/field.hpp>

#include "support/catch.hpp"

#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/storage/memory.hpp>
#include <cloakroom/storage/signed_cookie.hpp>

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace cr = cloakroom;
inline constexpr auto flag =
    cr::field<"flag", bool>; // of all the program, which no parameter's name may shadow
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Hmac>;
using CookieSession = cr::Session<cr::storage::SignedCookie, cr::serializer::Json, cr::signer::Hmac>;

namespace {

struct Article {
    std::string name;
    double price = 0;

    friend bool operator==(Article const&, Article const&) = default;
};

struct Key { // has no default constructor
    explicit Key(int given) : number{given} {}
    int number;
};

} // namespace

template <>
struct cloakroom::Conversion<Article> {
    static Value to_value(Article const& item) { return Dict{{"name", item.name}, {"price", item.price}}; }
    static Article from_value(Value const& value, Where const& where)
    {
        auto const fields = value.as<Dict>(where);
        return {fields.at("name").as<std::string>(Where{where, "name"}),
                fields.at("price").as<double>(Where{where, "price"})};
    }
};

template <>
struct cloakroom::Conversion<Key> {
    static Value to_value(Key const& key) { return Value{key.number}; }
    static Key from_value(Value const& value, Where const& where) { return Key{value.as<int>(where)}; }
};

namespace {

inline constexpr auto visit = cr::field<"visit", int>;
inline constexpr auto name = cr::field<"name", std::string>;
inline constexpr auto ratio = cr::field<"ratio", double>;
inline constexpr auto small = cr::field<"small", std::uint8_t>;
inline constexpr auto large = cr::field<"large", std::uint64_t>;
inline constexpr auto cart = cr::field<"cart", std::vector<Article>>;
inline constexpr auto dotted = cr::field<"cart.size", int>;
inline constexpr auto maybe = cr::field<"maybe", std::optional<int>>;
inline constexpr auto anything = cr::field<"anything", cr::Value>;
inline constexpr auto key = cr::field<"key", Key>;
inline constexpr auto numbers = cr::field<"numbers", std::vector<int>>;

using VisitItem = cr::FieldItem<Session, std::remove_const_t<decltype(visit)>>;
static_assert(!std::is_copy_constructible_v<VisitItem> && std::is_trivially_destructible_v<VisitItem>);
static_assert(!std::is_convertible_v<VisitItem, int> && !std::is_convertible_v<VisitItem, cr::Value>);
static_assert(sizeof(VisitItem) == sizeof(void*));
static_assert(std::is_empty_v<decltype(visit)> && decltype(visit)::name == "visit");
static_assert(std::is_same_v<decltype(cr::field<"visit", int>), decltype(visit)>);
static_assert(!std::is_same_v<decltype(cr::field<"visits", int>), decltype(visit)>);
static_assert(cr::FieldValue<long, int> && !cr::FieldValue<double, int> && !cr::FieldValue<bool, int> &&
              !cr::FieldValue<char, int> && !cr::FieldValue<int, bool> && !cr::FieldValue<char const*, bool>);
static_assert(cr::FieldValue<int, double> && cr::FieldValue<float, double> && !cr::FieldValue<bool, double>);
static_assert(cr::FieldValue<char const*, std::string> && cr::FieldValue<std::string_view, std::string> &&
              !cr::FieldValue<std::nullptr_t, std::string> && !cr::FieldValue<int, std::string>);
static_assert(cr::FieldValue<long, std::optional<int>> &&
              cr::FieldValue<std::optional<long>, std::optional<int>> &&
              cr::FieldValue<std::nullopt_t, std::optional<int>> &&
              !cr::FieldValue<double, std::optional<int>> &&
              !cr::FieldValue<std::optional<double>, std::optional<int>> &&
              !cr::FieldValue<bool, std::optional<int>> &&
              cr::FieldValue<char const*, std::optional<std::string>>);

/// A backend, and sessions that see what the last one left.
template <class S>
struct World {
    typename S::Backend backend{{}, {}, cr::signer::Hmac{"a secret of the tests"}};

    S saved(S session)
    {
        session.save();
        return S{backend, session.session_key()};
    }
};

} // namespace

TEMPLATE_TEST_CASE("a field sets, reads, adds and removes its item as a name does", "", Session,
                   CookieSession)
{
    World<TestType> world;
    TestType session{world.backend};
    CHECK_FALSE(session.contains(visit));
    CHECK_FALSE(session.has_key(visit));
    CHECK(session.get(visit) == std::nullopt);
    CHECK(session.get(visit, 7) == 7);
    CHECK_THROWS_AS(session.at(visit), cr::KeyError);
    CHECK_THROWS_WITH(session[visit].value(), "no item 'visit'");
    CHECK_FALSE(session.modified());

    session[visit] += 1;
    ++session[visit];
    session[visit] += 5L;
    session[visit] -= 2U;
    --session[visit];
    session[name] = "ann";
    session[name] += " lee";
    session[ratio] = 1;
    session[ratio] -= 0.5;
    session[flag] = true;
    session[cart] += {Article{"coat", 19.5}};
    session[cart] += std::vector{Article{"hat", 5}};
    CHECK(session.modified());

    auto again = world.saved(std::move(session));
    CHECK(again[visit] == 4);
    CHECK(again["visit"] == 4);
    CHECK(again.get(visit) == 4);
    CHECK(again.get(visit, 7L) == 4);
    CHECK(again.at(visit) == 4);
    CHECK(again[visit].as() == 4);
    CHECK(again[visit].get() == 4);
    CHECK(again[visit].exists());
    CHECK(again[name] == "ann lee");
    CHECK(again.get(name, "nobody") == "ann lee");
    CHECK(again[ratio] == 0.5);
    CHECK(again[flag] == true);
    CHECK(again[cart] == std::vector{Article{"coat", 19.5}, Article{"hat", 5}});
    CHECK_FALSE(again.modified());

    CHECK(again.setdefault(visit, 9) == 4);
    CHECK(again.setdefault(visit, 9L) == 4);
    CHECK_FALSE(again.modified());
    CHECK(again.setdefault(small, 9) == 9);
    CHECK(again.pop(small) == 9);
    CHECK(again.pop(small, 3) == 3);
    CHECK_THROWS_AS(again.pop(small), cr::KeyError);
    CHECK(again.pop(name, "nobody") == "ann lee");
    CHECK(again.erase(flag));
    CHECK_FALSE(again.erase(flag));
    CHECK(again[ratio].erase());
    again.update(visit, [](int count) { return count * 10; });
    again.update(small, [](auto count) { return count + 1; });
    CHECK(world.saved(std::move(again)).items() ==
          cr::Dict{
              {"visit", 40},
              {"cart", cr::Array{cr::Value{Article{"coat", 19.5}}, cr::Value{Article{"hat", 5}}}},
              {"small", 1},
          });
}

TEST_CASE("a stored value of another type is a TypeError that names the path")
{
    World<Session> world;
    Session session{world.backend};
    session["visit"] = "four";
    session["cart"] =
        cr::Array{cr::Value{Article{"coat", 19.5}}, cr::Dict{{"name", "hat"}, {"price", "five"}}};
    session["flag"] = 1;
    session.set_modified(false);
    CHECK_THROWS_WITH(session[visit].value(), "visit: string where an integer is wanted");
    CHECK_THROWS_WITH(session.get(visit), "visit: string where an integer is wanted");
    CHECK_THROWS_WITH(session.get(visit, 7), "visit: string where an integer is wanted");
    CHECK_THROWS_WITH(session.pop(visit), "visit: string where an integer is wanted");
    CHECK_THROWS_WITH(session.setdefault(visit, 1), "visit: string where an integer is wanted");
    CHECK_THROWS_WITH(session.update(visit, [](int count) { return count; }),
                      "visit: string where an integer is wanted");
    CHECK_THROWS_WITH(session[visit] += 1, "visit: integer cannot be added to string");
    CHECK_THROWS_WITH(session.at(cart), "cart[1].price: string where a number is wanted");
    CHECK_THROWS_WITH(session.at(flag), "flag: integer where a boolean is wanted");
    CHECK_FALSE(session.modified());
    CHECK(session.contains(visit));

    session["visit"] = 1.5;
    CHECK_THROWS_WITH(session[visit] += 1, "visit: number where an integer is wanted");
    CHECK(session["visit"] == 1.5);
    session[visit] = 2; // whatever was there
    CHECK(session[visit] == 2);
}

TEST_CASE("numbers outside a field's type are refused before anything changes")
{
    World<Session> world;
    Session session{world.backend};
    session[small] = 255L;
    CHECK_THROWS_WITH(session[small] = 256, "small: integer out of range of the type wanted");
    CHECK_THROWS_AS(session[small] = -1, cr::TypeError);
    CHECK_THROWS_AS(session[small] += 1, cr::TypeError);
    CHECK_THROWS_AS(session[small] -= 256, cr::TypeError);
    CHECK_THROWS_AS(session.get(visit, std::numeric_limits<std::int64_t>::max()), cr::TypeError);
    CHECK(session[small] == 255);
    session[small] -= 255;
    CHECK_THROWS_WITH(--session[small], "small: integer out of range of the type wanted");
    session[small] += -0;
    CHECK(session[small] == 0);
    session.erase(small);
    CHECK_THROWS_AS(session[small] -= 1, cr::TypeError);
    CHECK_FALSE(session.contains(small));
    CHECK_THROWS_AS(session.update(small, [](int) { return 300; }), cr::TypeError);

    session[large] = std::numeric_limits<std::uint64_t>::max();
    CHECK_THROWS_WITH(++session[large], "large: integer cannot be added to integer within 64 bits");
    session[large] -= 1;
    CHECK(session[large] == std::numeric_limits<std::uint64_t>::max() - 1);
}

TEST_CASE("assigning one place to another assigns the value, between names and fields of like types too")
{
    World<Session> world;
    Session session{world.backend};
    session[visit] = 3;
    session[dotted] = session[visit];
    CHECK(session["cart.size"] == 3);
    auto place = session[visit]; // a place, not a copy of its value
    place = session[dotted];
    session[visit] = 4;
    CHECK(place == 4);
    CHECK_THROWS_AS(session[visit] = session[small], cr::KeyError);
    CHECK(session[visit] == 4);
    session["seen"] = session[visit];
    CHECK(session["seen"] == 4);
    session["seen"] += session[visit];
    CHECK(session["seen"] == 8);
    session["list"] = cr::Array{1};
    session["list"][0] = session["seen"];
    CHECK(session["list"][0] == 8);
    session[anything] = session["list"];
    CHECK(session[anything] == cr::Array{8});
}

TEST_CASE("the whole text is the name of a field: a dot leads nowhere")
{
    World<Session> world;
    Session session{world.backend};
    session["cart"] = cr::Dict{{"size", 1}};
    session[dotted] = 2;
    CHECK(session.items() == cr::Dict{{"cart", cr::Dict{{"size", 1}}}, {"cart.size", 2}});
}

TEST_CASE("fields hold optionals, any value, and types without a default")
{
    World<Session> world;
    Session session{world.backend};
    session[maybe] = 3;
    CHECK(session[maybe] == 3);
    session[maybe] = {};
    CHECK(session[maybe] == std::nullopt);
    CHECK(session.get(maybe) == std::optional<std::optional<int>>{std::optional<int>{}});
    CHECK(session["maybe"] == nullptr);
    session[anything] = "text";
    session[anything] += "s";
    CHECK(session[anything] == "texts");
    session[key] = Key{5};
    CHECK(session.at(key).number == 5);
    session[cart] = {{"coat", 1}, {"hat", 2}};
    CHECK(session.at(cart).size() == 2);
}

TEST_CASE("an update of a field starts from nothing where the item is missing or null")
{
    World<Session> world;
    Session session{world.backend};
    session["visit"] = nullptr;
    session.update(visit, [](int count) { return count + 1; });
    session.update(name, [](std::string text) { return text + "x"; });
    session.update(cart, [](std::vector<Article> items) {
        items.push_back({"coat", 1});
        return items;
    });
    CHECK(session[visit] == 1);
    CHECK(session[name] == "x");
    CHECK(session.at(cart).size() == 1);
    CHECK_THROWS_AS(session.update(visit, [](int) -> int { throw std::runtime_error{"no"}; }),
                    std::runtime_error);
    CHECK(session[visit] == 1);
}

TEST_CASE("a field of an optional takes no number that the field of its type would not take")
{
    World<Session> world;
    Session session{world.backend};
    CHECK_THROWS_WITH(session[maybe] = 5'000'000'000, "maybe: integer out of range of the type wanted");
    CHECK_FALSE(session.contains(maybe));
    session[maybe] = 7L;
    CHECK(session[maybe] == 7);
    session[maybe] = std::optional<short>{8};
    CHECK(session[maybe] == 8);
    session[maybe] = std::optional<long>{};
    CHECK(session[maybe] == std::nullopt);
    session[maybe] = std::nullopt;
    CHECK(session.get(maybe, 3) == std::nullopt);
    CHECK(session.pop(maybe, {}) == std::nullopt);
    CHECK(session.get(cart, {}).empty());
    CHECK(session.setdefault(cart, {}).empty());
    CHECK(session["cart"] == cr::Array{});
    CHECK(session.pop(name, {}) == "");
}

TEST_CASE("a stored null is there, but only an optional reads it, and update takes it for nothing")
{
    World<Session> world;
    Session session{world.backend};
    for (auto const* const item : {"visit", "name", "maybe"})
        session[item] = nullptr;
    session.set_modified(false);
    CHECK(session.contains(visit));
    CHECK_THROWS_WITH(session.at(visit), "visit: null where an integer is wanted");
    CHECK_THROWS_AS(session.get(visit), cr::TypeError);
    CHECK_THROWS_AS(session.get(visit, 1), cr::TypeError);
    CHECK_THROWS_AS(session.pop(visit, 1), cr::TypeError);
    CHECK_THROWS_AS(session.setdefault(visit, 1), cr::TypeError);
    CHECK_THROWS_WITH(session[visit] += 1, "visit: integer cannot be added to null");
    CHECK_FALSE(session.modified());
    CHECK(session.at(maybe) == std::nullopt);
    CHECK(session.setdefault(maybe, 1) == std::nullopt);
    session.update(visit, [](int count) { return count + 1; });
    CHECK(session[visit] == 1);
    session[name] = "ann";
    CHECK(session[name] == "ann");
    CHECK(session.erase(maybe));
}

TEST_CASE("appending to a field of a vector is refused where the stored elements are others")
{
    World<Session> world;
    Session session{world.backend};
    session["numbers"] = cr::Array{1, "two"};
    session.set_modified(false);
    CHECK_THROWS_WITH(session[numbers] += {3}, "numbers[1]: string where an integer is wanted");
    CHECK(session["numbers"] == cr::Array{1, "two"});
    CHECK_FALSE(session.modified());
    session[numbers] = {1, 2};
    session[numbers] += {3};
    CHECK(session[numbers] == std::vector{1, 2, 3});

    auto later = world.saved(std::move(session));
    later[numbers] += {4};
    Session other{world.backend, later.session_key()};
    other["numbers"] = cr::Array{"one"};
    other.save();
    CHECK_THROWS_WITH(later.save(), "numbers[0]: string where an integer is wanted");
    CHECK(world.saved(std::move(other))["numbers"] == cr::Array{"one"});
}
