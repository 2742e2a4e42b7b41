// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_CACHED_OPTIONS_HPP
#define CLOAKROOM_STORAGE_CACHED_OPTIONS_HPP

#include <cloakroom/core/clock.hpp>

#include <chrono>

namespace cloakroom::inline v0::storage {

/// How a Cached uses its cache. Both times are longer than 0.
struct CachedOptions {
    /// How long others wait for somebody who fills or writes, in case he has died; while they wait they read
    /// the store. Longer than any call of the store takes, its time-outs included, and than the clocks of the
    /// machines that share the cache differ.
    Duration lease_time = std::chrono::seconds{30};
    /// How long the cache answers for the store at most, so that a record which somebody has changed in the
    /// store alone is seen after that time.
    Duration value_time = std::chrono::hours{1};
    /// What both are measured with.
    Clock clock = system_now;
};

} // namespace cloakroom::inline v0::storage

#endif
