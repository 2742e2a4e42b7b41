// SPDX-License-Identifier: MIT
// expect: deleted
#include <cloakroom.hpp>

#include <utility>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;

Session hand_over(Session& session)
{
#ifdef WELL_FORMED
    return std::move(session);
#else
    return session;
#endif
}
