// SPDX-License-Identifier: MIT
// expect: cookie_name_is_no_name_of_a_cookie
#include <cloakroom/session/checked.hpp>

namespace cr = cloakroom;

cr::Settings settings()
{
#ifdef WELL_FORMED
    return cr::checked({.cookie_name = "session-id"});
#else
    return cr::checked({.cookie_name = "session id"});
#endif
}
