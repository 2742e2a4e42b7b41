// SPDX-License-Identifier: MIT
// expect: cloakroom: a field has a value of its own, such as std::string
#include <cloakroom.hpp>

#include <string>
#include <string_view>

namespace cr = cloakroom;

#ifdef WELL_FORMED
inline constexpr auto item = cr::field<"name", std::string>;
#else
inline constexpr auto item = cr::field<"name", std::string_view>;
#endif
