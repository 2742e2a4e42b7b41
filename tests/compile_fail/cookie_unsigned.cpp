// SPDX-License-Identifier: MIT
// expect: what the browser keeps must be signed
#include <cloakroom.hpp>

namespace cr = cloakroom;

#ifdef WELL_FORMED
using Session = cr::Session<cr::storage::SignedCookie, cr::serializer::Json, cr::signer::Hmac>;
#else
using Session = cr::Session<cr::storage::SignedCookie, cr::serializer::Json, cr::signer::Unsigned>;
#endif

bool use(Session::Backend& backend)
{
    return Session{backend}.contains("visit");
}
