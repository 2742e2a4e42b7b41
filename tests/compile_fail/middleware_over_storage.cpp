// SPDX-License-Identifier: MIT
// expect: Middleware
// expect: SessionType
// expect: S::Backend
#include <cloakroom.hpp>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;

#ifdef WELL_FORMED
static_assert(sizeof(cr::http::Middleware<Session>) != 0);
#else
static_assert(sizeof(cr::http::Middleware<cr::storage::Memory>) != 0);
#endif
