// SPDX-License-Identifier: MIT
// expect: deleted
#include <cloakroom.hpp>

cloakroom::Value stored(int* number)
{
#ifdef WELL_FORMED
    return *number;
#else
    return number;
#endif
}
