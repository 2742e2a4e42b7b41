// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_COOKIE_PREFIX_HPP
#define CLOAKROOM_CORE_COOKIE_PREFIX_HPP

#include <cloakroom/core/cookie_token.hpp>

#include <array>
#include <optional>
#include <string_view>

namespace cloakroom::inline v0 {

/// The beginning of a cookie's name by which browsers insist on the cookie's attributes: always on Secure,
/// and on what is said here.
struct CookiePrefix {
    std::string_view text;
    bool needs_http_only; ///< no script has set or reads it
    bool needs_host;      ///< of this host alone: no Domain, and Path=/
};

inline constexpr std::array<CookiePrefix, 4> cookie_prefixes{{{"__Host-Http-", true, true},
                                                              {"__Host-", false, true},
                                                              {"__Http-", true, false},
                                                              {"__Secure-", false, false}}};

/// The prefix that the name begins with in any case, which is how browsers compare it.
constexpr std::optional<CookiePrefix> cookie_prefix(std::string_view name)
{
    for (auto const& prefix : cookie_prefixes)
        if (equal_ignoring_case(name.substr(0, prefix.text.size()), prefix.text))
            return prefix;
    return std::nullopt;
}

} // namespace cloakroom::inline v0

#endif
