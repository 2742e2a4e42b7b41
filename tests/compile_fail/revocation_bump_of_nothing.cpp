// SPDX-License-Identifier: MIT
// expect: RevocationPolicy
// expect: revocation.bump(user, now)
#include <cloakroom.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Hmac>;

struct Epochs {
    std::int64_t epoch(std::string_view user);
#ifdef WELL_FORMED
    std::int64_t bump(std::string_view user, cr::TimePoint now);
#else
    void bump(std::string_view user, cr::TimePoint now);
#endif
    std::optional<std::int64_t> bump_if(std::string_view user, std::int64_t epoch, cr::TimePoint now);
    void bump_all(cr::TimePoint now);
};

static_assert(sizeof(cr::auth::Backend<Session, cr::auth::MemoryUsers, Epochs>) != 0);
