// SPDX-License-Identifier: MIT
// expect: deleted
// expect: constant_time_equal
#include <cloakroom.hpp>
#include <cloakroom/core/constant_time.hpp>

namespace cr = cloakroom;

bool same(cr::Secret const& a, cr::Secret const& b)
{
#ifdef WELL_FORMED
    return cr::constant_time_equal(a.reveal(), b.reveal());
#else
    return a == b;
#endif
}
