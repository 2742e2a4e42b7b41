// SPDX-License-Identifier: MIT
// expect: cloakroom: cr::sum is for fields of numbers
#include <cloakroom.hpp>

#include <string>

namespace cr = cloakroom;

#ifdef WELL_FORMED
inline constexpr auto item = cr::field<"visit", int, cr::sum>;
#else
inline constexpr auto item = cr::field<"visit", std::string, cr::sum>;
#endif
