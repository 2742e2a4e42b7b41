// SPDX-License-Identifier: MIT
// expect: cloakroom: this is no value for the type of the field
#include <cloakroom.hpp>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;

inline constexpr auto visit = cr::field<"visit", int>;

int use(Session& session)
{
#ifdef WELL_FORMED
    return session.get(visit, 0);
#else
    return session.get(visit, "none");
#endif
}
