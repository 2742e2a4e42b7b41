// SPDX-License-Identifier: MIT
// expect: cloakroom: session.update(key, function) wants a function that takes the value and gives the new
// one
#include <cloakroom.hpp>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;

void use(Session& session)
{
#ifdef WELL_FORMED
    session.update({{"visit", 5}});
#else
    session.update("visit", 5);
#endif
}
