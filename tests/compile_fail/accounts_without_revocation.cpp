// SPDX-License-Identifier: MIT
// expect: nobody can log out of a session that the browser keeps
// expect: give auth::Backend a revocation, such as auth::SqliteRevocation, or say auth::accept_replay
#include <cloakroom.hpp>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::SignedCookie, cr::serializer::Json, cr::signer::Hmac>;

#ifdef WELL_FORMED
static_assert(sizeof(cr::auth::Backend<Session, cr::auth::MemoryUsers, cr::auth::MemoryRevocation>) != 0);
static_assert(sizeof(cr::auth::Backend<Session, cr::auth::MemoryUsers, cr::auth::AcceptReplay>) != 0);
using OnServer = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Hmac>;
static_assert(sizeof(cr::auth::Backend<OnServer, cr::auth::MemoryUsers>) != 0);
#else
static_assert(sizeof(cr::auth::Backend<Session, cr::auth::MemoryUsers, cr::auth::NoRevocation>) != 0);
#endif
