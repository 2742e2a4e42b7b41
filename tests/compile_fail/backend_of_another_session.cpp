// SPDX-License-Identifier: MIT
// expect: deleted
// expect: backend_of_another_type_of_session
#include <cloakroom.hpp>

namespace cr = cloakroom;

using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;
using Signed = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Hmac>;

#ifdef WELL_FORMED
bool use(Session::Backend& backend)
#else
bool use(Signed::Backend& backend)
#endif
{
    Session session{backend, "a key of the cookie"};
    return session.contains("visit");
}
