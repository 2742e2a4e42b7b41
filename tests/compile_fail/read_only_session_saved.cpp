// SPDX-License-Identifier: MIT
// expect: save
#include <cloakroom.hpp>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;

#ifdef WELL_FORMED
void write(Session& session)
#else
void write(cr::ReadOnlySession<Session>& session)
#endif
{
    session.save();
}
