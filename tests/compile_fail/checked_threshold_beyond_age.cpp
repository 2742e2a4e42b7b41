// SPDX-License-Identifier: MIT
// expect: renewal_threshold_is_not_less_than_cookie_age
#include <cloakroom/session/checked.hpp>

namespace cr = cloakroom;

cr::Settings settings()
{
    using std::chrono::minutes;
#ifdef WELL_FORMED
    return cr::checked({.cookie_age = minutes{30}, .renewal_threshold = minutes{29}});
#else
    return cr::checked({.cookie_age = minutes{30}, .renewal_threshold = minutes{30}});
#endif
}
