// SPDX-License-Identifier: MIT
// expect: cloakroom: cr::set_union is for fields of containers
#include <cloakroom.hpp>

#include <string>
#include <vector>

namespace cr = cloakroom;

#ifdef WELL_FORMED
inline constexpr auto item = cr::field<"tags", std::vector<std::string>, cr::set_union>;
#else
inline constexpr auto item = cr::field<"tags", std::string, cr::set_union>;
#endif
