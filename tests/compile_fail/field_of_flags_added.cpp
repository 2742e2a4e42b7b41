// SPDX-License-Identifier: MIT
// expect: cloakroom: += is for fields of numbers, std::string and std::vector
#include <cloakroom.hpp>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;

inline constexpr auto seen = cr::field<"seen", bool>;

void use(Session& session)
{
#ifdef WELL_FORMED
    session[seen] = true;
#else
    session[seen] += true;
#endif
}
