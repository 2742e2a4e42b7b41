// SPDX-License-Identifier: MIT
#include <cloakroom/serializer/struct.hpp>

#include "support/catch.hpp"

#include <cloakroom/serializer/json.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cr = cloakroom;
namespace serializer = cr::serializer;

namespace {

struct Item {
    BOOST_HANA_DEFINE_STRUCT(Item, (std::string, name), (double, price));

    friend bool operator==(Item const&, Item const&) = default;
};

/// One that is adapted from outside and has defaults.
struct Address {
    std::string city = "Ulm";
    std::optional<std::string> street;
    std::uint8_t floor = 1;

    friend bool operator==(Address const&, Address const&) = default;
};

/// A kind of member each.
struct Shop {
    BOOST_HANA_DEFINE_STRUCT(Shop, (int, visits), (std::vector<Item>, cart), (Address, address),
                             (std::optional<Address>, second), (std::map<std::string, Item>, by_name),
                             (bool, open), (cr::Value, anything));

    friend bool operator==(Shop const&, Shop const&) = default;
};

struct Node {
    BOOST_HANA_DEFINE_STRUCT(Node, (int, number), (std::vector<Node>, children));

    friend bool operator==(Node const&, Node const&) = default;
};

struct Empty {};

/// Known to Hana, but with a conversion of its own.
struct Point {
    int x = 0;
    int y = 0;
};

struct View {
    std::string_view name;
};

struct Derived : Item {
    int unknown = 5;
};

/// Reached through functions that give members.
class Hidden {
public:
    int& number() { return number_; }
    int const& number() const { return number_; }

private:
    int number_ = 3;
};

enum class Colour { red, green };

struct Painted {
    Colour colour = Colour::red;
};

/// All kinds of containers around one.
struct Deep {
    std::vector<std::optional<std::map<std::string, std::vector<Item>>>> items;
};

} // namespace

BOOST_HANA_ADAPT_STRUCT(Address, city, street, floor);
BOOST_HANA_ADAPT_STRUCT(Empty);
BOOST_HANA_ADAPT_STRUCT(Point, x, y);
BOOST_HANA_ADAPT_STRUCT(View, name);
BOOST_HANA_ADAPT_STRUCT(Painted, colour);
BOOST_HANA_ADAPT_STRUCT(Deep, items);
BOOST_HANA_ADAPT_ADT(Hidden, (number, [](auto& hidden) -> auto& { return hidden.number(); }));

template <>
struct cloakroom::Conversion<Point> {
    static Value to_value(Point const& point) { return Array{point.x, point.y}; }
    static Point from_value(Value const& value, Where const& where)
    {
        auto const numbers = value.as<std::vector<int>>(where);
        return {numbers.at(0), numbers.at(1)};
    }
};

template <>
struct cloakroom::Conversion<Colour> {
    static Value to_value(Colour colour) { return colour == Colour::red ? "red" : "green"; }
    static Colour from_value(Value const& value, Where const& where)
    {
        return value.as<std::string_view>(where) == "red" ? Colour::red : Colour::green;
    }
};

namespace {

static_assert(cr::Structured<Item> && cr::Structured<Address> && cr::Structured<Empty>);
static_assert(cr::Convertible<Point> && !cr::Structured<Point>);
static_assert(!cr::Structured<int> && !cr::Structured<std::vector<Item>> && !cr::Structured<cr::Value>);

cr::Value parsed(std::string_view text)
{
    auto dict = serializer::Json{}.load("{\"it\":" + std::string{text} + "}");
    REQUIRE(dict.has_value());
    return dict->at("it");
}

template <class T>
std::string text_of(T const& object)
{
    return serializer::Json::dump_value(cr::Value{object});
}

template <class T>
std::string error_of(std::string_view text, cr::Where const& where = {})
{
    try {
        parsed(text).as<T>(where);
    } catch (cr::TypeError const& error) {
        return error.what();
    }
    return "";
}

} // namespace

TEST_CASE("a struct is a plain object, member by member in its order, and reads back")
{
    Shop const shop{2,
                    {{"coat", 9.5}, {"hat", 3}},
                    {"Bonn", "Markt 1", 2},
                    Address{},
                    {{"a", {"scarf", 1}}},
                    true,
                    cr::Array{1, "x"}};
    CHECK(text_of(shop) == R"({"visits":2,"cart":[{"name":"coat","price":9.5},{"name":"hat","price":3.0}],)"
                           R"("address":{"city":"Bonn","street":"Markt 1","floor":2},)"
                           R"("second":{"city":"Ulm","street":null,"floor":1},)"
                           R"("by_name":{"a":{"name":"scarf","price":1.0}},"open":true,"anything":[1,"x"]})");
    CHECK(parsed(text_of(shop)).as<Shop>() == shop);
    CHECK(cr::Value{shop}.as<Shop>() == shop);
}

TEST_CASE("structs nest in themselves and in every container")
{
    Node const tree{1, {{2, {}}, {3, {{4, {}}}}}};
    CHECK(text_of(tree) == R"({"number":1,"children":[{"number":2,"children":[]},)"
                           R"({"number":3,"children":[{"number":4,"children":[]}]}]})");
    CHECK(parsed(text_of(tree)).as<Node>() == tree);

    auto const deep = parsed(R"({"items":[null,{"a":[{"name":"x"}]}]})").as<Deep>();
    REQUIRE(deep.items.size() == 2);
    CHECK_FALSE(deep.items[0].has_value());
    CHECK(deep.items[1]->at("a") == std::vector<Item>{{"x", 0}});
    CHECK(text_of(std::vector<Item>{{"x", 1}}) == R"([{"name":"x","price":1.0}])");
    CHECK(text_of(std::map<std::string, Item>{{"k", {"x", 1}}}) == R"({"k":{"name":"x","price":1.0}})");
    CHECK(text_of(std::optional<Item>{}) == "null");
}

TEST_CASE("a missing member has the struct's default, what the struct does not know is passed over")
{
    CHECK(parsed("{}").as<Shop>() == Shop{});
    CHECK(parsed("{}").as<Address>() == Address{"Ulm", std::nullopt, 1});
    CHECK(parsed(R"({"street":"x","colour":[1]})").as<Address>() == Address{"Ulm", "x", 1});
    CHECK(parsed(R"({"address":{"floor":5}})").as<Shop>().address == Address{"Ulm", std::nullopt, 5});
    CHECK(parsed(R"({"cart":[{},{"price":2}]})").as<Shop>().cart == std::vector<Item>{{"", 0}, {"", 2}});
    CHECK(parsed(R"({"second":null})").as<Shop>().second == std::nullopt);
    CHECK(text_of(Empty{}) == "{}");
    CHECK_NOTHROW(parsed(R"({"a":1})").as<Empty>());
}

TEST_CASE("a wrong type is a TypeError that names the path")
{
    CHECK(error_of<Shop>(R"({"cart":[{},{},{"price":"9"}]})") ==
          "cart[2].price: string where a number is wanted");
    CHECK(error_of<Shop>(R"({"address":{"city":1}})") == "address.city: integer where a string is wanted");
    CHECK(error_of<Shop>(R"({"address":[]})") == "address: array where an object is wanted");
    CHECK(error_of<Shop>(R"({"visits":null})") == "visits: null where an integer is wanted");
    CHECK(error_of<Shop>(R"({"visits":2.0})") == "visits: number where an integer is wanted");
    CHECK(error_of<Shop>(R"({"second":{"floor":256}})") ==
          "second.floor: integer out of range of the type wanted");
    CHECK(error_of<Shop>(R"({"by_name":{"b":{"name":[]}}})") ==
          "by_name.b.name: array where a string is wanted");
    CHECK(error_of<Shop>("[]", cr::Where{"shop"}) == "shop: array where an object is wanted");
    CHECK(error_of<Shop>("7") == "integer where an object is wanted");
    CHECK(error_of<Empty>("7") == "integer where an object is wanted");
    CHECK(error_of<Shop>(R"({"visits":2})").empty());
}

TEST_CASE("a conversion of a struct's own goes before its members, alone and within others")
{
    CHECK(text_of(Point{1, 2}) == "[1,2]");
    CHECK(parsed("[3,4]").as<Point>().y == 4);
    CHECK(text_of(Painted{Colour::green}) == R"({"colour":"green"})");
    CHECK(parsed(R"({"colour":"green"})").as<Painted>().colour == Colour::green);
}

TEST_CASE("functions that give members are as good as members")
{
    auto hidden = parsed(R"({"number":8})").as<Hidden>();
    CHECK(hidden.number() == 8);
    CHECK(text_of(hidden) == R"({"number":8})");
    CHECK(text_of(Hidden{}) == R"({"number":3})");
}

TEST_CASE("a type derived from a struct that defines its members has those alone")
{
    Derived derived{};
    derived.name = "x";
    CHECK(text_of(derived) == R"({"name":"x","price":0.0})");
    CHECK(parsed(R"({"name":"y","unknown":6})").as<Derived>().unknown == 5);
}

TEST_CASE("a view in a struct looks into what is stored")
{
    auto const stored = parsed(R"({"name":"a name that is long enough to be on the heap"})");
    auto const view = stored.as<View>();
    CHECK(view.name.data() == stored.get_if<cr::Dict>()->at("name").get_if<std::string>()->data());
}

TEST_CASE("a text in a struct that is not UTF-8 cannot be stored")
{
    CHECK_THROWS_AS((cr::Value{Item{"\xFF", 1}}), cr::TypeError);
    CHECK_NOTHROW((cr::Value{Item{"\xC3\xBF", 1}}));
}
