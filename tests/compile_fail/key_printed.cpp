// SPDX-License-Identifier: MIT
// expect: deleted
#include <cloakroom.hpp>

#include <ostream>

void log(std::ostream& out, cloakroom::SessionKey const& key)
{
#ifdef WELL_FORMED
    out << key.handle();
#else
    out << key;
#endif
}
