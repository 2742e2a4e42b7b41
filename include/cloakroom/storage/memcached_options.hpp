// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_MEMCACHED_OPTIONS_HPP
#define CLOAKROOM_STORAGE_MEMCACHED_OPTIONS_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/secret.hpp>
#include <cloakroom/storage/cache_key_prefix.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace cloakroom::inline v0::storage {

/// How a Memcached uses its servers.
struct MemcachedOptions {
    /// What stands before the session's key; the default is that of Django's cache sessions (S-140, S-500).
    std::string key_prefix = ":1:django.contrib.sessions.cache";
    /// Who logs in to all servers, if not as the URL says: by the text protocol, which memcached calls -Y.
    /// SASL is part of the binary protocol, which is not used.
    std::string user = {};
    std::optional<Secret> password = {};
    /// How long to wait for a connection before StorageError.
    Duration connect_timeout = std::chrono::seconds{2};
    /// How long to wait for each answer before StorageError.
    Duration command_timeout = std::chrono::seconds{5};
};

/// The prefix of the keys of Django's cache with these settings (S-500): CACHES' KEY_PREFIX and VERSION, and
/// the engine that the sessions use, "cache" or "cached_db".
inline std::string memcached_key_prefix(std::string_view key_prefix, int version = 1,
                                        std::string_view engine = "cache")
{
    return detail::cache_key_prefix(key_prefix, version, engine);
}

} // namespace cloakroom::inline v0::storage

#endif
