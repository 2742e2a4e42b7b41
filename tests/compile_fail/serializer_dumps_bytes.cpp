// SPDX-License-Identifier: MIT
// expect: SerializerPolicy
// expect: serializer.dump(dict)
#include <cloakroom.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace cr = cloakroom;

struct Serializer {
    static constexpr cr::Content output = cr::Content::bytes;

#ifdef WELL_FORMED
    std::string dump(cr::Dict const&) const;
#else
    std::vector<char> dump(cr::Dict const&) const;
#endif
    cr::Result<cr::Dict, cr::DecodeError> load(std::string_view) const;
};

static_assert(sizeof(cr::Session<cr::storage::Memory, Serializer, cr::signer::Unsigned>) != 0);
