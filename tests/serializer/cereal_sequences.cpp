// SPDX-License-Identifier: MIT
// Without cereal's headers for vector, deque, list and forward_list: what these mean does not depend on them.
#include "support/catch.hpp"

#include <cloakroom/serializer/cereal.hpp>
#include <cloakroom/serializer/json.hpp>

#include <array>
#include <cereal/types/map.hpp>
#include <cereal/types/set.hpp>
#include <deque>
#include <forward_list>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cr = cloakroom;
namespace serializer = cr::serializer;

namespace {

/// Takes 4 KiB, and counts how many there are.
template <class Tag>
struct Large {
    Large() { ++made; }
    Large(Large const&) = default;
    Large& operator=(Large const&) = default;

    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(cereal::make_nvp("first", bytes[0]));
    }

    static inline int made = 0;
    std::array<char, 4096> bytes{};
};

struct Word { // of which only the length is compared
    std::string text;

    friend bool operator<(Word const& a, Word const& b) { return a.text.size() < b.text.size(); }

    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(CEREAL_NVP(text));
    }
};

template <class T>
std::string text_of(T const& object)
{
    return serializer::Json::dump_value(cr::Value{object});
}

template <class T>
T from_text(std::string_view text)
{
    return serializer::Json::load_value(text)->template as<T>();
}

} // namespace

TEMPLATE_TEST_CASE("elements of a sequence share what they point to", "", std::vector<std::shared_ptr<Word>>,
                   std::deque<std::shared_ptr<Word>>, std::list<std::shared_ptr<Word>>,
                   std::forward_list<std::shared_ptr<Word>>)
{
    auto const word = std::make_shared<Word>(Word{"a"});
    auto const again = from_text<TestType>(text_of(TestType{word, nullptr, word}));
    CHECK(text_of(again) == R"([{"text":"a"},null,{"$ref":"#/0"}])");
    CHECK(text_of(TestType{}) == "[]");
    CHECK(from_text<TestType>("[]").empty());
    CHECK_THROWS_AS(from_text<TestType>(R"({"size":1})"), cr::TypeError);
}

TEMPLATE_TEST_CASE("a sequence of large elements makes none before it is read", "",
                   std::vector<Large<struct InVector>>, std::deque<Large<struct InDeque>>,
                   std::list<Large<struct InList>>, std::forward_list<Large<struct InForwardList>>)
{
    using Element = typename TestType::value_type;
    auto const before = Element::made;
    CHECK_THROWS_AS(cr::Value{cr::Array(100'000)}.template as<TestType>(), cr::TypeError);
    CHECK(Element::made <= before + 1);
    auto const read = from_text<TestType>(R"([{"first":1},{"first":2}])");
    CHECK(text_of(read) == R"([{"first":1},{"first":2}])");
}

TEST_CASE("equal keys keep their order, however often they are read")
{
    using Map = std::multimap<std::string, int>;
    auto const* const entries =
        R"([{"key":"a","value":3},{"key":"a","value":1},{"key":"a","value":2},{"key":"b","value":0}])";
    CHECK(text_of(from_text<Map>(entries)) == entries);
    auto const* const words = R"([{"text":"b"},{"text":"a"},{"text":"c"},{"text":"aa"}])";
    CHECK(text_of(from_text<std::multiset<Word>>(words)) == words);
    CHECK(text_of(from_text<std::multiset<int>>("[3,1,2,1]")) == "[1,1,2,3]");
}
