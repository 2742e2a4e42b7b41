// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_COOKIE_TOKEN_HPP
#define CLOAKROOM_CORE_COOKIE_TOKEN_HPP

#include <algorithm>
#include <array>
#include <string_view>

namespace cloakroom::inline v0 {

namespace detail {

inline constexpr auto cookie_tokens = [] {
    std::array<bool, 256> is_token{};
    for (char const token : std::string_view{"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                             "!#$%&'*+-.^_`|~:"})
        is_token[static_cast<unsigned char>(token)] = true;
    return is_token;
}();

} // namespace detail

/// Whether a cookie's name may hold the character and its value may hold it without quotes (S-346).
constexpr bool is_cookie_token(char c)
{
    return detail::cookie_tokens[static_cast<unsigned char>(c)];
}

/// The same for every character of a text; true for the empty one.
constexpr bool is_cookie_token(std::string_view text)
{
    bool all = true; // to the end, as most texts are: twice as fast as asking at each character
    for (char const c : text)
        all &= is_cookie_token(c);
    return all;
}

/// An ASCII letter in lower case, any other byte as it is.
constexpr char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// ASCII letters compared without their case, everything else byte by byte.
constexpr bool equal_ignoring_case(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return ascii_lower(x) == ascii_lower(y); });
}

/// Whether the text is the name of a cookie's attribute in any case, and so cannot name a cookie (S-347).
constexpr bool is_cookie_attribute(std::string_view text)
{
    constexpr std::array<std::string_view, 10> attributes{"comment", "domain",     "expires", "httponly",
                                                          "max-age", "path",       "secure",  "samesite",
                                                          "version", "partitioned"};
    return std::any_of(attributes.begin(), attributes.end(),
                       [text](std::string_view name) { return equal_ignoring_case(text, name); });
}

/// Whether a cookie may have this name: not empty, tokens only, no attribute's name (S-347).
constexpr bool is_cookie_name(std::string_view text)
{
    return !text.empty() && is_cookie_token(text) && !is_cookie_attribute(text);
}

} // namespace cloakroom::inline v0

#endif
