// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <cloakroom/core/conversion.hpp>

#include <random>
#include <string>
#include <vector>

namespace cr = cloakroom;
using cr::Dict;

namespace {

std::vector<std::string> names(Dict const& dict)
{
    std::vector<std::string> result;
    for (auto const& [key, value] : dict)
        result.push_back(key);
    return result;
}

} // namespace

TEST_CASE("a dictionary keeps the order of insertion (S-011)")
{
    Dict dict{{"z", 1}, {"a", 2}, {"m", 3}};
    dict["a"] = 4;
    CHECK(names(dict) == std::vector<std::string>{"z", "a", "m"});
    CHECK(dict.erase("z"));
    dict["z"] = 5;
    CHECK(names(dict) == std::vector<std::string>{"a", "m", "z"});
    CHECK(dict.at("a") == 4);
}

TEST_CASE("a dictionary agrees with a plain list of pairs through any operations")
{
    std::mt19937 random{7};
    Dict dict;
    std::vector<std::pair<std::string, int>> plain;
    auto const find = [&](std::string const& key) {
        return std::find_if(plain.begin(), plain.end(), [&](auto const& pair) { return pair.first == key; });
    };
    for (int step = 0; step < 20'000; ++step) {
        auto const key = "k" + std::to_string(random() % (step < 10'000 ? 60 : 10));
        auto const known = find(key);
        switch (random() % 4) {
        case 0:
        case 1:
            dict[key] = step;
            if (known == plain.end())
                plain.emplace_back(key, step);
            else
                known->second = step;
            break;
        case 2:
            CHECK(dict.erase(key) == (known != plain.end()));
            if (known != plain.end())
                plain.erase(known);
            break;
        default: {
            auto const [value, inserted] = dict.try_insert(key, step);
            CHECK(inserted == (known == plain.end()));
            if (inserted)
                plain.emplace_back(key, step);
            else
                CHECK(*value == known->second);
        }
        }
        REQUIRE(dict.size() == plain.size());
        if (step % 100 == 0) {
            auto const copy = dict;
            std::size_t i = 0;
            for (auto const& [name, value] : copy) {
                REQUIRE(name == plain[i].first);
                REQUIRE(value == plain[i++].second);
            }
            CHECK(copy == dict);
        }
    }
}

TEST_CASE("a dictionary of 100,000 entries finds, erases and fills again")
{
    Dict dict;
    for (int i = 0; i < 100'000; ++i)
        dict["key" + std::to_string(i)] = i;
    CHECK(dict.size() == 100'000);
    CHECK(dict.at("key99999") == 99'999);
    CHECK_FALSE(dict.contains("key100000"));
    for (int i = 0; i < 100'000; i += 2)
        CHECK(dict.erase("key" + std::to_string(i)));
    CHECK(dict.size() == 50'000);
    CHECK_FALSE(dict.contains("key0"));
    CHECK(dict.at("key1") == 1);
    dict.clear();
    CHECK(dict.empty());
    CHECK(dict.begin() == dict.end());
    dict["a"] = 1;
    CHECK(names(dict) == std::vector<std::string>{"a"});
}

TEST_CASE("a moved-from dictionary is empty and can be used again")
{
    Dict dict;
    for (int i = 0; i < 40; ++i)
        dict[std::to_string(i)] = i;
    auto const taken = std::move(dict);
    CHECK(taken.size() == 40);
    CHECK(dict.empty()); // NOLINT(bugprone-use-after-move): that is what is tested
    dict["x"] = 1;
    CHECK(dict.at("x") == 1);
}

TEST_CASE("equality of dictionaries does not look at the order")
{
    CHECK(Dict{{"a", 1}, {"b", 2}} == Dict{{"b", 2}, {"a", 1}});
    CHECK_FALSE(Dict{{"a", 1}, {"b", 2}} == Dict{{"a", 1}, {"b", 3}});
    CHECK_FALSE(Dict{{"a", 1}} == Dict{{"a", 1}, {"b", 2}});
    CHECK_FALSE(Dict{{"a", 1}, {"b", 2}} == Dict{{"a", 1}, {"c", 2}});
}

TEST_CASE("a name that is missing is a KeyError that says which; one that is no UTF-8 is a TypeError")
{
    Dict dict{{"here", 1}};
    CHECK(dict.at("here") == 1);
    CHECK_THROWS_WITH(dict.at("gone"), "no item 'gone'");
    CHECK_THROWS_AS(dict.at("gone"), cr::KeyError);
    CHECK_THROWS_AS(dict["\xFF"], cr::TypeError);
    CHECK(dict.size() == 1);
    dict["h\xC3\xA9"] = 2;
    CHECK(dict.size() == 2);
}

TEST_CASE("a name may be a part of the dictionary that it is given to")
{
    Dict dict{
        {"a", 1}, {"b", 2}, {"c", 3}, {"name", "a text that is longer than any string keeps within itself"}};
    dict[dict.at("name").as<std::string_view>()] = 5;
    CHECK(dict.at("a text that is longer than any string keeps within itself") == 5);
}
