// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_TYPE_NAME_HPP
#define CLOAKROOM_TESTING_TYPE_NAME_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/policy_name.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace cloakroom::inline v0::testing {

/// The type as its author would write it, about: without our namespace, unnamed ones and the standard
/// library's own names for strings and times. For people, so it may differ between compilers.
template <class T>
std::string type_name();

namespace type_name_detail {

inline void replace(std::string& text, std::string_view from, std::string_view to)
{
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

} // namespace type_name_detail

template <class T>
std::string type_name()
{
    using namespace type_name_detail;
    std::string text{spelled_type<T>()};
    replace(text, spelled_type<std::string>(), "std::string");
    replace(text, "std::basic_string<char>", "std::string");
    replace(text, spelled_type<std::string_view>(), "std::string_view");
    replace(text, spelled_type<TimePoint>(), "TimePoint");
    replace(text, spelled_type<Duration>(), "Duration");
    replace(text, " >", ">"); // after a name that was longer
    for (auto const* const prefix :
         {"cloakroom::v0::", "cloakroom::", "(anonymous namespace)::", "{anonymous}::", "<unnamed>::"})
        replace(text, prefix, "");
    return text;
}

} // namespace cloakroom::inline v0::testing

#endif
