// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_SERVER_URL_HPP
#define CLOAKROOM_STORAGE_SERVER_URL_HPP

#include <cloakroom/core/secret.hpp>

#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace cloakroom::inline v0::storage::detail {

/// How a URL of servers is refused: throws, with what is wrong.
using RefuseUrl = void (*)(std::string_view what);

/// A part of a URL without its percent-encoding.
inline std::string decoded_url_part(std::string_view text, RefuseUrl refuse)
{
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            result += text[i];
            continue;
        }
        unsigned byte = 0;
        auto const* const digits = text.data() + i + 1;
        if (i + 2 >= text.size() || std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2)
            refuse("a % is not followed by two hexadecimal digits");
        result += static_cast<char>(byte);
        i += 2;
    }
    return result;
}

/// A decimal number from `lowest` to `highest`; `what` it is, for people.
inline int url_number(std::string_view text, int lowest, int highest, std::string_view what, RefuseUrl refuse)
{
    int value = 0;
    auto const* const end = text.data() + text.size();
    if (auto const read = std::from_chars(text.data(), end, value);
        read.ec != std::errc{} || read.ptr != end || value < lowest || value > highest)
        refuse(std::string{what} + " is no number from " + std::to_string(lowest) + " to " +
               std::to_string(highest));
    return value;
}

/// What stands before the @: `user:password`, both of them optional.
struct UrlLogin {
    UrlLogin(std::string_view text, RefuseUrl refuse)
    {
        auto const colon = text.find(':');
        user = decoded_url_part(text.substr(0, colon), refuse);
        if (colon != std::string_view::npos && colon + 1 < text.size())
            password = Secret{decoded_url_part(text.substr(colon + 1), refuse)};
    }

    std::string user;
    std::optional<Secret> password;
};

/// What names a server: `host:port`, both of them optional, an IPv6 address in brackets.
struct UrlHost {
    UrlHost(std::string_view text, RefuseUrl refuse)
    {
        auto rest = text;
        if (text.starts_with('[')) {
            auto const end = text.find(']');
            if (end == std::string_view::npos)
                refuse("an address in brackets does not end");
            host = text.substr(1, end - 1);
            rest = text.substr(end + 1);
            if (!rest.empty() && !rest.starts_with(':'))
                refuse("something other than a port follows the address in brackets");
        } else {
            host = text.substr(0, text.find(':'));
            rest = text.substr(host.size());
        }
        if (!rest.empty())
            port = rest.substr(1);
    }

    std::string_view host;
    std::optional<std::string_view> port;
};

} // namespace cloakroom::inline v0::storage::detail

#endif
