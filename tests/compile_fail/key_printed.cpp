// SPDX-License-Identifier: MIT
// expect: deleted
// goes on: clang lists every operator<< of the standard library
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
