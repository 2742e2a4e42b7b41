// SPDX-License-Identifier: MIT
// expect: signer
#include <cloakroom.hpp>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Hmac>;

bool use(cr::Secret const& key)
{
#ifdef WELL_FORMED
    Session::Backend backend{cr::storage::Memory{}, {}, cr::signer::Hmac{key}};
#else
    Session::Backend backend{cr::storage::Memory{}};
#endif
    return Session{backend}.contains("visit");
}
