// SPDX-License-Identifier: MIT
// expect: int
#include <cloakroom.hpp>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;

int visits(Session& session)
{
#ifdef WELL_FORMED
    return session["visit"].as<int>();
#else
    return session["visit"];
#endif
}
