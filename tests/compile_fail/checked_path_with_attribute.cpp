// SPDX-License-Identifier: MIT
// expect: cookie_path_is_no_path_that_begins_with_a_slash
#include <cloakroom/session/checked.hpp>

namespace cr = cloakroom;

cr::Settings settings()
{
#ifdef WELL_FORMED
    return cr::checked({.cookie_path = "/shop"});
#else
    return cr::checked({.cookie_path = "/; Domain=example.com"});
#endif
}
