// SPDX-License-Identifier: MIT
// expect: only a revocation with a list of devices knows a user's sessions one by one
#include <cloakroom.hpp>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Hmac>;

#ifdef WELL_FORMED
using Accounts = cr::auth::Backend<Session, cr::auth::MemoryUsers, cr::auth::MemoryRevocation>;
#else
using Accounts = cr::auth::Backend<Session, cr::auth::MemoryUsers, cr::auth::NoRevocation>;
#endif

auto list(Accounts& accounts, cr::auth::User const& user, Session& session)
{
    return accounts.sessions(user, session);
}
