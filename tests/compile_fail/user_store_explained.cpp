// SPDX-License-Identifier: MIT
// expect: cloakroom: a user store needs std::string User::id, the primary key as a text that is not empty
// expect: cloakroom: a user store needs std::optional<User> find(std::string_view id)
// expect: cloakroom: a user store needs bool set_password(std::string_view id, std::string_view expected,
// std::string_view
#include <cloakroom.hpp>
#include <cloakroom/testing/explain.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cr = cloakroom;

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

#ifdef WELL_FORMED
    std::optional<User> find(std::string_view id);
    bool set_password(std::string_view id, std::string_view expected, std::string_view field);
#else
    User const* find(std::string_view id);
    bool set_password(std::string_view id, std::string_view field);
#endif
    std::optional<User> find_by_name(std::string_view name);
};

static_assert(cr::testing::fits<Users>);
