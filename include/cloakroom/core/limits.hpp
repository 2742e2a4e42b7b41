// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_LIMITS_HPP
#define CLOAKROOM_CORE_LIMITS_HPP

#include <cstddef>

namespace cloakroom::inline v0 {

/// The largest serialized session in bytes, before signing and after inflating. More is refused in both
/// directions.
inline constexpr std::size_t max_payload_size = std::size_t{16} << 20;

/// How deep arrays and objects may nest in a session; the session's own dictionary is level 1.
inline constexpr std::size_t max_depth = 512;

/// The longest integer in decimal digits, as in Python (S-449).
inline constexpr std::size_t max_integer_digits = 4300;

} // namespace cloakroom::inline v0

#endif
