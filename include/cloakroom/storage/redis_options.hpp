// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_REDIS_OPTIONS_HPP
#define CLOAKROOM_STORAGE_REDIS_OPTIONS_HPP

#include <cloakroom/adapters/hiredis_tls.hpp>
#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/secret.hpp>
#include <cloakroom/storage/cache_key_prefix.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace cloakroom::inline v0::storage {

/// What a Redis string holds for a session.
enum class RedisFormat {
    /// The payload behind its deadline to the microsecond: `cr1:001780000000123456:` and the payload. The
    /// server's own deadline only removes what is dead.
    record,
    /// The payload alone, as Django's cache with a JSON serializer writes it; use it with serializer::Json
    /// and signer::Unsigned. The server's deadline is the record's: whole milliseconds, fractions are cut
    /// off. A string without one never expires. Before Redis 7 a deadline is read to about one millisecond.
    bare,
};

/// How a Redis uses its server.
struct RedisOptions {
    /// What stands before the session's key; the default is that of Django's cache sessions (S-140, S-500).
    std::string key_prefix = ":1:django.contrib.sessions.cache";
    RedisFormat format = RedisFormat::record;
    /// Who logs in, if not as the URL says. Without a user the password is that of the user "default".
    std::string user = {};
    std::optional<Secret> password = {};
    /// Encrypts the connection, as a rediss:// URL asks for. Needs hiredis 1.0 or newer.
    std::optional<adapters::hiredis::TlsFiles> tls = {};
    /// The URL names a server of a Redis Cluster, or several, separated by commas, of which one must be
    /// reachable; the others are asked for. A URL with several is a cluster's anyway.
    bool cluster = false;
    /// How long to wait for a connection before StorageError.
    Duration connect_timeout = std::chrono::seconds{2};
    /// How long to wait for each answer before StorageError; in a cluster also how long to follow its moves
    /// and to wait until it is whole.
    Duration command_timeout = std::chrono::seconds{5};
};

/// The prefix of the keys of Django's cache with these settings (S-500): CACHES' KEY_PREFIX and VERSION, and
/// the engine that the sessions use, "cache" or "cached_db".
inline std::string redis_key_prefix(std::string_view key_prefix, int version = 1,
                                    std::string_view engine = "cache")
{
    return detail::cache_key_prefix(key_prefix, version, engine);
}

} // namespace cloakroom::inline v0::storage

#endif
