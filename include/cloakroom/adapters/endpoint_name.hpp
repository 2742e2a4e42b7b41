// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_ADAPTERS_ENDPOINT_NAME_HPP
#define CLOAKROOM_ADAPTERS_ENDPOINT_NAME_HPP

#include <string>
#include <string_view>

namespace cloakroom::inline v0::adapters::detail {

/// Where a server listens, for people: "127.0.0.1:6379", "[::1]:6379", or the socket if there is one.
inline std::string endpoint_name(std::string_view host, int port, std::string_view socket)
{
    if (!socket.empty())
        return std::string{socket};
    std::string text{host};
    if (host.find(':') != std::string_view::npos)
        text = "[" + text + "]";
    return text + ":" + std::to_string(port);
}

} // namespace cloakroom::inline v0::adapters::detail

#endif
