// SPDX-License-Identifier: MIT
#ifndef EXAMPLES_CUSTOM_POLICIES_PASSWORD_FILE_HPP
#define EXAMPLES_CUSTOM_POLICIES_PASSWORD_FILE_HPP

#include "text_table.hpp"

#include <cloakroom.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace custom_policies {

namespace cr = cloakroom;

/// The users of a small site in a text file that can be read, copied and edited by hand:
///
///     ann<TAB>on<TAB>pbkdf2_sha256$870000$...
///
/// The name is the id too, so nobody is ever renamed. Safe for all threads and processes of a machine, as
/// each change is made under a lock.
class PasswordFile {
public:
    struct User {
        std::string id;
        std::string password;
        bool is_active = true;
    };

    explicit PasswordFile(std::string path) : table_{std::move(path)} {}

    /// Adds a user with an encoded password: false when the name is taken. Throws ValueError for a name that
    /// is empty or has a tab or the end of a line in it.
    bool create(std::string_view name, std::string_view field, bool is_active = true)
    {
        return table_.change([&](TextTable::Rows& rows) {
            return rows.try_emplace(std::string{name}, value_of({"", std::string{field}, is_active})).second;
        });
    }

    std::optional<User> find(std::string_view id)
    {
        auto const rows = table_.read();
        auto const row = rows.find(id);
        return row == rows.end() ? std::nullopt : std::optional{user_of(*row)};
    }

    std::optional<User> find_by_name(std::string_view name) { return find(name); }

    bool set_password(std::string_view id, std::string_view expected, std::string_view field)
    {
        return change(id, [&](User& user) {
            if (user.password != expected)
                return false;
            user.password = field;
            return true;
        });
    }

    /// Whether there is such a user.
    bool set_active(std::string_view id, bool is_active)
    {
        return change(id, [&](User& user) {
            user.is_active = is_active;
            return true;
        });
    }

private:
    template <class Change>
    bool change(std::string_view id, Change const& change)
    {
        return table_.change([&](TextTable::Rows& rows) {
            auto const row = rows.find(id);
            if (row == rows.end())
                return false;
            auto user = user_of(*row);
            if (!change(user))
                return false;
            row->second = value_of(user);
            return true;
        });
    }

    static std::string value_of(User const& user)
    {
        return (user.is_active ? "on\t" : "off\t") + user.password;
    }
    static User user_of(TextTable::Rows::value_type const& row)
    {
        auto const& [id, value] = row;
        auto const tab = value.find('\t');
        auto const state = value.substr(0, tab);
        if (tab == std::string::npos || (state != "on" && state != "off"))
            throw cr::StorageError{"a file of passwords has a line without \"on\" or \"off\""};
        return {id, value.substr(tab + 1), state == "on"};
    }

    TextTable table_;
};

static_assert(cr::auth::UserStorePolicy<PasswordFile>);

} // namespace custom_policies

#endif
