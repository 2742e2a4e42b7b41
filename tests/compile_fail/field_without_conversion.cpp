// SPDX-License-Identifier: MIT
// expect: cloakroom: this type cannot be kept in a session
#include <cloakroom.hpp>

#include <vector>

namespace cr = cloakroom;

struct Point {
    int x;
    int y;
};

#ifdef WELL_FORMED
inline constexpr auto item = cr::field<"at", std::vector<int>>;
#else
inline constexpr auto item = cr::field<"at", Point>;
#endif
