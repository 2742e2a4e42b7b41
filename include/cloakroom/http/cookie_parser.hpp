// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_HTTP_COOKIE_PARSER_HPP
#define CLOAKROOM_HTTP_COOKIE_PARSER_HPP

#include <cloakroom/core/cookie_prefix.hpp>
#include <cloakroom/core/wtf8.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::http {

/// The longest value of a cookie that is looked at, in bytes as received. Browsers keep 4 KiB for name, value
/// and attributes together; a longer value is no session of ours.
inline constexpr std::size_t max_cookie_value_size = 8192;

/// Cookie header values as a request brings them: any range of texts that outlive the call.
template <class Headers>
concept CookieHeaders = requires(Headers& headers) {
    { *std::begin(headers) } -> std::convertible_to<std::string_view>;
    requires std::is_reference_v<decltype(*std::begin(headers))> ||
                 std::same_as<decltype(*std::begin(headers)), std::string_view>;
    std::begin(headers) != std::end(headers);
};

/// What the Cookie headers of a request say about one name. Lives no longer than the headers it was found in.
class FoundCookie {
public:
    /// `raw` is the last value as received, without white space around it.
    FoundCookie(std::size_t count, std::string_view raw);

    /// How many cookies had the name.
    std::size_t count() const noexcept { return count_; }

    explicit operator bool() const noexcept { return count_ != 0; }

    /// The value of the last one: quotes removed and backslash escapes undone (S-348). Empty when there is
    /// none, or when it is oversize.
    std::string_view value() const noexcept
    {
        return unescaped_.empty() ? value_ : std::string_view{unescaped_};
    }

    /// Whether the last one was longer than max_cookie_value_size.
    bool oversize() const noexcept { return oversize_; }

private:
    std::size_t count_;
    bool oversize_;
    std::string_view value_;
    std::string unescaped_; // only for a value that has escapes, and then not empty
};

/// The cookie called `name` in any number of Cookie header values, which count as one header (S-349). Names
/// are compared byte by byte; the last one wins. Any bytes are fine as headers; the time is linear in their
/// length, and nothing is allocated but for a value that has backslash escapes.
///
/// White space around names and values is ASCII white space. Django strips that of Unicode too, which lets a
/// plain cookie whose name begins with a no-break space pass for a `__Host-` one.
template <CookieHeaders Headers>
FoundCookie find_cookie(Headers&& headers, std::string_view name);

/// The same for a request with one Cookie header.
inline FoundCookie find_cookie(std::string_view header, std::string_view name);

/// Whether somebody else has planted one of the cookies found under `name`: a browser sends a name with a
/// prefix such as `__Host-` once. Then none of them counts.
inline bool is_planted(FoundCookie const& found, std::string_view name)
{
    return found.count() > 1 && cookie_prefix(name);
}

/// The value of the cookie called `name`, or nothing where there is none or somebody has planted one.
template <class Headers>
std::optional<std::string> cookie_value(Headers&& headers, std::string_view name);

/// Every cookie of a Cookie header value in the order in which their names first came, each name once with
/// its last value (S-348). A part without `=` has the empty name. Values longer than max_cookie_value_size
/// are kept as well.
inline std::vector<std::pair<std::string, std::string>> parse_cookies(std::string_view header);

namespace detail {

/// What Python counts as white space within ASCII.
constexpr bool is_cookie_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || (c >= '\x1c' && c <= '\x1f');
}

constexpr std::string_view strip_cookie_space(std::string_view text)
{
    while (!text.empty() && is_cookie_space(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_cookie_space(text.back()))
        text.remove_suffix(1);
    return text;
}

/// One part between semicolons, split and stripped. A part that is `empty()` is no cookie at all.
struct CookiePart {
    std::string_view name;
    std::string_view value;

    constexpr explicit CookiePart(std::string_view part)
    {
        auto const equals = part.find('=');
        if (equals != std::string_view::npos)
            name = strip_cookie_space(part.substr(0, equals));
        value = strip_cookie_space(equals == std::string_view::npos ? part : part.substr(equals + 1));
    }

    constexpr bool empty() const { return name.empty() && value.empty(); }
};

/// Calls `visit` with every part between semicolons, white space in front of it left out.
template <class Visitor>
constexpr void for_each_part(std::string_view header, Visitor visit)
{
    // Parts of a few bytes are what makes a header slow; a call of memchr for each would cost more than
    // looking.
    constexpr std::size_t looked_at = 8;
    while (true) {
        while (!header.empty() && is_cookie_space(header.front()))
            header.remove_prefix(1);
        std::size_t size = 0;
        while (size < header.size() && size < looked_at && header[size] != ';')
            ++size;
        if (size == looked_at)
            size = std::min(header.find(';', size), header.size());
        visit(header.substr(0, size));
        if (size == header.size())
            return;
        header.remove_prefix(size + 1);
    }
}

constexpr bool is_quoted(std::string_view value)
{
    return value.size() >= 2 && value.front() == '"' && value.back() == '"';
}

/// Undoes backslash escapes. Three octal digits name a code point, which is written as UTF-8; before any
/// other character but a line feed the backslash only goes away.
inline std::string undo_escapes(std::string_view text)
{
    auto const digit = [&](std::size_t i, char last) { return text[i] >= '0' && text[i] <= last; };
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size() || text[i + 1] == '\n') {
            result += text[i];
        } else if (i + 3 < text.size() && digit(i + 1, '3') && digit(i + 2, '7') && digit(i + 3, '7')) {
            append_code_point(result,
                              (text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
            i += 3;
        } else {
            result += text[++i];
        }
    }
    return result;
}

} // namespace detail

inline FoundCookie::FoundCookie(std::size_t count, std::string_view raw)
    : count_(count),
      oversize_(raw.size() > max_cookie_value_size),
      value_(oversize_ ? std::string_view{} : raw)
{
    if (!detail::is_quoted(value_))
        return;
    value_ = value_.substr(1, value_.size() - 2);
    if (value_.find('\\') != std::string_view::npos)
        unescaped_ = detail::undo_escapes(value_);
}

template <CookieHeaders Headers>
FoundCookie find_cookie(Headers&& headers, std::string_view name)
{
    std::size_t count = 0;
    std::string_view value;
    for (std::string_view const header : headers)
        detail::for_each_part(header, [&](std::string_view part) {
            if (!part.starts_with(name)) // most parts; spares them the search for '='
                return;
            if (detail::CookiePart const cookie{part}; cookie.name == name && !cookie.empty()) {
                ++count;
                value = cookie.value;
            }
        });
    return FoundCookie{count, value};
}

inline FoundCookie find_cookie(std::string_view header, std::string_view name)
{
    return find_cookie(std::span{&header, 1}, name);
}

template <class Headers>
std::optional<std::string> cookie_value(Headers&& headers, std::string_view name)
{
    auto const found = find_cookie(headers, name);
    return found && !is_planted(found, name) ? std::optional<std::string>{found.value()} : std::nullopt;
}

inline std::vector<std::pair<std::string, std::string>> parse_cookies(std::string_view header)
{
    std::vector<std::pair<std::string, std::string>> cookies;
    std::map<std::string_view, std::size_t> positions; // ordered: no choice of names makes it slow
    detail::for_each_part(header, [&](std::string_view part) {
        detail::CookiePart const cookie{part};
        if (cookie.empty())
            return;
        auto const [position, is_new] = positions.try_emplace(cookie.name, cookies.size());
        if (is_new)
            cookies.emplace_back(cookie.name, std::string{});
        cookies[position->second].second =
            detail::is_quoted(cookie.value)
                ? detail::undo_escapes(cookie.value.substr(1, cookie.value.size() - 2))
                : std::string{cookie.value};
    });
    return cookies;
}

} // namespace cloakroom::inline v0::http

#endif
