// SPDX-License-Identifier: MIT
// expect: Cached
// expect: KeptByServer
#include <cloakroom.hpp>

namespace cr = cloakroom;

#ifdef WELL_FORMED
static_assert(sizeof(cr::storage::Cached<cr::storage::Memory, cr::storage::File>) != 0);
#else
static_assert(sizeof(cr::storage::Cached<cr::storage::Memory, cr::storage::SignedCookie>) != 0);
#endif
