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
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cloakroom::inline v0::http {

/// One cookie as a response sets it. The texts are views: what they show outlives the call of header_value().
struct SetCookie {
    std::string_view name;
    std::string_view value{};           ///< UTF-8; quoted and escaped when it has to be (S-346)
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

/// The header lines of one cookie, which differ in value and lifetime alone: what they share is checked and
/// written once.
class SetCookieLines {
public:
    /// Value and lifetime of `like` do not matter; its texts are copied. Throws ValueError as header_value().
    explicit SetCookieLines(SetCookie const& like);

    /// What header_value() of such a cookie gives. Throws ValueError for the value alone.
    std::string header_value(std::string_view value, std::optional<Duration> max_age, TimePoint now,
                             std::optional<TimePoint> expires = {}) const;

private:
    std::string name_;   // "name="
    std::string domain_; // "; Domain=example.com"
    std::string_view http_only_;
    std::string rest_; // "; Path=/; SameSite=Lax"
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

inline void check_attributes(SetCookie const& cookie)
{
    if (is_cookie_attribute(cookie.name))
        throw ValueError{"a cookie cannot be named like an attribute of cookies: " +
                         std::string{cookie.name}};
    if (!is_cookie_name(cookie.name))
        throw ValueError{
            "a cookie's name must be one or more of A-Z a-z 0-9 ! # $ % & ' * + - . ^ _ ` | ~ :"};
    for (auto const text : {cookie.domain, cookie.path})
        if (has_control_character(text) || text.find(';') != std::string_view::npos)
            throw ValueError{
                "control characters and semicolons are not allowed in a cookie's domain and path"};
    for (std::string_view const known : {"", "lax", "none", "strict"})
        if (equal_ignoring_case(cookie.same_site, known))
            return;
    throw ValueError{"samesite must be \"lax\", \"none\", or \"strict\"."};
}

inline void append_value(std::string& out, std::string_view value)
{
    if (is_cookie_token(value) && !value.empty()) {
        out += value;
        return;
    }
    if (has_control_character(value))
        throw ValueError{"control characters are not allowed in a cookie's value"};
    append_quoted(out, value);
}

inline void append_seconds(std::string& out, Duration duration)
{
    std::array<char, 24> digits;
    auto const count = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
    out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), count).ptr);
}

} // namespace detail

inline SetCookieLines::SetCookieLines(SetCookie const& like) : http_only_{like.http_only ? "; HttpOnly" : ""}
{
    detail::check_attributes(like);
    (name_ += like.name) += '=';
    if (!like.domain.empty())
        (domain_ += "; Domain=") += like.domain;
    // Python 3.14 sorts the attributes by their lower-case names, which puts this one here.
    if (like.partitioned)
        rest_ += "; Partitioned";
    if (!like.path.empty())
        (rest_ += "; Path=") += like.path;
    if (!like.same_site.empty())
        (rest_ += "; SameSite=") += like.same_site;
    if (like.secure)
        rest_ += "; Secure";
}

inline std::string SetCookieLines::header_value(std::string_view value, std::optional<Duration> max_age,
                                                TimePoint now, std::optional<TimePoint> expires) const
{
    constexpr std::size_t lifetime_size = 80; // of the longest attributes of this kind
    std::string out;
    out.reserve(name_.size() + value.size() + domain_.size() + lifetime_size + rest_.size());
    out += name_;
    detail::append_value(out, value);
    out += domain_;
    if (expires || max_age)
        (out += "; expires=") += HttpDate{expires ? *expires : saturating_add(now, *max_age)}.text();
    out += http_only_;
    if (max_age)
        detail::append_seconds(out += "; Max-Age=", *max_age);
    out += rest_;
    return out;
}

inline std::string SetCookie::header_value(TimePoint now) const
{
    return SetCookieLines{*this}.header_value(value, max_age, now, expires);
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
