// SPDX-License-Identifier: MIT
// expect: ClientSidePolicy
// expect: storage.open(ticket)
#include <cloakroom.hpp>

namespace cr = cloakroom;

struct Storage {
    static constexpr std::string_view purpose = "a purpose";
    static constexpr cr::Content accepts = cr::Content::text;
    static constexpr std::size_t max_cookie_size = 4096;

    std::string seal(cr::Record) const;
#ifdef WELL_FORMED
    std::optional<cr::Record> open(std::string_view) const;
#endif
};

static_assert(sizeof(cr::Session<Storage, cr::serializer::Json, cr::signer::Hmac>) != 0);
