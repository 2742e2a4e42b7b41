// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_BOUNDED_WAIT_HPP
#define CLOAKROOM_STORAGE_BOUNDED_WAIT_HPP

#include <cloakroom/core/clock.hpp>

#include <algorithm>
#include <chrono>

namespace cloakroom::inline v0::storage::detail {

/// A time-out that can be counted with: up to a day, whatever was asked for. Clocks and libraries count in
/// other units, in which the longest Duration overflows.
constexpr Duration bounded_wait(Duration asked)
{
    return std::min<Duration>(asked, std::chrono::hours{24});
}

} // namespace cloakroom::inline v0::storage::detail

#endif
