// SPDX-License-Identifier: MIT
// expect: UserStorePolicy
// expect: set_password
#include <cloakroom.hpp>

#include <optional>
#include <string_view>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Hmac>;

struct Users {
    using User = cr::auth::User;
    std::optional<User> find(std::string_view id);
    std::optional<User> find_by_name(std::string_view name);
#ifdef WELL_FORMED
    bool set_password(std::string_view id, std::string_view expected, std::string_view field);
#else
    bool set_password(std::string_view id, std::string_view field);
#endif
};

static_assert(sizeof(cr::auth::Backend<Session, Users>) != 0);
