// SPDX-License-Identifier: MIT
// expect: cloakroom: a serializer needs std::string dump(Dict const& dict) const
// expect: cloakroom: a serializer needs Result<Dict, DecodeError> load(std::string_view bytes) const
// expect: cloakroom: a serializer needs static constexpr Content output
#include <cloakroom.hpp>
#include <cloakroom/testing/explain.hpp>

#include <string>
#include <string_view>

namespace cr = cloakroom;

#ifdef WELL_FORMED
struct Serializer {
    static constexpr cr::Content output = cr::Content::text;

    std::string dump(cr::Dict const&) const;
    cr::Result<cr::Dict, cr::DecodeError> load(std::string_view) const;
};
#else
struct Serializer {
    std::string dump(cr::Dict const&);
    cr::Dict load(std::string_view) const;
};
#endif

static_assert(cr::testing::fits<Serializer>);
