// SPDX-License-Identifier: MIT
// expect: UserStorePolicy
// expect: user.id
#include <cloakroom.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Hmac>;

struct Users {
    struct User {
#ifdef WELL_FORMED
        std::string id;
#else
        std::int64_t id;
#endif
        std::string password;
        bool is_active;
    };

    std::optional<User> find(std::string_view id);
    std::optional<User> find_by_name(std::string_view name);
    bool set_password(std::string_view id, std::string_view expected, std::string_view field);
};

static_assert(sizeof(cr::auth::Backend<Session, Users>) != 0);
