// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_CACHE_KEY_PREFIX_HPP
#define CLOAKROOM_STORAGE_CACHE_KEY_PREFIX_HPP

#include <string>
#include <string_view>

namespace cloakroom::inline v0::storage::detail {

/// The prefix of the keys of Django's cache with these settings (S-500).
inline std::string cache_key_prefix(std::string_view key_prefix, int version, std::string_view engine)
{
    std::string text{key_prefix};
    text.append(":").append(std::to_string(version)).append(":django.contrib.sessions.").append(engine);
    return text;
}

} // namespace cloakroom::inline v0::storage::detail

#endif
