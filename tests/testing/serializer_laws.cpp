// SPDX-License-Identifier: MIT
#include <cloakroom/testing/serializer_laws.hpp>

#include "support/catch.hpp"

#include <cloakroom/core/error.hpp>
#include <cloakroom/serializer/json.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using cloakroom::Array;
using cloakroom::Content;
using cloakroom::DecodeError;
using cloakroom::Dict;
using cloakroom::Result;
using cloakroom::Value;
namespace serializer = cloakroom::serializer;
using cloakroom::testing::identical;
using cloakroom::testing::LawBroken;
using cloakroom::testing::serializer_laws;

template <class Serializer>
std::string verdict()
{
    try {
        serializer_laws(Serializer{}, {.damages = 200});
        return "kept";
    } catch (LawBroken const& broken) {
        return broken.what();
    }
}

/// Json with one step done to what it loads.
template <auto spoil>
struct SpoiledJson : serializer::Json {
    Result<Dict, DecodeError> load(std::string_view bytes) const
    {
        auto loaded = serializer::Json::load(bytes);
        if (loaded)
            spoil(*loaded);
        return loaded;
    }
};

void sort_keys(Dict& dict)
{
    std::vector<std::string> keys;
    for (auto const& [key, value] : dict)
        keys.push_back(key);
    std::sort(keys.begin(), keys.end());
    Dict sorted;
    for (auto const& key : keys)
        sorted[key] = dict.at(key);
    dict = sorted;
}

void lose_the_sign_of_zero(Dict& dict)
{
    if (auto* const doubles = dict.find("doubles"))
        for (auto& each : *doubles->get_if<Array>())
            if (each == Value{0.0})
                each = 0.0;
}

void make_whole_doubles_integers(Dict& dict)
{
    if (auto* const doubles = dict.find("doubles"))
        for (auto& each : *doubles->get_if<Array>())
            if (each == Value{1.0})
                each = 1;
}

void drop_nan(Dict& dict)
{
    if (auto* const doubles = dict.find("doubles"))
        doubles->get_if<Array>()->back() = nullptr;
}

struct ReadsParts : serializer::Json {
    Result<Dict, DecodeError> load(std::string_view bytes) const
    {
        auto loaded = serializer::Json::load(bytes);
        return loaded ? loaded : Result<Dict, DecodeError>{Dict{}};
    }
};

struct ThrowsOnGarbage : serializer::Json {
    Result<Dict, DecodeError> load(std::string_view bytes) const
    {
        auto loaded = serializer::Json::load(bytes);
        if (!loaded && bytes.size() > 3)
            throw cloakroom::TypeError{"garbage"};
        return loaded;
    }
};

/// Writes a length before the JSON, and takes such a length at its word when it reads.
template <bool believes>
struct Prefixed {
    static constexpr Content output = Content::bytes;

    std::string dump(Dict const& dict) const
    {
        auto const text = serializer::Json{}.dump(dict);
        std::uint64_t const size = text.size();
        std::string bytes(sizeof size, '\0');
        std::memcpy(bytes.data(), &size, sizeof size);
        return bytes + text;
    }

    Result<Dict, DecodeError> load(std::string_view bytes) const
    {
        std::uint64_t size = 0;
        if (bytes.size() < sizeof size)
            return DecodeError{"too short"};
        std::memcpy(&size, bytes.data(), sizeof size);
        bytes.remove_prefix(sizeof size);
        std::string text;
        if (believes && size > text.max_size()) // where no allocation is tried, which would stop a sanitizer
            text.reserve(size);
        if (size != bytes.size())
            return DecodeError{"another length"};
        return serializer::Json{}.load(bytes);
    }
};

struct SaysTextWritesBytes : Prefixed<false> {
    static constexpr Content output = Content::text;
};

/// Reads as far as the length says, and leaves the rest.
struct PassesOverTheRest : Prefixed<false> {
    Result<Dict, DecodeError> load(std::string_view bytes) const
    {
        std::uint64_t size = 0;
        if (bytes.size() > sizeof size) {
            std::memcpy(&size, bytes.data(), sizeof size);
            if (size < bytes.size() - sizeof size)
                bytes = bytes.substr(0, sizeof size + size);
        }
        return Prefixed<false>::load(bytes);
    }
};

struct ThrowsForDepth : serializer::Json {
    std::string dump(Dict const& dict) const
    {
        try {
            return serializer::Json::dump(dict);
        } catch (cloakroom::TypeError const&) {
            throw std::length_error{"too deep"};
        }
    }
};

struct ThrowsForNan : serializer::Json {
    std::string dump(Dict const& dict) const
    {
        auto text = serializer::Json::dump(dict);
        return text.find("NaN") == std::string::npos ? text : throw cloakroom::TypeError{"no number"};
    }
};

void round_big_integers(Dict& dict)
{
    if (auto* const integers = dict.find("integers"))
        for (auto& each : *integers->get_if<Array>())
            if (each.get_if<cloakroom::BigInteger>() != nullptr)
                each = 1e30;
}

void wrap_unsigned(Dict& dict)
{
    if (auto* const integers = dict.find("integers"))
        for (auto& each : *integers->get_if<Array>())
            if (auto const* const number = each.get_if<std::uint64_t>())
                each = static_cast<std::int64_t>(*number);
}

void end_texts_at_nul(Dict& dict)
{
    if (auto* const texts = dict.find("texts"))
        for (auto& each : *texts->get_if<Array>())
            each = std::string{each.get_if<std::string>()->c_str()};
}

struct WritesAnyDepth : serializer::Json {
    std::string dump(Dict const& dict) const
    {
        try {
            return serializer::Json::dump(dict);
        } catch (cloakroom::TypeError const&) {
            return "{}";
        }
    }
};

} // namespace

TEST_CASE("Json keeps the serializer laws")
{
    auto const report = serializer_laws(serializer::Json{});
    CHECK(report.round_trips > 10);
    CHECK(report.damaged > 20'000);
    CHECK(report.still_read > 100);
    CHECK(report.still_read < report.damaged);
}

TEST_CASE("A binary serializer that checks its lengths keeps the laws")
{
    CHECK(verdict<Prefixed<false>>() == "kept");
}

TEMPLATE_TEST_CASE("The laws catch a serializer with one mistake", "", SpoiledJson<sort_keys>,
                   SpoiledJson<lose_the_sign_of_zero>, SpoiledJson<make_whole_doubles_integers>,
                   SpoiledJson<drop_nan>, ReadsParts, ThrowsOnGarbage, Prefixed<true>, SaysTextWritesBytes,
                   WritesAnyDepth, PassesOverTheRest, ThrowsForDepth, ThrowsForNan,
                   SpoiledJson<round_big_integers>, SpoiledJson<wrap_unsigned>, SpoiledJson<end_texts_at_nul>)
{
    CHECK(verdict<TestType>() != "kept");
}

TEST_CASE("A serializer's broken law comes with the place and both values")
{
    CHECK(verdict<SpoiledJson<lose_the_sign_of_zero>>() ==
          "What was dumped comes back as something else: numbers; doubles[1] is 0.0 instead of -0.0");
    CHECK_THAT(
        verdict<SpoiledJson<sort_keys>>(),
        catch_::EndsWith("the dictionary has the key \"_auth_user_backend\" where \"_auth_user_id\" was"));
    CHECK_THAT(verdict<SpoiledJson<wrap_unsigned>>(),
               catch_::EndsWith("; integers[12] is -1 instead of 18446744073709551615"));
    CHECK_THAT(verdict<PassesOverTheRest>(),
               catch_::StartsWith("A byte behind the dictionary is passed over"));
    CHECK_THAT(verdict<ThrowsForDepth>(), catch_::EndsWith("one level too many, but threw too deep"));
    CHECK(verdict<ThrowsForNan>() == "dump threw no number: numbers");
}

TEST_CASE("Identical tells apart what equality does not, and unites what it tells apart")
{
    auto const nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(identical(Value{nan}, Value{-nan}));
    CHECK_FALSE(identical(Value{0.0}, Value{-0.0}));
    CHECK_FALSE(identical(Value{1}, Value{1.0}));
    CHECK_FALSE(identical(Dict{{"a", 1}, {"b", 2}}, Dict{{"b", 2}, {"a", 1}}));
    CHECK(identical(Dict{{"a", Array{nan, Dict{}}}}, Dict{{"a", Array{nan, Dict{}}}}));
    CHECK_FALSE(identical(Value{Array{1, 2}}, Value{Array{1}}));
}
