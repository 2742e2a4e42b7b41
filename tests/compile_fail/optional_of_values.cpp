// SPDX-License-Identifier: MIT
// expect: cloakroom: an optional of an optional or of a Value cannot be read
#include <cloakroom.hpp>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;

cr::Value use(Session& session)
{
#ifdef WELL_FORMED
    return session["item"].as<cr::Value>();
#else
    return session["item"].as<std::optional<cr::Value>>().value();
#endif
}
