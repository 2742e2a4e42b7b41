// SPDX-License-Identifier: MIT
// expect: cloakroom: the rule of a field is one such as cr::sum, or cr::merge<function>
#include <cloakroom.hpp>

namespace cr = cloakroom;

int larger(int theirs, int ours)
{
    return theirs < ours ? ours : theirs;
}

#ifdef WELL_FORMED
inline constexpr auto item = cr::field<"visit", int, cr::merge<larger>>;
#else
inline constexpr auto item = cr::field<"visit", int, larger>;
#endif
