// SPDX-License-Identifier: MIT
// expect: a_host_prefixed_cookie_name_needs_cookie_secure_and_cookie_path_slash_and_no_cookie_domain
#include <cloakroom/session/checked.hpp>

namespace cr = cloakroom;

cr::Settings settings()
{
#ifdef WELL_FORMED
    return cr::checked({.cookie_name = "__Host-sid", .cookie_path = "/", .cookie_secure = true});
#else
    return cr::checked({.cookie_name = "__Host-sid", .cookie_path = "/shop", .cookie_secure = true});
#endif
}
