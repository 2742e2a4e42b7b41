// SPDX-License-Identifier: MIT
// expect: cloakroom: this type has no conversion from a session value
// expect: <cloakroom/serializer/cereal.hpp>
#include <cloakroom.hpp>
#include <set>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;

std::size_t use(Session& session)
{
#ifdef WELL_FORMED
    return session.get("numbers", std::vector<int>{}).size();
#else
    return session.get("numbers", std::set<int>{}).size();
#endif
}
