// SPDX-License-Identifier: MIT
// expect: BoundSigner
// expect: bound.unsign(text, now, max_age)
#include <cloakroom.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace cr = cloakroom;

struct Signer {
    static constexpr cr::Content output = cr::Content::text;

    struct Bound {
        std::string sign(std::string_view, cr::TimePoint) const;
#ifdef WELL_FORMED
        cr::Result<std::string, cr::Rejection> unsign(std::string_view, cr::TimePoint,
                                                      std::optional<cr::Duration>) const;
#endif
    };

    Bound bind(std::string_view) const;
};

static_assert(sizeof(cr::Session<cr::storage::Memory, cr::serializer::Json, Signer>) != 0);
