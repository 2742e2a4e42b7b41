// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_VERSION_HPP
#define CLOAKROOM_CORE_VERSION_HPP

#include <string_view>

namespace cloakroom::inline v0 {

/// The library's version, as in CMakeLists.txt. The inline namespace changes with the ABI, not with every
/// release.
inline constexpr std::string_view version = "0.1.0";

} // namespace cloakroom::inline v0

#endif
