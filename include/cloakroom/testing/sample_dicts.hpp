// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_SAMPLE_DICTS_HPP
#define CLOAKROOM_TESTING_SAMPLE_DICTS_HPP

#include <cloakroom/core/limits.hpp>
#include <cloakroom/core/value.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::testing {

/// A dictionary, and what it is a sample of.
struct SampleDict {
    std::string name;
    Dict dict;
};

/// Dictionaries of every kind of value that a session can hold, the edges of each included.
inline std::vector<SampleDict> sample_dicts();

/// A dictionary of `levels` levels, itself being the first; below it arrays or dictionaries or both in turn.
inline Dict nested_dict(std::size_t levels, bool arrays, bool dicts)
{
    Value value = "core";
    for (auto level = levels; level > 1; --level) {
        if (arrays && (!dicts || level % 2 == 0))
            value = Array{std::move(value)};
        else
            value = Dict{{"deeper", std::move(value)}};
    }
    return Dict{{"deeper", std::move(value)}};
}

namespace samples {

inline Value digits(std::string_view text)
{
    return *BigInteger::parse(text);
}

inline Dict numbers()
{
    using Double = std::numeric_limits<double>;
    Array integers{0,
                   1,
                   -1,
                   127,
                   128,
                   255,
                   256,
                   65535,
                   65536,
                   std::numeric_limits<std::int32_t>::min(),
                   std::numeric_limits<std::int64_t>::max(),
                   std::numeric_limits<std::int64_t>::min(),
                   std::numeric_limits<std::uint64_t>::max(),
                   digits("9223372036854775808"),
                   digits("-9223372036854775809"),
                   digits("18446744073709551616"),
                   digits("-18446744073709551616"),
                   digits("1" + std::string(400, '0')),
                   digits(std::string(max_integer_digits, '9')),
                   digits("-" + std::string(max_integer_digits, '9'))};
    Array doubles{0.0,
                  -0.0,
                  1.0,
                  -1.0,
                  0.1,
                  0.5,
                  1e16,
                  1e22,
                  1e23,
                  1e-7,
                  123456789012345680.0,
                  9007199254740992.0,
                  9007199254740993.0,
                  1e100,
                  1e308,
                  Double::max(),
                  Double::lowest(),
                  Double::min(),
                  Double::denorm_min(),
                  Double::epsilon(),
                  Double::infinity(),
                  -Double::infinity(),
                  Double::quiet_NaN()};
    return {{"integers", std::move(integers)}, {"doubles", std::move(doubles)}};
}

inline Dict texts()
{
    Array texts{"",
                "a",
                "worked",
                "\"quoted\\back/slash\"",
                "\b\f\n\r\t",
                "\x7f",
                "<script>&'",
                "\xC2\x80\xC3\xA9\xE2\x82\xAC",
                "\xE2\x80\xA8\xE2\x80\xA9",
                "\xEF\xBB\xBF\xEF\xBF\xBE\xEF\xBF\xBF",
                "\xF0\x9F\x98\x80",
                "\xF4\x8F\xBF\xBF",
                "\xED\xA0\x80",
                "\xED\xBF\xBF",
                "\xED\xB0\x80\xED\xA0\x80",
                "a\xED\xA0\x80z",
                "null",
                "NaN",
                "{}",
                std::string(1, '\0'),
                std::string("a\0b", 3)};
    std::string controls;
    for (char c = 0; c < ' '; ++c)
        controls += c;
    texts.push_back(controls);
    for (std::size_t const size : {15U, 16U, 255U, 256U, 65535U, 65536U})
        texts.push_back(std::string(size, 'x'));
    return {{"texts", std::move(texts)}};
}

inline Dict keys()
{
    Dict dict{{"z", 1}, {"a", 2}, {"", 3}, {"10", 4}, {"9", 5}, {"A", 6}, {"_auth_user_id", 7}};
    dict["a key with \"quotes\", \n and \xED\xA0\x80"] = 8;
    dict[std::string("\0", 1)] = 9;
    dict["\xF0\x9F\x98\x80"] = 10;
    dict["value"] = Dict{{"cereal_class_version", 1}, {"size", 2}, {"key", 3}};
    return dict;
}

inline Dict many_keys(std::size_t count)
{
    Dict dict;
    for (std::size_t i = 0; i < count; ++i)
        dict[std::to_string(i * 7919 % count)] = static_cast<std::uint64_t>(i);
    return dict;
}

} // namespace samples

inline std::vector<SampleDict> sample_dicts()
{
    return {
        {"nothing", {}},
        {"a visit counter", {{"visit", 1}}},
        {"a login",
         {{"_auth_user_id", "1"}, {"_auth_user_backend", "django.contrib.auth.backends.ModelBackend"}}},
        {"one of each kind",
         {{"null", nullptr},
          {"yes", true},
          {"no", false},
          {"integer", 1},
          {"number", 1.5},
          {"text", "t"},
          {"array", Array{1, "two", nullptr, Array{}, Dict{}}},
          {"object", Dict{{"key", Dict{{"key", 0}}}}}}},
        {"numbers", samples::numbers()},
        {"texts", samples::texts()},
        {"keys", samples::keys()},
        {"a thousand keys", samples::many_keys(1000)},
        {"a huge key", {{std::string(100'000, 'k'), 1}, {std::string(100'001, 'k'), 2}}},
        {"a long array", {{"array", Array(10'000, Value{-1})}}},
        {"deep arrays", nested_dict(100, true, false)},
        {"deep objects", nested_dict(100, false, true)},
        {"deep arrays and objects", nested_dict(100, true, true)},
    };
}

} // namespace cloakroom::inline v0::testing

#endif
