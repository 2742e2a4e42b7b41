// SPDX-License-Identifier: MIT
// expect: cookie_age_is_not_more_than_zero
#include <cloakroom/session/checked.hpp>

namespace cr = cloakroom;

cr::Settings settings()
{
#ifdef WELL_FORMED
    return cr::checked({.cookie_age = std::chrono::seconds{1}});
#else
    return cr::checked({.cookie_age = std::chrono::seconds{0}});
#endif
}
