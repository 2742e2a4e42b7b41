// SPDX-License-Identifier: MIT
#ifndef TESTS_INTEROP_CLOAKROOM_SIDE_POSTGRES_USERS_HPP
#define TESTS_INTEROP_CLOAKROOM_SIDE_POSTGRES_USERS_HPP

#include <cloakroom/adapters/postgres.hpp>
#include <cloakroom/auth/user_store.hpp>

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace interop {

namespace cr = cloakroom;

/// Django's table auth_user on PostgreSQL, as far as a log-in needs it: a site's own UserStorePolicy.
class PostgresUsers {
public:
    using User = cr::auth::User;

    explicit PostgresUsers(std::string const& address)
        : connection_{address, {std::chrono::seconds{10}, std::chrono::seconds{20}}}
    {
        connection_.prepare("by_id",
                            "SELECT id::text, username, password, is_active::text FROM auth_user WHERE "
                            "id::text = $1",
                            {Type::text});
        connection_.prepare("by_name",
                            "SELECT id::text, username, password, is_active::text FROM auth_user WHERE "
                            "username = $1",
                            {Type::text});
        connection_.prepare("set_password",
                            "UPDATE auth_user SET password = $3 WHERE id::text = $1 AND password = $2",
                            {Type::text, Type::text, Type::text});
    }

    std::optional<User> find(std::string_view id) { return find_where("by_id", id); }
    std::optional<User> find_by_name(std::string_view name) { return find_where("by_name", name); }
    bool set_password(std::string_view id, std::string_view expected, std::string_view field)
    {
        std::lock_guard const lock{mutex_};
        connection_.begin();
        return connection_.run("set_password", id, expected, field).changes() == 1;
    }

private:
    using Type = cr::adapters::postgres::Type;

    std::optional<User> find_where(char const* statement, std::string_view value)
    {
        std::lock_guard const lock{mutex_};
        connection_.begin();
        auto const found = connection_.run(statement, value);
        if (found.rows() == 0)
            return std::nullopt;
        auto const text = [&](int column) { return std::string{found.text(0, column).value()}; };
        return User{.id = text(0), .username = text(1), .password = text(2), .is_active = text(3) == "true"};
    }

    std::mutex mutex_;
    cr::adapters::postgres::Connection connection_;
};
static_assert(cr::auth::UserStorePolicy<PostgresUsers>);

} // namespace interop

#endif
