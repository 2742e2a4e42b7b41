// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_MEMCACHED_EXPIRY_HPP
#define CLOAKROOM_STORAGE_MEMCACHED_EXPIRY_HPP

#include <cloakroom/core/clock.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <limits>

namespace cloakroom::inline v0::storage::detail {

/// A time, in seconds since 1970, that has passed for every server. One of up to 30 days would count from now
/// on.
inline constexpr std::time_t memcached_past = 2'592'001;

/// The server's own deadline for an entry: never before the exact one. Its clock ticks once a second; from
/// 2038 on, which it does not read, it is never (0).
inline std::time_t memcached_expiry(TimePoint expires)
{
    auto const seconds = std::chrono::ceil<std::chrono::seconds>(expires).time_since_epoch().count() + 1;
    if (seconds > std::numeric_limits<std::int32_t>::max())
        return 0;
    return std::max<std::time_t>(seconds, memcached_past);
}

} // namespace cloakroom::inline v0::storage::detail

#endif
