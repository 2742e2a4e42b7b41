// SPDX-License-Identifier: MIT
// expect: ClientSidePolicy
// expect: S::max_cookie_size
#include <cloakroom.hpp>

namespace cr = cloakroom;

struct Storage {
    static constexpr std::string_view purpose = "a purpose";
    static constexpr cr::Content accepts = cr::Content::text;
#ifdef WELL_FORMED
    static constexpr std::size_t max_cookie_size = 4096;
#endif

    std::string seal(cr::Record) const;
    std::optional<cr::Record> open(std::string_view) const;
};

static_assert(sizeof(cr::Session<Storage, cr::serializer::Json, cr::signer::Hmac>) != 0);
