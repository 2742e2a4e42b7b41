// SPDX-License-Identifier: MIT
// expect: SerializerPolicy
#include <cloakroom.hpp>

namespace cr = cloakroom;

#ifdef WELL_FORMED
static_assert(sizeof(cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Hmac>) != 0);
#else
static_assert(sizeof(cr::Session<cr::storage::Memory, cr::signer::Hmac, cr::serializer::Json>) != 0);
#endif
