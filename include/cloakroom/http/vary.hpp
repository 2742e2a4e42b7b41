// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_HTTP_VARY_HPP
#define CLOAKROOM_HTTP_VARY_HPP

#include <cloakroom/core/cookie_token.hpp>

#include <span>
#include <string>
#include <string_view>

namespace cloakroom::inline v0::http {

/// The Vary header `before` (several such headers joined by commas) with more header names in it (S-360).
/// Names that are there keep their order and spelling; one that is there in any case is not added again. A
/// `*` anywhere makes the whole header `*`.
inline std::string patch_vary(std::string_view before, std::span<std::string_view const> added);

/// The same for one name.
inline std::string patch_vary(std::string_view before, std::string_view added = "Cookie")
{
    return patch_vary(before, std::span{&added, 1});
}

namespace detail {

constexpr std::string_view strip_blanks(std::string_view text)
{
    constexpr std::string_view blanks = " \t\n\v\f\r";
    auto const first = text.find_first_not_of(blanks);
    return first == std::string_view::npos ? std::string_view{}
                                           : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// Calls `visit` with every name in a comma-separated list, blanks stripped and empty ones left out.
template <class Visitor>
constexpr void for_each_listed(std::string_view list, Visitor visit)
{
    while (true) {
        auto const comma = list.find(',');
        if (auto const name = strip_blanks(list.substr(0, comma)); !name.empty())
            visit(name);
        if (comma == std::string_view::npos)
            return;
        list.remove_prefix(comma + 1);
    }
}

} // namespace detail

inline std::string patch_vary(std::string_view before, std::span<std::string_view const> added)
{
    std::string result;
    bool everything = false;
    auto const append = [&](std::string_view name) {
        if (!result.empty())
            result += ", ";
        result += name;
        everything = everything || name == "*";
    };
    detail::for_each_listed(before, append);
    for (auto const list : added)
        detail::for_each_listed(list, [&](std::string_view name) {
            bool present = false;
            detail::for_each_listed(result, [&](std::string_view other) {
                present = present || equal_ignoring_case(other, name);
            });
            if (!present)
                append(name);
        });
    return everything ? "*" : result;
}

} // namespace cloakroom::inline v0::http

#endif
