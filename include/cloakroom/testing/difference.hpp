// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_DIFFERENCE_HPP
#define CLOAKROOM_TESTING_DIFFERENCE_HPP

#include <cloakroom/core/value.hpp>
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/testing/identical.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace cloakroom::inline v0::testing {

/// Where two values that are not identical begin to differ, for people:
/// "integers[13] is 9.2e+18 instead of 9223372036854775808".
std::string difference(Value const& right, Value const& found, std::string const& path = "the dictionary");

namespace difference_detail {

/// As JSON, the middle of a long text left out.
inline std::string text(Value const& value)
{
    constexpr std::size_t longest = 60;
    auto text = serializer::Json{}.dump({{"", value}});
    text = text.substr(4, text.size() - 5); // {"":...}
    return text.size() <= longest
               ? text
               : text.substr(0, longest / 2) + "..." + text.substr(text.size() - longest / 2);
}

inline std::string counted(std::string const& path, std::size_t right, std::size_t found)
{
    return path + " has " + std::to_string(found) + " items instead of " + std::to_string(right);
}

inline std::string in_dicts(Dict const& right, Dict const& found, std::string const& path)
{
    auto other = found.begin();
    for (auto const& [key, value] : right) {
        if (other == found.end())
            break;
        if (other->key != key)
            return path + " has the key " + text(other->key) + " where " + text(key) + " was";
        if (!identical(value, other->value))
            return difference(value, other->value,
                              key.empty() || key.size() > 30 ? path + "[" + text(key) + "]" : key);
        ++other;
    }
    return counted(path, right.size(), found.size());
}

inline std::string in_arrays(Array const& right, Array const& found, std::string const& path)
{
    for (std::size_t i = 0; i < right.size() && i < found.size(); ++i)
        if (!identical(right[i], found[i]))
            return difference(right[i], found[i], path + "[" + std::to_string(i) + "]");
    return counted(path, right.size(), found.size());
}

} // namespace difference_detail

inline std::string difference(Value const& right, Value const& found, std::string const& path)
{
    using namespace difference_detail;
    if (auto const *const x = right.get_if<Dict>(), *const y = found.get_if<Dict>();
        x != nullptr && y != nullptr)
        return in_dicts(*x, *y, path);
    if (auto const *const x = right.get_if<Array>(), *const y = found.get_if<Array>();
        x != nullptr && y != nullptr)
        return in_arrays(*x, *y, path);
    return path + " is " + text(found) + " instead of " + text(right);
}

} // namespace cloakroom::inline v0::testing

#endif
