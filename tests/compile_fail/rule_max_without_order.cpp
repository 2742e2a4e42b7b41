// SPDX-License-Identifier: MIT
// expect: cloakroom: cr::max is for fields whose values can be compared with <
#include <cloakroom.hpp>

namespace cr = cloakroom;

#ifdef WELL_FORMED
inline constexpr auto item = cr::field<"best", int, cr::max>;
#else
inline constexpr auto item = cr::field<"best", cr::Dict, cr::max>;
#endif
