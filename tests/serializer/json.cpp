// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/vectors.hpp"

#include <cloakroom/serializer/json.hpp>

#include <string>

namespace cr = cloakroom;
namespace serializer = cr::serializer;

namespace {

std::string rewritten(std::string_view text)
{
    auto const value = serializer::Json::load_value(text);
    return value ? serializer::Json::dump_value(*value) : "error: " + std::string{value.reason().reason};
}

cr::Value nested_arrays(std::size_t levels)
{
    cr::Value value;
    for (std::size_t i = 0; i < levels; ++i) {
        cr::Array array;
        array.push_back(std::move(value));
        value = std::move(array);
    }
    return value;
}

} // namespace

TEST_CASE("Json reads and writes back every text that Django's serializer wrote (S-440 to S-444)")
{
    for (auto const* section : {"json", "dumps", "session_encode"})
        for (auto const& entry :
             vectors({section, section == std::string{"session_encode"} ? "encode" : "dumps"})
                 .as<cr::Array>()) {
            auto const text = text_at(entry, "text");
            INFO(text.substr(0, 200));
            CHECK(rewritten(text) == text);
        }
}

TEST_CASE("Json reads what Python's json reads and refuses what it refuses (S-446 to S-448)")
{
    int refused = 0;
    for (auto const& entry : vectors({"json", "loads"}).as<cr::Array>()) {
        auto const bytes = from_hex(text_at(entry, "bytes_hex"));
        INFO(bytes);
        if (entry.get_if<cr::Dict>()->contains("ok")) {
            CHECK(rewritten(bytes) == text_at(entry, "ok"));
        } else {
            CHECK_FALSE(serializer::Json::load_value(bytes).has_value());
            ++refused;
        }
    }
    CHECK(refused > 15);
}

TEST_CASE("Json writes floating-point numbers as Python's repr does (S-442)")
{
    auto const written = [](double number) { return serializer::Json::dump_value(number); };
    CHECK(written(0.0) == "0.0");
    CHECK(written(-0.0) == "-0.0");
    CHECK(written(1e15) == "1000000000000000.0");
    CHECK(written(9999999999999998.0) == "9999999999999998.0");
    CHECK(written(1e16) == "1e+16");
    CHECK(written(1e-4) == "0.0001");
    CHECK(written(1e-5) == "1e-05");
    CHECK(written(123456.789) == "123456.789");
    CHECK(written(2.5e-7) == "2.5e-07");
    CHECK(written(5e-324) == "5e-324");
    CHECK(written(1.7976931348623157e308) == "1.7976931348623157e+308");
}

TEST_CASE("Json reads numbers past the range of double as infinity or zero (S-447)")
{
    CHECK(rewritten("1e400") == "Infinity");
    CHECK(rewritten("-1e400") == "-Infinity");
    CHECK(rewritten("1e-400") == "0.0");
    CHECK(rewritten("-1e-400") == "-0.0");
    CHECK(rewritten("1e99999999999999999999") == "Infinity");
    CHECK(rewritten("1e-99999999999999999999") == "0.0");
    CHECK(rewritten("10e9223372036854775807") == "Infinity");
    CHECK(rewritten("0.01e-9223372036854775808") == "0.0");
    CHECK(rewritten("0." + std::string(400, '0') + "1") == "0.0");
    CHECK(rewritten("0." + std::string(400, '0') + "1e800") == "Infinity");
    CHECK(rewritten(std::string(400, '9') + ".0") == "Infinity");
    CHECK(rewritten(std::string(400, '9') + ".0e-800") == "0.0");
    CHECK(rewritten("0.0e400") == "0.0");
    CHECK(rewritten("-0") == "0");
    CHECK(rewritten("4.9e-324") == "5e-324");
}

TEST_CASE("Json keeps integers of any size up to 4300 digits (S-449)")
{
    for (auto const* text : {"9223372036854775807", "9223372036854775808", "18446744073709551615",
                             "18446744073709551616", "-9223372036854775808", "-9223372036854775809"})
        CHECK(rewritten(text) == text);
    auto const longest = "1" + std::string(4299, '0');
    CHECK(rewritten(longest) == longest);
    CHECK(rewritten("-" + longest) == "-" + longest);
    CHECK_FALSE(serializer::Json::load_value(longest + "0").has_value());
    CHECK(vectors({"json", "digits_4300_ok"}).as<bool>());
    CHECK(text_at(vectors({"json", "digits_4301"}), "error") == "ValueError");
    CHECK_THROWS_AS(serializer::Json::dump_value(*cr::BigInteger::parse(longest + "0")), cr::TypeError);
}

TEST_CASE("Json joins surrogates that are a pair and keeps lone ones")
{
    CHECK(rewritten(R"("\ud83d\ude00")") == R"("\ud83d\ude00")");
    CHECK(serializer::Json::load_value(R"("\ud83d\ude00")")->as<std::string>() == "\xF0\x9F\x98\x80");
    CHECK(rewritten(R"("\ud83dx\ude00")") == R"("\ud83dx\ude00")");
    CHECK(rewritten(R"("\ud83d\ud83d\ude00")") == R"("\ud83d\ud83d\ude00")");
    CHECK(rewritten(R"("\ude00\ud83d")") == R"("\ude00\ud83d")");
    CHECK_FALSE(serializer::Json::load_value(R"("\u12g4")").has_value());
    CHECK_FALSE(serializer::Json::load_value(R"("\u-123")").has_value());
    CHECK_FALSE(serializer::Json::load_value(R"("\u12)").has_value());
}

TEST_CASE("Json nests up to the stated limit in both directions, and no further")
{
    auto const deepest = nested_arrays(cr::max_depth);
    auto const text = serializer::Json::dump_value(deepest);
    CHECK(text == std::string(cr::max_depth, '[') + "null" + std::string(cr::max_depth, ']'));
    CHECK(serializer::Json::load_value(text).has_value());
    CHECK((cr::max_depth >= 200 && vectors({"json", "nesting_200_ok"}).as<bool>()));
    CHECK_FALSE(serializer::Json::load_value("[" + text + "]").has_value());
    CHECK_THROWS_AS(serializer::Json::dump_value(nested_arrays(cr::max_depth + 1)), cr::TypeError);
    CHECK_FALSE(serializer::Json::load_value(std::string(1'000'000, '[')).has_value());
    CHECK_FALSE(serializer::Json::load_value(std::string(1'000'000, '{')).has_value());
}

TEST_CASE("Json refuses more than 16 MiB in both directions")
{
    cr::Dict dict;
    dict["text"] = std::string(cr::max_payload_size - 11, 'x');
    auto const largest = serializer::Json{}.dump(dict);
    CHECK(largest.size() == cr::max_payload_size);
    CHECK(serializer::Json{}.load(largest).has_value());
    CHECK_FALSE(serializer::Json{}.load(largest + " ").has_value());
    dict["text"] = std::string(cr::max_payload_size - 10, 'x');
    CHECK_THROWS_AS(serializer::Json{}.dump(dict), cr::TypeError);
}

TEST_CASE("Json takes only an object for a session (S-054)")
{
    CHECK(serializer::Json{}.load("{}").has_value());
    for (auto const* text : {"[]", "null", "1", "\"{}\"", ""}) {
        INFO(text);
        CHECK_FALSE(serializer::Json{}.load(text).has_value());
    }
}

TEST_CASE("a decode error says where")
{
    auto const broken = serializer::Json::load_value(R"({"a": 1, "b": tru})");
    REQUIRE_FALSE(broken.has_value());
    CHECK(broken.reason().offset == 14);
    CHECK(broken.reason().reason == "a value is missing");
}
