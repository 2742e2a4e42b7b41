// SPDX-License-Identifier: MIT
// expect: deleted
#include <cloakroom.hpp>

#include <ostream>

void log(std::ostream& out, cloakroom::Secret const& secret)
{
#ifdef WELL_FORMED
    out << secret.reveal().size();
#else
    out << secret;
#endif
}
