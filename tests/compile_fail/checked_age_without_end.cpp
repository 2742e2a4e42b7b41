// SPDX-License-Identifier: MIT
// expect: cookie_age_is_more_than_10000_years
#include <cloakroom/session/checked.hpp>

namespace cr = cloakroom;

cr::Settings settings()
{
#ifdef WELL_FORMED
    return cr::checked({.cookie_age = std::chrono::years{1}});
#else
    return cr::checked({.cookie_age = std::chrono::seconds::max()});
#endif
}
