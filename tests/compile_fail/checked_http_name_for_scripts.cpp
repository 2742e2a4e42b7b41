// SPDX-License-Identifier: MIT
// expect: an_http_prefixed_cookie_name_needs_cookie_secure_and_cookie_httponly
#include <cloakroom/session/checked.hpp>

namespace cr = cloakroom;

cr::Settings settings()
{
#ifdef WELL_FORMED
    return cr::checked({.cookie_name = "__Http-sid", .cookie_secure = true});
#else
    return cr::checked({.cookie_name = "__Http-sid", .cookie_httponly = false, .cookie_secure = true});
#endif
}
