// SPDX-License-Identifier: MIT
// expect: UserStorePolicy
// expect: User
#include <cloakroom.hpp>

#include <optional>
#include <string_view>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Hmac>;

struct Users {
#ifdef WELL_FORMED
    using User = cr::auth::User;
#endif
    std::optional<cr::auth::User> find(std::string_view id);
    std::optional<cr::auth::User> find_by_name(std::string_view name);
    bool set_password(std::string_view id, std::string_view expected, std::string_view field);
};

static_assert(sizeof(cr::auth::Backend<Session, Users>) != 0);
