// SPDX-License-Identifier: MIT
// expect: nobody but the visitor's own browser can remove a session that is kept in a cookie
#include <cloakroom.hpp>

namespace cr = cloakroom;

using Session = cr::Session<cr::storage::SignedCookie, cr::serializer::Json, cr::signer::Hmac>;

void use(Session& session)
{
#ifdef WELL_FORMED
    session.delete_record();
#else
    session.delete_record("somebody else's key");
#endif
}
