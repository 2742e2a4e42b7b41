// SPDX-License-Identifier: MIT
// expect: deleted
// goes on: clang lists every operator<< of the standard library
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
