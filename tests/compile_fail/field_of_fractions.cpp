// SPDX-License-Identifier: MIT
// expect: cloakroom: this is no value for the type of the field
#include <cloakroom.hpp>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::SignedCookie, cr::serializer::Json, cr::signer::Hmac>;

inline constexpr auto visit = cr::field<"visit", int>;

void use(Session& session)
{
#ifdef WELL_FORMED
    session[visit] += 2;
#else
    session[visit] += 0.5;
#endif
}
