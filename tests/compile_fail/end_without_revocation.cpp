// SPDX-License-Identifier: MIT
// expect: only a revocation can end a user's sessions
#include <cloakroom.hpp>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Hmac>;

#ifdef WELL_FORMED
using Accounts = cr::auth::Backend<Session, cr::auth::MemoryUsers, cr::auth::MemoryRevocation>;
#else
using Accounts = cr::auth::Backend<Session, cr::auth::MemoryUsers, cr::auth::NoRevocation>;
#endif

bool log_out_everywhere_else(Accounts& accounts, Session& session)
{
    return accounts.end_others(session);
}
