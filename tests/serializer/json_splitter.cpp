// SPDX-License-Identifier: MIT
#include <cloakroom/serializer/json_splitter.hpp>

#include "support/catch.hpp"
#include "support/vectors.hpp"

#include <cloakroom/serializer/json.hpp>
#include <cloakroom/testing/identical.hpp>
#include <cloakroom/testing/sample_dicts.hpp>

#include <random>
#include <string>
#include <vector>

namespace cr = cloakroom;
namespace serializer = cr::serializer;

namespace {

/// Whether the text is split. What is split must be what load reads, and what dump makes of that.
bool is_split(std::string const& text)
{
    auto const items = serializer::Json{}.split(text);
    if (!items)
        return false;
    auto const dict = serializer::Json{}.load(text);
    if (!dict || serializer::Json{}.dump(*dict) != text || dict->size() != items->size())
        FAIL("split takes what is not plainly an object: " << text);
    for (auto item = items->begin(); auto const& [key, value] : *dict) {
        if (item->name_in(text) != key || item->is_read || item->is_changed ||
            !cr::testing::identical(serializer::Json{}.load_item(item->value_in(text)), value))
            FAIL("split finds another item than load: " << text);
        ++item;
    }
    if (serializer::Json{}.splice(text, *items) != text)
        FAIL("a splice without changes changes: " << text);
    return true;
}

std::string within(std::string const& value)
{
    return R"({"before":1,"value":)" + value + R"(,"after":2})";
}

/// Every text that Django's serializer wrote and read, and our own samples of every kind of value.
std::vector<std::string> known_texts()
{
    std::vector<std::string> texts;
    for (auto const* const section : {"json", "dumps"})
        for (auto const& entry : vectors({section, "dumps"}).as<cr::Array>())
            texts.push_back(text_at(entry, "text"));
    for (auto const& entry : vectors({"session_encode", "encode"}).as<cr::Array>())
        texts.push_back(text_at(entry, "text"));
    for (auto const& entry : vectors({"json", "loads"}).as<cr::Array>())
        texts.push_back(from_hex(text_at(entry, "bytes_hex")));
    for (auto const& sample : cr::testing::sample_dicts())
        texts.push_back(serializer::Json{}.dump(sample.dict));
    return texts;
}

} // namespace

TEST_CASE("Json splits what it writes for the values of ordinary sessions")
{
    for (auto const* const text : {"null",
                                   "true",
                                   "false",
                                   "0",
                                   "-1",
                                   "17",
                                   "123456789012345678901234567890",
                                   "-9223372036854775809",
                                   "0.0",
                                   "-0.0",
                                   "1.0",
                                   "100.0",
                                   "19.95",
                                   "-0.5",
                                   "0.0001",
                                   "0.00012",
                                   "123456789012345.0",
                                   "1718000000.123456",
                                   "0.30000000000000004",
                                   "1e+16",
                                   "1e-05",
                                   "1.5e-07",
                                   "5e-324",
                                   "1.7976931348623157e+308",
                                   "1000000000000000.0",
                                   "NaN",
                                   "Infinity",
                                   "-Infinity",
                                   R"("")",
                                   R"("plain")",
                                   R"("\"\\\n\r\t\b\f")",
                                   R"("\u0000\u001f\u007f\u0080\u00ff\u2028\uffff")",
                                   R"("\ud83d\ude00")",
                                   R"("\ude00\ud83d")",
                                   R"("\ud83dx")",
                                   "[]",
                                   "{}",
                                   "[[],{}]",
                                   R"([1,"two",null])",
                                   R"({"a":{"a":1},"b":[{"a":1},{"a":1}]})",
                                   R"({"\u00e9":1,"\n":2})"}) {
        INFO(text);
        CHECK(is_split(within(text)));
    }
    CHECK(is_split("{}"));
    CHECK(is_split(R"({"":""})"));
    CHECK(is_split(within(std::string(cr::max_integer_digits, '9'))));
}

TEST_CASE("Json splits nothing that it would write differently or refuse to read")
{
    for (auto const* const text : {"",
                                   "-",
                                   "+1",
                                   "01",
                                   "-0",
                                   "-01",
                                   "00",
                                   "1.",
                                   ".5",
                                   "1.50",
                                   "1.00",
                                   "0.00001",
                                   "1E5",
                                   "1e5",
                                   "1e16",
                                   "1E+16",
                                   "1e+05",
                                   "1e-5",
                                   "1e400",
                                   "-1e400",
                                   "1e-400",
                                   "0.0e0",
                                   "1.0e+16",
                                   "100000000000000000.0",
                                   "0.1000000000000000055",
                                   "1.5.5",
                                   "1e",
                                   "1e+",
                                   "--1",
                                   "1-1",
                                   "nan",
                                   "Nan",
                                   "infinity",
                                   "+Infinity",
                                   "-NaN",
                                   "-",
                                   "nul",
                                   "True",
                                   "nulll",
                                   "tru",
                                   R"("\u0041")",
                                   R"("\/")",
                                   R"("\u00E9")",
                                   R"("\u000a")",
                                   R"("\u0022")",
                                   R"("\u12")",
                                   R"("\u12g4")",
                                   R"("\x41")",
                                   R"("\)",
                                   R"("open)",
                                   "\"\x01\"",
                                   "\"\x7f\"",
                                   "\"\xc3\xa9\"",
                                   "\"\n\"",
                                   " 1",
                                   "1 ",
                                   "[1 ]",
                                   "[ ]",
                                   "[1,]",
                                   "[,1]",
                                   "[1",
                                   "[1}",
                                   "{",
                                   R"({"a"})",
                                   R"({"a":})",
                                   R"({"a":1,})",
                                   R"({"a":1)",
                                   R"({"a":1])",
                                   "{1:2}",
                                   "{'a':1}",
                                   R"({"a" :1})",
                                   R"({"a":1,"a":2})",
                                   R"({"a":1,"b":2,"a":1})",
                                   R"([{"x":{"a":1,"a":1}}])"}) {
        INFO(text);
        CHECK_FALSE(is_split(within(text)));
    }
    for (auto const* const text : {"",
                                   " ",
                                   "{",
                                   "}",
                                   "[]",
                                   "null",
                                   "1",
                                   R"("{}")",
                                   "{} ",
                                   " {}",
                                   "{}}",
                                   "{}{}",
                                   "{,}",
                                   R"({"a":1,})",
                                   R"({"a":1}x)",
                                   R"({"a":1,"a":1})",
                                   R"({"a":1 })",
                                   R"({a:1})",
                                   R"({"a":1;"b":2})",
                                   "{\"a\":1}\n"}) {
        INFO(text);
        CHECK_FALSE(is_split(text));
    }
    CHECK_FALSE(is_split(within(std::string(cr::max_integer_digits + 1, '9'))));
}

TEST_CASE("Json leaves to load what would take too long or too deep a search")
{
    auto const objects = [](std::size_t count) {
        std::string text;
        for (std::size_t i = 0; i < count; ++i)
            text += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":0";
        return "{" + text + "}";
    };
    CHECK(is_split(objects(30)));
    CHECK_FALSE(is_split(objects(1000)));
    CHECK(is_split(within(objects(30))));
    CHECK_FALSE(is_split(within(objects(1000))));
    CHECK(is_split(within("[" + objects(30) + "," + objects(30) + "," + objects(30) + "]")));
    CHECK(is_split(within(std::string(20, '[') + std::string(20, ']'))));
    CHECK_FALSE(is_split(within(std::string(600, '[') + std::string(600, ']'))));
    CHECK_FALSE(is_split(within(std::string(1'000'000, '['))));
    auto const largest = within("\"" + std::string(cr::max_payload_size - within("\"\"").size(), 'x') + "\"");
    CHECK(is_split(largest));
    CHECK_FALSE(is_split(within("\"x" + largest.substr(22))));
}

TEST_CASE("Json writes changed items into the text in their places")
{
    std::string const text = R"({"a":1,"b":"two","c":[3]})";
    auto items = *serializer::Json{}.split(text);
    auto const change = [&items](std::size_t i, cr::Value value) {
        items[i].content = std::move(value);
        items[i].is_changed = true;
    };
    change(1, nullptr);
    CHECK(serializer::Json{}.splice(text, items) == R"({"a":1,"b":null,"c":[3]})");
    change(0, cr::Dict{{"x", 1.5}});
    change(2, "\xC3\xA9");
    CHECK(serializer::Json{}.splice(text, items) == R"({"a":{"x":1.5},"b":null,"c":"\u00e9"})");
    change(1, cr::testing::nested_dict(cr::max_depth - 1, true, false));
    CHECK(serializer::Json{}.load(serializer::Json{}.splice(text, items)).has_value());
    change(1, cr::testing::nested_dict(cr::max_depth, true, false));
    CHECK_THROWS_AS(serializer::Json{}.splice(text, items), cr::TypeError);
    change(1, std::string(cr::max_payload_size, 'x'));
    CHECK_THROWS_AS(serializer::Json{}.splice(text, items), cr::TypeError);
}

TEST_CASE(
    "Whatever Json splits, of known texts and of 200,000 damaged ones, is what load reads and dump writes")
{
    auto const texts = known_texts();
    std::size_t split = 0;
    for (auto const& text : texts)
        split += is_split(text) ? 1U : 0U;
    CHECK(split > texts.size() / 4);

    std::vector<std::string> seeds;
    for (auto const& text : texts)
        if (text.size() < 400)
            seeds.push_back(text);
    constexpr std::string_view likely = "{}[]\",:\\u0019aAeE+-. tfnNI/\x7f\x80";
    std::mt19937 random{1};
    auto const below = [&random](std::size_t limit) { return random() % limit; };
    std::size_t still_split = 0;
    for (int i = 0; i < 200'000; ++i) {
        auto text = seeds[below(seeds.size())];
        for (auto changes = 1 + below(3); changes > 0 && !text.empty(); --changes) {
            auto const at = below(text.size());
            switch (below(6)) {
            case 0:
                text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
                break;
            case 1:
                text[at] = likely[below(likely.size())];
                break;
            case 2:
                text.insert(at, 1, likely[below(likely.size())]);
                break;
            case 3:
                text.erase(at, 1 + below(3));
                break;
            case 4:
                text.insert(at, text.substr(below(text.size()), 1 + below(12)));
                break;
            default:
                text.resize(at);
            }
        }
        still_split += is_split(text) ? 1U : 0U;
    }
    CHECK(still_split > 5000);
    CHECK(still_split < 150'000);
}
