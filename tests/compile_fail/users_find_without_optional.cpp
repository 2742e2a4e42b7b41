// SPDX-License-Identifier: MIT
// expect: UserStorePolicy
// expect: users.find(id)
#include <cloakroom.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Hmac>;

struct Users {
    struct User {
        std::string id;
        std::string password;
        bool is_active;
    };

#ifdef WELL_FORMED
    std::optional<User> find(std::string_view id);
#else
    User const* find(std::string_view id);
#endif
    std::optional<User> find_by_name(std::string_view name);
    bool set_password(std::string_view id, std::string_view expected, std::string_view field);
};

static_assert(sizeof(cr::auth::Backend<Session, Users>) != 0);
