// SPDX-License-Identifier: MIT
// expect: a bare number is no expiry; write set_expiry(cr::browser_close)
#include <cloakroom.hpp>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;

void end_with_the_browser(Session& session)
{
#ifdef WELL_FORMED
    session.set_expiry(cr::browser_close);
#else
    session.set_expiry(0);
#endif
}
