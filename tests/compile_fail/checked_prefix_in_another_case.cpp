// SPDX-License-Identifier: MIT
// expect: cookie_name_has_its_prefix_in_another_case
#include <cloakroom/session/checked.hpp>

namespace cr = cloakroom;

cr::Settings settings()
{
#ifdef WELL_FORMED
    return cr::checked({.cookie_name = "__Host-sid", .cookie_secure = true});
#else
    return cr::checked({.cookie_name = "__host-sid", .cookie_secure = true});
#endif
}
