// SPDX-License-Identifier: MIT
// expect: SerializerPolicy
// expect: load
#include <cloakroom.hpp>

namespace cr = cloakroom;

struct Serializer {
    static constexpr cr::Content output = cr::Content::text;

    std::string dump(cr::Dict const&) const;
#ifdef WELL_FORMED
    cr::Result<cr::Dict, cr::DecodeError> load(std::string_view) const;
#else
    std::string load(std::string_view) const;
#endif
};

static_assert(sizeof(cr::Session<cr::storage::Memory, Serializer, cr::signer::Unsigned>) != 0);
