// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_HTTP_SET_COOKIE_HPP
#define CLOAKROOM_HTTP_SET_COOKIE_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/cookie_prefix.hpp>
#include <cloakroom/core/cookie_token.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/wtf8.hpp>
#include <cloakroom/http/date.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cloakroom::inline v0::http {

/// One cookie as a response sets it. The texts are views: what they show outlives the call of header_value().
struct SetCookie {
    std::string_view name;
    std::string_view value;             ///< UTF-8; quoted and escaped when it has to be (S-346)
    std::string_view domain{};          ///< empty leaves it out
    std::string_view path{"/"};         ///< empty leaves it out
    std::optional<Duration> max_age{};  ///< whole seconds are written, cut off towards zero (S-342)
    std::optional<TimePoint> expires{}; ///< absent with a max_age: now + max_age (S-342)
    bool http_only = false;
    bool secure = false;
    std::string_view same_site{}; ///< lax, strict or none in any case, written as given; empty leaves it out
    bool partitioned = false;

    /// What stands behind `Set-Cookie: ` (S-340). Throws ValueError for a name that is none (S-347), another
    /// same_site (S-343), control characters anywhere, a semicolon in domain or path, a value that is not
    /// UTF-8. Such an error never repeats the value.
    std::string header_value(TimePoint now) const;
};

/// The cookie that makes a browser forget another one of this name, domain and path (S-345). It is Secure and
/// HttpOnly where browsers would not take it otherwise: for a name whose prefix asks for that, and Secure for
/// SameSite=None and in a partition.
inline SetCookie deletion(std::string_view name, std::string_view path = "/", std::string_view domain = {},
                          std::string_view same_site = {}, bool partitioned = false);

namespace detail {

constexpr bool has_control_character(std::string_view text)
{
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; });
}

/// Appends a value that needs quotes. Code points from U+0080 to U+00FF are escaped like single bytes, those
/// beyond are not escaped, as Python does it.
inline void append_quoted(std::string& out, std::string_view value)
{
    constexpr std::string_view plain = " ()/<=>?@[]{}";
    out += '"';
    for (std::size_t at = 0; at < value.size();) {
        auto const start = at;
        auto const point = next_code_point(value, at);
        if (point < 0 || is_high_surrogate(point) || is_low_surrogate(point))
            throw ValueError{"a cookie's value is not UTF-8"};
        char const c = value[start];
        if (c == '"' || c == '\\') {
            (out += '\\') += c;
        } else if (point > 0xFF || is_cookie_token(c) || plain.find(c) != std::string_view::npos) {
            out += value.substr(start, at - start);
        } else {
            out += '\\';
            for (int const shift : {6, 3, 0})
                out += static_cast<char>('0' + ((point >> shift) & 7));
        }
    }
    out += '"';
}

/// `is_plain`: whether the value needs no quotes.
inline void check(SetCookie const& cookie, bool is_plain)
{
    if (is_cookie_attribute(cookie.name))
        throw ValueError{"a cookie cannot be named like an attribute of cookies: " +
                         std::string{cookie.name}};
    if (!is_cookie_name(cookie.name))
        throw ValueError{
            "a cookie's name must be one or more of A-Z a-z 0-9 ! # $ % & ' * + - . ^ _ ` | ~ :"};
    if (!is_plain && has_control_character(cookie.value))
        throw ValueError{"control characters are not allowed in a cookie's value"};
    for (auto const text : {cookie.domain, cookie.path})
        if (has_control_character(text) || text.find(';') != std::string_view::npos)
            throw ValueError{
                "control characters and semicolons are not allowed in a cookie's domain and path"};
    for (std::string_view const known : {"", "lax", "none", "strict"})
        if (equal_ignoring_case(cookie.same_site, known))
            return;
    throw ValueError{"samesite must be \"lax\", \"none\", or \"strict\"."};
}

} // namespace detail

inline std::string SetCookie::header_value(TimePoint now) const
{
    auto const is_plain = is_cookie_token(value);
    detail::check(*this, is_plain);
    std::string out;
    out.reserve(160 + name.size() + value.size() + domain.size() + path.size());
    auto const attribute = [&out](std::string_view key, std::string_view text) {
        ((out += "; ") += key) += text;
    };

    (out += name) += '=';
    if (!value.empty() && is_plain)
        out += value;
    else
        detail::append_quoted(out, value);
    if (!domain.empty())
        attribute("Domain=", domain);
    if (expires || max_age)
        attribute("expires=", HttpDate{expires ? *expires : saturating_add(now, *max_age)}.text());
    if (http_only)
        attribute("HttpOnly", {});
    if (max_age)
        attribute("Max-Age=",
                  std::to_string(std::chrono::duration_cast<std::chrono::seconds>(*max_age).count()));
    // Python 3.14 sorts the attributes by their lower-case names, which puts this one here.
    if (partitioned)
        attribute("Partitioned", {});
    if (!path.empty())
        attribute("Path=", path);
    if (!same_site.empty())
        attribute("SameSite=", same_site);
    if (secure)
        attribute("Secure", {});
    return out;
}

inline SetCookie deletion(std::string_view name, std::string_view path, std::string_view domain,
                          std::string_view same_site, bool partitioned)
{
    auto const prefix = cookie_prefix(name);
    return {.name = name,
            .value = {},
            .domain = domain,
            .path = path,
            .max_age = Duration::zero(),
            .expires = TimePoint{},
            .http_only = prefix && prefix->needs_http_only,
            .secure = prefix || equal_ignoring_case(same_site, "none") || partitioned,
            .same_site = same_site,
            .partitioned = partitioned};
}

} // namespace cloakroom::inline v0::http

#endif
