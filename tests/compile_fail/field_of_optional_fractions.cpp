// SPDX-License-Identifier: MIT
// expect: cloakroom: this is no value for the type of the field
#include <cloakroom.hpp>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;

inline constexpr auto floor_of = cr::field<"floor", std::optional<int>>;

void use(Session& session)
{
#ifdef WELL_FORMED
    session[floor_of] = 2;
    session[floor_of] = std::nullopt;
#else
    session[floor_of] = 2.7;
#endif
}
