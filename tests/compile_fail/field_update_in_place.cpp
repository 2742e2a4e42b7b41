// SPDX-License-Identifier: MIT
// expect: cloakroom: an update function of a field takes its value and gives the new one
#include <cloakroom.hpp>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;

inline constexpr auto visit = cr::field<"visit", int>;

void use(Session& session)
{
#ifdef WELL_FORMED
    session.update(visit, [](int count) { return count * 2; });
#else
    session.update(visit, [](int& count) { count *= 2; });
#endif
}
