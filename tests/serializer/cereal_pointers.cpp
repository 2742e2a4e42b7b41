// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <cloakroom/serializer/cereal.hpp>
#include <cloakroom/serializer/json.hpp>

#include <cereal/types/polymorphic.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace cr = cloakroom;
namespace serializer = cr::serializer;

namespace {

struct Node {
    int id = 0;
    std::shared_ptr<Node> next;
    std::weak_ptr<Node> back;

    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(CEREAL_NVP(id), CEREAL_NVP(next), CEREAL_NVP(back));
    }
};

struct Chain {
    std::unique_ptr<Chain> next;

    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(CEREAL_NVP(next));
    }
};

struct Owner {
    std::string name;

    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(CEREAL_NVP(name));
    }
};

struct Pair {
    std::shared_ptr<Owner const> first;
    std::shared_ptr<Owner> second;
    std::shared_ptr<int> number;

    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(cereal::make_nvp("a/~b", first), CEREAL_NVP(second), CEREAL_NVP(number));
    }
};

/// Something that holds a map, which holds a pointer, and the same pointer beside it.
template <class Map>
struct Shelf {
    Map map;
    std::shared_ptr<int> again;

    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(CEREAL_NVP(map), CEREAL_NVP(again));
    }
};

struct Marked { // looks like a reference
    int number = 0;

    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(cereal::make_nvp("$ref", number));
    }
};

class Ticket { // is made with its number
public:
    explicit Ticket(int number) : number_{number} {}
    int number() const { return number_; }

    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(cereal::make_nvp("number", number_));
    }
    template <class Archive>
    static void load_and_construct(Archive& archive, cereal::construct<Ticket>& construct)
    {
        int number = 0;
        archive(CEREAL_NVP(number));
        if (number >= 0)
            construct(number);
    }

private:
    int number_;
};

class Counted { // is made first, then asked for more
public:
    Counted() { ++alive; }
    Counted(Counted const&) = delete;
    Counted& operator=(Counted const&) = delete;
    ~Counted() { --alive; }

    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(cereal::make_nvp("more", more_));
    }
    template <class Archive>
    static void load_and_construct(Archive& archive, cereal::construct<Counted>& construct)
    {
        construct();
        archive(cereal::make_nvp("more", construct->more_));
    }

    static inline int alive = 0;

private:
    std::string more_ = "a text that is longer than a string keeps in itself";
};

struct Shape {
    virtual ~Shape() = default;
    virtual int area() const = 0;
};

struct Square : Shape {
    int side = 1;

    int area() const override { return side * side; }
    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(CEREAL_NVP(side));
    }
};

struct Line : Shape {
    int area() const override { return 0; }
    template <class Archive>
    void serialize(Archive&)
    {
    }
};

struct Unregistered : Square {};

using Nodes = std::vector<std::shared_ptr<Node>>;
using Shapes = std::vector<std::shared_ptr<Shape>>;

template <class T>
std::string text_of(T const& object)
{
    return serializer::Json::dump_value(cr::Value{object});
}

template <class T>
T from_text(std::string_view text)
{
    return serializer::Json::load_value(text)->template as<T>(cr::Where{"item"});
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

CEREAL_REGISTER_TYPE(Square)
CEREAL_REGISTER_TYPE(Line)
CEREAL_REGISTER_POLYMORPHIC_RELATION(Shape, Square)
CEREAL_REGISTER_POLYMORPHIC_RELATION(Shape, Line)

TEST_CASE("a pointer is what it points to, or null")
{
    CHECK(text_of(std::unique_ptr<int>{}) == "null");
    CHECK(text_of(std::make_unique<int>(5)) == "5");
    CHECK(*from_text<std::unique_ptr<int>>("5") == 5);
    CHECK(from_text<std::unique_ptr<int>>("null") == nullptr);
    CHECK(text_of(std::make_shared<Owner>(Owner{"A"})) == R"({"name":"A"})");
    CHECK(from_text<std::shared_ptr<Owner const>>(R"({"name":"A"})")->name == "A");
    auto const empty = std::make_shared<std::optional<int>>();
    CHECK(text_of(empty) == R"({"$value":null})");
    CHECK(from_text<std::shared_ptr<std::optional<int>>>(R"({"$value":null})") != nullptr);
}

TEST_CASE("pointers that share an object share it when they come back, wherever they stand")
{
    auto const node = std::make_shared<Node>();
    Nodes const nodes{node, nullptr, node};
    CHECK(text_of(nodes) == R"([{"id":0,"next":null,"back":null},null,{"$ref":"#/0"}])");
    auto const again = cr::Value{nodes}.as<Nodes>();
    REQUIRE(again.size() == 3);
    CHECK(again[0] == again[2]);
    CHECK(again[1] == nullptr);

    auto const owner = std::make_shared<Owner>(Owner{"A"});
    Pair const pair{owner, owner, nullptr};
    std::map<std::string, Pair> const map{{"x", pair}, {"y", pair}};
    CHECK(text_of(pair) != text_of(Pair{owner, std::make_shared<Owner>(Owner{"A"}), nullptr}));
    auto const pairs = cr::Value{map}.as<std::map<std::string, Pair>>();
    CHECK(pairs.at("x").second == pairs.at("y").second);
    CHECK(pairs.at("x").second->name == "A");
}

TEST_CASE("pointers within a map share what they point to, whatever its names and whatever holds it")
{
    using Map = std::map<std::string, std::shared_ptr<int>>;
    for (auto const* const name : {"x", "$ref", "$value"}) {
        INFO(name);
        auto const number = std::make_shared<int>(7);
        auto const check = [&]<class Holder>(Holder holder) {
            auto const again =
                cr::Value{Shelf<Holder>{std::move(holder), number}}.template as<Shelf<Holder>>();
            CHECK(*again.again == 7);
            CHECK(again.again == again.map->at(name));
        };
        check(std::make_shared<Map>(Map{{name, number}}));
        check(std::make_unique<Map>(Map{{name, number}}));
        check(std::optional{Map{{name, number}}});
    }
    auto const number = std::make_shared<int>(7);
    CHECK(text_of(Shelf<std::optional<Map>>{Map{{"$ref", number}}, number}) ==
          R"({"map":{"$value":{"$ref":7}},"again":{"$ref":"#/map/$value/$ref"}})");
    CHECK(text_of(std::make_shared<cr::Dict>(cr::Dict{{"$ref", 1}})) == R"({"$value":{"$ref":1}})");
}

TEST_CASE("a class that would look like a reference where a pointer holds it is not stored there")
{
    CHECK(from_text<Marked>(text_of(Marked{5})).number == 5);
    try {
        (void)cr::Value{std::vector{std::make_shared<Marked>()}};
        FAIL("stored");
    } catch (cr::TypeError const& error) {
        CHECK(error.what() ==
              std::string{"[0]: an object whose only member is called $value or $ref cannot be stored in an "
                          "optional or behind a pointer"});
    }
}

TEST_CASE("a pointer to a pointer comes back, and what both share")
{
    using Inner = std::shared_ptr<int>;
    using Outer = std::shared_ptr<Inner>;
    auto const inner = std::make_shared<int>(7);
    auto const outer = std::make_shared<Inner>(inner);
    CHECK(text_of(outer) == "7");
    CHECK(**from_text<Outer>("7") == 7);
    auto const empty = from_text<Outer>(text_of(std::make_shared<Inner>()));
    REQUIRE(empty);
    CHECK_FALSE(*empty);

    using All = std::tuple<Outer, Inner, Outer, std::unique_ptr<Inner>>;
    All const all{outer, inner, outer, std::make_unique<Inner>(inner)};
    auto const [first, second, third, fourth] = cr::Value{all}.as<All>();
    CHECK(**first == 7);
    CHECK(*first == second);
    CHECK(first == third);
    CHECK(*fourth == second);
}

TEST_CASE("a pointer to an empty optional behind another pointer is found by a reference")
{
    using Inner = std::shared_ptr<std::optional<int>>;
    using Both = std::tuple<std::shared_ptr<Inner>, Inner>;
    auto const inner = std::make_shared<std::optional<int>>();
    auto const [first, second] = cr::Value{Both{std::make_shared<Inner>(inner), inner}}.as<Both>();
    REQUIRE(second);
    CHECK_FALSE(*second);
    CHECK(*first == second);
}

TEST_CASE("a reference is followed before its object was read, too")
{
    auto const nodes = from_text<Nodes>(R"([{"$ref":"#/1"},{"id":5},{"$ref":"#/1"}])");
    CHECK(nodes[0]->id == 5);
    CHECK(nodes[0] == nodes[1]);
    CHECK(nodes[2] == nodes[1]);
}

TEST_CASE("a cycle of pointers is stored and comes back as a cycle")
{
    auto const first = std::make_shared<Node>();
    first->next = std::make_shared<Node>();
    first->next->back = first;
    first->next->next = first;
    CHECK(text_of(first) ==
          R"({"id":0,"next":{"id":0,"next":{"$ref":"#"},"back":{"$ref":"#"}},"back":null})");
    auto const again = cr::Value{first}.as<std::shared_ptr<Node>>();
    CHECK(again->next->next == again);
    CHECK(again->next->back.lock() == again);
    again->next->next.reset();
    first->next->next.reset();
}

TEST_CASE("a chain of pointers that is too long is a TypeError in both directions")
{
    auto chain = std::make_unique<Chain>();
    auto* last = chain.get();
    for (int i = 0; i < 2000; ++i) {
        last->next = std::make_unique<Chain>();
        last = last->next.get();
    }
    CHECK_THROWS_AS(cr::Value{chain}, cr::TypeError);

    std::string text = "[";
    for (int i = 1; i < 2000; ++i)
        text += R"({"next":{"$ref":"#/)" + std::to_string(i) + R"("}},)";
    CHECK(refusal<Nodes>(text + "{}]").find("nested deeper than 512 levels") != std::string::npos);
}

TEST_CASE("a reference that leads to nothing or to another type is a TypeError")
{
    auto const nothing = ": a reference to an object that is not there";
    for (auto const* const place : {"#/7", "#/x", "#/0", "#/1/id/0", "", "0", "#0", "#/-1", "#/1/"}) {
        INFO(place);
        CHECK(refusal<Nodes>(R"([{"$ref":")" + std::string{place} + R"("},{"id":1}])") ==
              std::string{"item[0]"} + nothing);
    }
    CHECK(refusal<Nodes>(R"([{"$ref":"#/1"},{"$ref":"#/0"}])") == std::string{"item[0]"} + nothing);
    CHECK(refusal<Nodes>(R"([{"$ref":5}])") == std::string{"item[0]"} + nothing);
    CHECK(refusal<Pair>(R"({"second":{"name":"A"},"number":{"$ref":"#/second"}})") ==
          "item.number.$ref: object where an integer is wanted");
    CHECK(from_text<Pair>(R"({"a/~b":{"name":"A"},"second":{"$ref":"#/a~1~0b"}})").second->name == "A");
}

TEST_CASE("a class that is made with its members is read by its load_and_construct")
{
    auto const ticket = std::make_shared<Ticket>(5);
    CHECK(text_of(ticket) == R"({"number":5})");
    CHECK(cr::Value{ticket}.as<std::shared_ptr<Ticket>>()->number() == 5);
    CHECK(refusal<std::shared_ptr<Ticket>>("{}") == "item.number is missing");
    CHECK(refusal<std::shared_ptr<Ticket>>(R"({"number":-1})") ==
          "item: load_and_construct has not made the object");
    STATIC_REQUIRE_FALSE(cr::Convertible<Ticket>);
}

TEST_CASE("what load_and_construct has made is destroyed once, also if it throws behind that")
{
    CHECK(refusal<std::shared_ptr<Counted>>(R"({"more":5})") ==
          "item.more: integer where a string is wanted");
    CHECK(Counted::alive == 0);
    auto object = from_text<std::shared_ptr<Counted>>(R"({"more":"text"})");
    CHECK(Counted::alive == 1);
    object.reset();
    CHECK(Counted::alive == 0);
}

TEST_CASE("pointers to polymorphic classes come back as the class that they were")
{
    auto const square = std::make_shared<Square>();
    square->side = 3;
    Shapes const shapes{square, nullptr, std::make_shared<Line>(), square};
    auto const text = text_of(shapes);
    CHECK(text.find(R"("polymorphic_name":"Square","ptr_wrapper":{"side":3})") != std::string::npos);
    CHECK(text.find(R"("ptr_wrapper":{"$ref":"#/0/ptr_wrapper"})") != std::string::npos);
    auto const again = from_text<Shapes>(text);
    REQUIRE(again.size() == 4);
    CHECK(again[0]->area() == 9);
    CHECK(again[1] == nullptr);
    CHECK(dynamic_cast<Line*>(again[2].get()) != nullptr);
    CHECK(again[3] == again[0]);

    std::unique_ptr<Shape> const alone = std::make_unique<Square>();
    CHECK(cr::Value{alone}.as<std::unique_ptr<Shape>>()->area() == 1);
}

TEST_CASE("a class that is not registered, or that the text names wrongly, is a TypeError")
{
    CHECK_THROWS_AS(cr::Value{Shapes{std::make_shared<Unregistered>()}}, cr::TypeError);
    auto const shape = [](std::string const& name) {
        return R"([{"polymorphic_id":2147483649,"polymorphic_name":")" + name + R"(","ptr_wrapper":{}}])";
    };
    CHECK(refusal<Shapes>(shape("Square")) == "read");
    CHECK(refusal<Shapes>(shape("Circle")) ==
          "item[0]: its class is not registered, or cannot be made of what is stored");
    CHECK(refusal<Shapes>(R"([{"polymorphic_id":7,"ptr_wrapper":{}}])") != "read");
    CHECK(refusal<Shapes>(R"([{"polymorphic_id":1073741824,"ptr_wrapper":{}}])") != "read");
    CHECK(refusal<Shapes>("[{}]") == "item[0].polymorphic_id is missing");
}
