// SPDX-License-Identifier: MIT
// expect: session["visit"] = 1;
#include <cloakroom.hpp>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;

int look(cr::ReadOnlySession<Session>& session)
{
#ifdef WELL_FORMED
    return session["visit"].as<int>();
#else
    session["visit"] = 1;
    return 0;
#endif
}
