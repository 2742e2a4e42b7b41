// SPDX-License-Identifier: MIT
// expect: deleted
// expect: items_have_names_no_numbers
#include <cloakroom.hpp>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;

void set_first(Session& session)
{
#ifdef WELL_FORMED
    session["1"] = 1;
#else
    session[1] = 1;
#endif
}
