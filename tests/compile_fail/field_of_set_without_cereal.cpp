// SPDX-License-Identifier: MIT
// expect: cloakroom: this type cannot be kept in a session
// expect: <cloakroom/serializer/cereal.hpp>
#include <cloakroom.hpp>
#include <set>
#include <vector>

#ifdef WELL_FORMED
inline constexpr auto numbers = cloakroom::field<"numbers", std::vector<int>, cloakroom::set_union>;
#else
inline constexpr auto numbers = cloakroom::field<"numbers", std::set<int>, cloakroom::set_union>;
#endif
