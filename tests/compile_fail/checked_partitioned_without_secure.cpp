// SPDX-License-Identifier: MIT
// expect: cookie_partitioned_needs_cookie_secure
#include <cloakroom/session/checked.hpp>

namespace cr = cloakroom;

cr::Settings settings()
{
#ifdef WELL_FORMED
    return cr::checked({.cookie_secure = true, .cookie_partitioned = true});
#else
    return cr::checked({.cookie_partitioned = true});
#endif
}
