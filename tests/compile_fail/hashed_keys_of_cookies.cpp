// SPDX-License-Identifier: MIT
// expect: HashedKeys
// expect: KeptByServer
#include <cloakroom.hpp>

namespace cr = cloakroom;

#ifdef WELL_FORMED
static_assert(sizeof(cr::storage::HashedKeys<cr::storage::Memory>) != 0);
#else
static_assert(sizeof(cr::storage::HashedKeys<cr::storage::SignedCookie>) != 0);
#endif
