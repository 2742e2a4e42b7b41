// SPDX-License-Identifier: MIT
// expect: cloakroom: this is no value for the type of the field
#include <cloakroom.hpp>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;

inline constexpr auto visit = cr::field<"visit", int>;

void use(Session& session)
{
#ifdef WELL_FORMED
    session["seen"] = session[visit];
    session[visit] = session["seen"].as<int>();
#else
    session[visit] = session["seen"];
#endif
}
