// SPDX-License-Identifier: MIT
// expect: StoragePolicy
// expect: S::purpose
#include <cloakroom.hpp>

namespace cr = cloakroom;

struct Storage : cr::storage::Memory {
#ifdef WELL_FORMED
    static constexpr std::string_view purpose = "mine";
#else
    std::string_view purpose = "mine";
#endif
};

static_assert(sizeof(cr::Session<Storage, cr::serializer::Json, cr::signer::Unsigned>) != 0);
