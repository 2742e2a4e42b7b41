// SPDX-License-Identifier: MIT
// expect: cloakroom: an optional of an optional or of a Value cannot be read
#include <cloakroom.hpp>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;

#ifdef WELL_FORMED
using Floor = std::optional<int>;
#else
using Floor = std::optional<std::optional<int>>;
#endif
inline constexpr auto floor_of = cr::field<"floor", Floor>;

Floor use(Session& session)
{
    return session.at(floor_of);
}
