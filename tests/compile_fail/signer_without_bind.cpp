// SPDX-License-Identifier: MIT
// expect: SignerPolicy
// expect: bind
#include <cloakroom.hpp>

namespace cr = cloakroom;

struct Signer {
    static constexpr cr::Content output = cr::Content::text;

#ifdef WELL_FORMED
    cr::signer::Hmac::Bound bind(std::string_view purpose) const;
#endif
};

static_assert(sizeof(cr::Session<cr::storage::Memory, cr::serializer::Json, Signer>) != 0);
