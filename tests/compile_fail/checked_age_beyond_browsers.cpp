// SPDX-License-Identifier: MIT
// expect: cookie_age_is_more_than_the_400_days_that_browsers_keep_a_cookie
#include <cloakroom/session/checked.hpp>

namespace cr = cloakroom;

cr::Settings settings()
{
#ifdef WELL_FORMED
    return cr::checked({.cookie_age = std::chrono::days{400}});
#else
    return cr::checked({.cookie_age = std::chrono::days{401}});
#endif
}
