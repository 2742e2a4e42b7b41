// SPDX-License-Identifier: MIT
// expect: cloakroom: a field needs a name
#include <cloakroom.hpp>

namespace cr = cloakroom;

#ifdef WELL_FORMED
inline constexpr auto item = cr::field<"visit", int>;
#else
inline constexpr auto item = cr::field<"", int>;
#endif
