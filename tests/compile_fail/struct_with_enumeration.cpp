// SPDX-License-Identifier: MIT
// expect: an enumeration in a struct has no conversion to a session value; keep its number in the struct
#include <cloakroom.hpp>

enum class Colour { red, green };

struct Coat {
#ifdef WELL_FORMED
    int colour;
#else
    Colour colour;
#endif
};
BOOST_HANA_ADAPT_STRUCT(Coat, colour);

cloakroom::Value value(Coat const& coat)
{
    return coat;
}
