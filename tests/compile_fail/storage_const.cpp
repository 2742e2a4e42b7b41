// SPDX-License-Identifier: MIT
// expect: StoragePolicy
// expect: movable
#include <cloakroom.hpp>

namespace cr = cloakroom;

#ifdef WELL_FORMED
using Storage = cr::storage::Memory;
#else
using Storage = cr::storage::Memory const;
#endif
static_assert(sizeof(cr::Session<Storage, cr::serializer::Json, cr::signer::Unsigned>) != 0);
