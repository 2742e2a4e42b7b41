// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <cloakroom/core/clock.hpp>
#include <cloakroom/serializer/cereal.hpp>
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/unsigned.hpp>
#include <cloakroom/storage/memory.hpp>

#include <array>
#include <boost/hana/adapt_struct.hpp>
#include <cereal/types/bitset.hpp>
#include <cereal/types/chrono.hpp>
#include <cereal/types/complex.hpp>
#include <cereal/types/deque.hpp>
#include <cereal/types/map.hpp>
#include <cereal/types/set.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/tuple.hpp>
#include <cereal/types/unordered_map.hpp>
#include <cereal/types/utility.hpp>
#include <cereal/types/variant.hpp>
#include <cereal/types/vector.hpp>
#include <chrono>
#include <complex>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace cr = cloakroom;
namespace serializer = cr::serializer;

namespace {

enum class Colour { red, green };

struct Item {
    std::string name;
    double price = 1;
    std::optional<int> pieces = 1;

    friend bool operator==(Item const&, Item const&) = default;

    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(CEREAL_NVP(name), CEREAL_NVP(price), CEREAL_NVP(pieces));
    }
};

struct Cart {
    std::vector<Item> items;
    std::map<std::string, int> discounts;
    Colour colour = Colour::red;

    friend bool operator==(Cart const&, Cart const&) = default;

    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(CEREAL_NVP(items), CEREAL_NVP(discounts), CEREAL_NVP(colour));
    }
};

class Money { // save_minimal: kept as a text
public:
    Money() = default;
    explicit Money(int cents) : cents_{cents} {}

    friend bool operator==(Money const&, Money const&) = default;

    template <class Archive>
    std::string save_minimal(Archive const&) const
    {
        return std::to_string(cents_) + " ct";
    }
    template <class Archive>
    void load_minimal(Archive const&, std::string const& text)
    {
        cents_ = std::stoi(text);
    }

private:
    int cents_ = 0;
};

struct Point { // functions beside the class, without names
    int x = 0;
    int y = 0;

    friend bool operator==(Point const&, Point const&) = default;
};

template <class Archive>
void save(Archive& archive, Point const& point)
{
    archive(point.x, point.y);
}

template <class Archive>
void load(Archive& archive, Point& point)
{
    archive(point.x, point.y);
}

struct Versioned {
    int count = 0;
    int limit = 10;
    std::uint32_t read_version = 99;

    template <class Archive>
    void serialize(Archive& archive, std::uint32_t const version)
    {
        read_version = version;
        archive(CEREAL_NVP(count));
        if (version >= 2)
            archive(CEREAL_NVP(limit));
    }
};

struct Base {
    int id = 0;

    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(CEREAL_NVP(id));
    }
};

struct Derived : Base {
    int more = 0;

    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(cereal::make_nvp("base", cereal::base_class<Base>(this)), CEREAL_NVP(more));
    }
};

struct Empty {
    template <class Archive>
    void serialize(Archive&)
    {
    }
};

struct Twice {
    int a = 0;

    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(cereal::make_nvp("a", a), cereal::make_nvp("a", a));
    }
};

struct ByHand { // its Conversion goes before its serialize
    int number = 0;

    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(CEREAL_NVP(number));
    }
};

struct Both { // Boost.Hana goes before its serialize
    int number = 0;

    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(CEREAL_NVP(number));
    }
};

struct Holder {
    ByHand by_hand;
    cr::Value any;
    char letter = 'x';
    long double large = 0;
    int raw[2] = {1, 2};

    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(CEREAL_NVP(by_hand), CEREAL_NVP(any), CEREAL_NVP(letter), CEREAL_NVP(large), CEREAL_NVP(raw));
    }
};

struct Deep {
    std::vector<Deep> inner;

    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(CEREAL_NVP(inner));
    }
};

std::string text_of(cr::Value const& value)
{
    return serializer::Json::dump_value(value);
}

template <class T>
T back(T const& object)
{
    return cr::Value{object}.template as<T>();
}

template <class T>
T from_text(std::string_view text)
{
    return serializer::Json::load_value(text)->template as<T>(cr::Where{"cart"});
}

template <class T>
std::string refusal(std::string_view text)
{
    try {
        (void)from_text<T>(text);
        return "read";
    } catch (cr::TypeError const& error) {
        return error.what();
    }
}

} // namespace

CEREAL_CLASS_VERSION(Versioned, 2)
BOOST_HANA_ADAPT_STRUCT(Both, number);

template <>
struct cloakroom::Conversion<ByHand> {
    static Value to_value(ByHand const& object) { return "number " + std::to_string(object.number); }
    static ByHand from_value(Value const& value, Where const& where)
    {
        return {std::stoi(value.as<std::string>(where).substr(7))};
    }
};

TEST_CASE("a class with serialize is an item of a session, as readable JSON")
{
    using Session = cr::Session<cr::storage::Memory, serializer::Json, cr::signer::Unsigned>;
    Session::Backend backend{{}, {}, {}, {}};
    Cart const cart{{{"coat", 12.5, {}}, {"hat", 3, 2}}, {{"spring", 10}}, Colour::green};

    Session session{backend};
    session["cart"] = cart;
    session.save();
    Session later{backend, *session.session_key()};
    CHECK(later["cart"].as<Cart>() == cart);
    CHECK(later.get<Cart>("cart") == cart);
    CHECK_FALSE(later.get<Cart>("other"));
    CHECK(later["cart"]["items"][1].as<Item>() == cart.items[1]);
    CHECK(text_of(later.at("cart")) == R"({"items":[{"name":"coat","price":12.5,"pieces":null},)"
                                       R"({"name":"hat","price":3.0,"pieces":2}],)"
                                       R"("discounts":{"spring":10},"colour":1})");
}

TEST_CASE(
    "the types of the standard library that cereal knows come back, each in the form that JSON has for it")
{
    auto const check = []<class T>(T const& object, std::string_view text) {
        CHECK(text_of(cr::Value{object}) == text);
        CHECK(back(object) == object);
    };
    check(std::pair{1, std::string{"a"}}, R"([1,"a"])");
    check(std::tuple{true, 2.5, std::string{"b"}}, R"([true,2.5,"b"])");
    check(std::array<int, 3>{1, 2, 3}, "[1,2,3]");
    check(std::set<int>{3, 1}, "[1,3]");
    check(std::deque<std::string>{"x", "y"}, R"(["x","y"])");
    check(std::map<int, std::string>{{1, "one"}}, R"([{"key":1,"value":"one"}])");
    check(std::unordered_map<std::string, int>{{"a b", 1}}, R"({"a b":1})");
    check(std::multimap<std::string, int>{{"a", 1}, {"b", 2}},
          R"([{"key":"a","value":1},{"key":"b","value":2}])");
    check(std::variant<int, std::string>{"text"}, R"({"index":1,"data":"text"})");
    check(std::chrono::seconds{5}, R"({"count":5})");
    check(std::chrono::system_clock::time_point{std::chrono::hours{1}},
          R"({"time_since_epoch":{"count":3600000000000}})");
    check(std::complex<double>{1, -2}, R"({"real":1.0,"imag":-2.0})");
    check(std::bitset<3>{5}, R"({"type":0,"data":5})");
    check(Colour::green, "1");
    check(std::vector{Colour::green, Colour::red}, "[1,0]");
    check(std::map<std::string, std::pair<int, int>>{{"a", {1, 2}}}, R"({"a":[1,2]})");
    check(std::optional<Item>{}, "null");
    check(std::optional<Item>{Item{}}, R"({"name":"","price":1.0,"pieces":1})");
}

TEST_CASE("an optional that holds nothing is told from one that holds an empty one")
{
    using Twofold = std::tuple<std::optional<std::optional<int>>>;
    for (auto const& [object, text] :
         {std::pair{Twofold{}, "[null]"}, std::pair{Twofold{std::optional<int>{}}, R"([{"$value":null}])"},
          std::pair{Twofold{std::optional<int>{7}}, "[7]"}}) {
        CHECK(text_of(cr::Value{object}) == text);
        CHECK(back(object) == object);
    }
    using Map = std::tuple<std::optional<std::map<std::string, std::string>>>;
    for (auto const* const name : {"$value", "$ref", "other"}) {
        Map const object{std::map<std::string, std::string>{{name, "#"}}};
        CHECK(back(object) == object);
    }
}

TEST_CASE("classes with load and save, with save_minimal, with a base and with nothing come back")
{
    CHECK(text_of(cr::Value{Money{250}}) == R"("250 ct")");
    CHECK(back(Money{250}) == Money{250});
    CHECK(text_of(cr::Value{Point{1, 2}}) == R"({"value0":1,"value1":2})");
    CHECK(back(Point{1, 2}) == Point{1, 2});
    Derived derived;
    derived.id = 3;
    derived.more = 4;
    CHECK(text_of(cr::Value{derived}) == R"({"base":{"id":3},"more":4})");
    CHECK(back(derived).id == 3);
    CHECK(back(derived).more == 4);
    CHECK(text_of(cr::Value{Empty{}}) == "{}");
    CHECK(text_of(cr::Value{std::vector<Empty>(2)}) == "[{},{}]");
    CHECK(back(std::vector<Empty>(2)).size() == 2);
    CHECK_THROWS_AS(cr::Value{Twice{}}, cr::TypeError);
}

TEST_CASE("each object of a versioned class carries its version, and without one it is of version 0")
{
    std::vector<Versioned> objects(2);
    objects[1].limit = 20;
    cr::Value value{objects};
    CHECK(text_of(value) == R"([{"cereal_class_version":2,"count":0,"limit":10},)"
                            R"({"cereal_class_version":2,"count":0,"limit":20}])");
    auto& array = *value.get_if<cr::Array>();
    array.erase(array.begin());
    auto const left = value.as<std::vector<Versioned>>();
    REQUIRE(left.size() == 1);
    CHECK(left[0].read_version == 2);
    CHECK(left[0].limit == 20);
    auto const old = from_text<std::vector<Versioned>>(
        R"([{"count":1,"limit":5},{"cereal_class_version":1,"count":2},{"cereal_class_version":2,"limit":7}])");
    CHECK(old[0].read_version == 0);
    CHECK(old[0].limit == 10);
    CHECK(old[1].read_version == 1);
    CHECK(old[2].limit == 7);
}

TEST_CASE("a conversion of its own and Boost.Hana go before cereal, also within a class that cereal writes")
{
    Holder holder;
    holder.by_hand.number = 7;
    holder.any = cr::Dict{{"a", cr::Array{1, nullptr}}};
    holder.raw[1] = 5;
    CHECK(text_of(cr::Value{holder}) ==
          R"({"by_hand":"number 7","any":{"a":[1,null]},"letter":120,"large":0.0,"raw":[1,5]})");
    auto const again = back(holder);
    CHECK(again.by_hand.number == 7);
    CHECK(again.any == holder.any);
    CHECK(again.letter == 'x');
    CHECK(again.raw[1] == 5);
    CHECK(text_of(cr::Value{ByHand{3}}) == R"("number 3")");
    STATIC_REQUIRE(
        cr::serializer::cereal_detail::views_text<std::map<std::string, std::vector<std::string_view>>>);
    STATIC_REQUIRE_FALSE(
        cr::serializer::cereal_detail::views_text<std::map<std::string, std::vector<std::string>>>);
    STATIC_REQUIRE_FALSE(cr::serializer::cereal_detail::KnownToCereal<Both>);
    STATIC_REQUIRE(cr::serializer::cereal_detail::KnownToCereal<Item>);
}

TEST_CASE("what cannot be stored or read is a TypeError that names the path")
{
    CHECK(refusal<Cart>(R"({"items":[{},{},{"price":"1"}]})") ==
          "cart.items[2].price: string where a number is wanted");
    CHECK(refusal<Cart>("7") == "cart: integer where an object is wanted");
    CHECK(refusal<Cart>(R"({"items":{}})") == "cart.items: object where an array is wanted");
    CHECK(refusal<std::set<int>>("{}") == "cart.size is missing");
    CHECK(refusal<std::set<int>>(R"({"size":1000000000000})") == "cart: fewer elements than it says");
    CHECK(refusal<Cart>(R"({"items":"x"})") == "cart.items: string where an array is wanted");
    CHECK(refusal<Cart>(R"({"discounts":[]})") == "cart.discounts: array where an object is wanted");
    CHECK(refusal<std::set<int>>(R"([1,"2"])") == "cart[1]: string where an integer is wanted");
    CHECK(refusal<Money>("5") == "cart: integer where a string is wanted");
    CHECK(refusal<Holder>(R"({"letter":128})") == "cart.letter: integer out of range of the type wanted");
    CHECK(refusal<std::variant<int, std::string>>(R"({"index":-1,"data":1})") != "read");
    try {
        (void)cr::Value{Cart{{{"coat", 1, 1}, {"\xFF", 1, 1}}, {}, {}}};
        FAIL("no text");
    } catch (cr::TypeError const& error) {
        CHECK(error.what() == std::string{"items[1].name: a string that is not UTF-8 cannot be stored"});
    }
}

TEST_CASE("an array is read as an array alone, and of the length that the type has")
{
    for (auto const* const text : {"[]", "[1]", "[[],{},1]", "[[],{},1,2]"}) {
        INFO(text);
        CHECK(refusal<Cart>(text) == "cart: array where an object is wanted");
    }
    CHECK(refusal<Point>("[1,2]") == "cart: array where an object is wanted");
    CHECK(refusal<Point>(R"({"value0":1,"value1":2})") == "read");
    CHECK(refusal<std::chrono::seconds>("[5]") == "cart: array where an object is wanted");
    CHECK(refusal<Empty>("[]") == "read"); // asks for nothing

    auto const two = ": an array of another length than 2";
    for (auto const* const text : {"[]", "[1]", "[1,2,3]"}) {
        INFO(text);
        CHECK(refusal<std::tuple<int, int>>(text) == std::string{"cart"} + two);
        CHECK(refusal<std::pair<int, int>>(text) == std::string{"cart"} + two);
        CHECK(refusal<std::array<int, 2>>(text) == std::string{"cart"} + two);
        CHECK(refusal<Holder>(R"({"raw":)" + std::string{text} + "}") == std::string{"cart.raw"} + two);
    }
    CHECK(refusal<std::tuple<int, int>>("[1,2]") == "read");
    CHECK(refusal<std::tuple<int, int>>(R"({"value0":1,"value1":2})") ==
          "cart: object where an array is wanted");
}

TEST_CASE("what a class of the standard library refuses to be made of is a TypeError")
{
    auto const refused = "cart: its class cannot be made of what is stored";
    CHECK(from_text<std::bitset<3>>(R"({"type":2,"data":"101"})") == std::bitset<3>{5});
    CHECK(refusal<std::bitset<3>>(R"({"type":2,"data":"1x1"})") == refused);
    CHECK(refusal<std::bitset<3>>(R"({"type":9,"data":5})") == refused);
    CHECK(from_text<Money>(R"("7 ct")") == Money{7});
    CHECK(refusal<Money>(R"("ct")") == refused);             // std::invalid_argument
    CHECK(refusal<Money>(R"("99999999999 ct")") == refused); // std::out_of_range
    CHECK(refusal<Holder>(R"({"by_hand":"number x"})") ==    // of a conversion by hand
          "cart.by_hand: its class cannot be made of what is stored");
    CHECK(refusal<std::variant<int, std::string>>(R"({"index":2,"data":1})") == refused);
}

TEST_CASE("a missing member keeps its default in a class with serialize, and is a TypeError in one with load")
{
    auto const item = from_text<Item>(R"({"name":"coat","unknown":[]})");
    CHECK(item.name == "coat");
    CHECK(item.price == 1);
    CHECK_FALSE(item.pieces);
    CHECK(from_text<Cart>("{}") == Cart{});
    CHECK(refusal<Point>(R"({"value0":1})") == "cart.value1 is missing");
    CHECK(refusal<std::chrono::seconds>("{}") == "cart.count is missing");
    CHECK(refusal<std::map<int, int>>(R"([{"key":1}])") == "cart[0].value is missing");
}

TEST_CASE("objects nest to the limit and no further")
{
    Deep object;
    for (int i = 0; i < 254; ++i) {
        Deep outer;
        outer.inner.push_back(std::move(object));
        object = std::move(outer);
    }
    auto const value = cr::Value{object};
    CHECK_NOTHROW(value.as<Deep>());
    Deep outer;
    outer.inner.push_back(std::move(object));
    Deep outermost;
    outermost.inner.push_back(std::move(outer));
    CHECK_THROWS_AS(cr::Value{outermost}, cr::TypeError);
}
