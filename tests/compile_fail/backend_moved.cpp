// SPDX-License-Identifier: MIT
// expect: deleted
#include <cloakroom.hpp>

#include <memory>
#include <utility>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;

#ifdef WELL_FORMED
using Shared = std::unique_ptr<Session::Backend>;
#else
using Shared = Session::Backend;
#endif

Shared hand_over(Shared& backend)
{
    return std::move(backend);
}
