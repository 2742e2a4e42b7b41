// SPDX-License-Identifier: MIT
// expect: cloakroom: a field has its type already: session.get(field)
#include <cloakroom.hpp>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;

inline constexpr auto visit = cr::field<"visit", int>;

int use(Session& session)
{
#ifdef WELL_FORMED
    return session.get(visit).value();
#else
    return session.get<int>(visit).value();
#endif
}
