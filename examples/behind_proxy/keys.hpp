// SPDX-License-Identifier: MIT
#ifndef EXAMPLES_BEHIND_PROXY_KEYS_HPP
#define EXAMPLES_BEHIND_PROXY_KEYS_HPP

#include <cloakroom.hpp>

#include <fstream>
#include <string>
#include <vector>

namespace behind_proxy {

// [other_keys]
/// The keys besides the site's own that its sessions may be signed with, one in each line; none without a
/// file.
inline std::vector<cloakroom::Secret> other_keys(std::string const& path)
{
    std::vector<cloakroom::Secret> keys;
    std::ifstream file{path};
    for (std::string line; std::getline(file, line);)
        if (!line.empty())
            keys.emplace_back(line);
    return keys;
}
// [/other_keys]

} // namespace behind_proxy

#endif
