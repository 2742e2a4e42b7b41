// SPDX-License-Identifier: MIT
// expect: cloakroom: a user store that notes log-ins needs void set_last_login(std::string_view id, TimePoint
// now)
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

    std::optional<User> find(std::string_view id);
    std::optional<User> find_by_name(std::string_view name);
    bool set_password(std::string_view id, std::string_view expected, std::string_view field);
#ifdef WELL_FORMED
    void set_last_login(std::string_view id, cr::TimePoint now);
#else
    void set_last_login(std::string_view id);
#endif
};

static_assert(sizeof(cr::auth::Backend<Session, Users>) != 0);
