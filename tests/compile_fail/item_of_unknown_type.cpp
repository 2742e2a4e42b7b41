// SPDX-License-Identifier: MIT
// expect: cloakroom: this type has no conversion to a session value
// expect: <cloakroom/serializer/cereal.hpp>
#include <cloakroom.hpp>
#include <set>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;

void use(Session& session)
{
    std::set<int> const numbers{1, 2};
#ifdef WELL_FORMED
    session["numbers"] = cr::Array(numbers.begin(), numbers.end());
#else
    session["numbers"] = numbers;
#endif
}
