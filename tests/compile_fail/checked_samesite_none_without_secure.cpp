// SPDX-License-Identifier: MIT
// expect: cookie_samesite_none_needs_cookie_secure
#include <cloakroom/session/checked.hpp>

namespace cr = cloakroom;

cr::Settings settings()
{
#ifdef WELL_FORMED
    return cr::checked({.cookie_secure = true, .cookie_samesite = cr::SameSite::none});
#else
    return cr::checked({.cookie_samesite = cr::SameSite::none});
#endif
}
