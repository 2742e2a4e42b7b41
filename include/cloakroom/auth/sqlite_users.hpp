// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_SQLITE_USERS_HPP
#define CLOAKROOM_AUTH_SQLITE_USERS_HPP

#include <cloakroom/auth/sqlite_database.hpp>
#include <cloakroom/auth/user_store.hpp>
#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/date_time.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/wtf8.hpp>
#include <cloakroom/storage/sqlite_options.hpp>

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace cloakroom::inline v0::auth {

/// Django's table `auth_user` in an SQLite file, for the processes of one host: the users of a Django site,
/// or of a site that Django may join. Django's own ids are the ids here; a text that is none, such as "abc",
/// is nobody's, where Django raises (S-654). Users with a model of their own (AUTH_USER_MODEL) need a store
/// of their own.
///
/// All operations throw StorageError when the database is broken, missing its table, read-only, full or
/// locked for longer than busy_timeout, or a row is not as Django writes it.
class SqliteUsers {
public:
    using User = auth::User;

    /// Opens the file, or makes it if its folder is there, and closes it again. Throws StorageError when it
    /// cannot be opened or is no database, ImproperlyConfigured for a database in memory.
    explicit SqliteUsers(std::string const& path, storage::SqliteOptions options = {})
        : database_{path, options}
    {
    }

    /// Makes Django's table where it is missing. Only for a database that no Django migrates; should one
    /// come later, run its "manage.py migrate --fake-initial".
    void migrate();

    /// Adds a user under an id that the table gives, whatever `user.id` says; nothing when the name is taken.
    /// Throws ValueError for a text that is not UTF-8 or contains NUL.
    std::optional<User> create(User const& user);

    std::optional<User> find(std::string_view id)
    {
        auto const key = key_of(id);
        return key ? find_where(by_id, *key) : std::nullopt;
    }
    std::optional<User> find_by_name(std::string_view name) { return find_where(by_name, name); }

    bool set_password(std::string_view id, std::string_view expected, std::string_view field)
    {
        return write_to(id, "UPDATE auth_user SET password = ?2 WHERE id = ?1 AND password = ?3", field,
                        expected);
    }
    void set_last_login(std::string_view id, TimePoint now)
    {
        SqlTime const moment{now};
        write_to(id, "UPDATE auth_user SET last_login = ?2 WHERE id = ?1", moment.text());
    }
    /// Whether there is such a user.
    bool set_active(std::string_view id, bool is_active)
    {
        return write_to(id, "UPDATE auth_user SET is_active = ?2 WHERE id = ?1", std::int64_t{is_active});
    }

private:
    using Client = detail::SqliteStatements;

    static constexpr std::string_view by_id =
        "SELECT id, username, password, is_active, email, first_name, last_name, is_staff, is_superuser, "
        "date_joined, last_login FROM auth_user WHERE id = ?1";
    static constexpr std::string_view by_name =
        "SELECT id, username, password, is_active, email, first_name, last_name, is_staff, is_superuser, "
        "date_joined, last_login FROM auth_user WHERE username = ?1";

    /// The primary key that the text is, written as the table's would be.
    static std::optional<std::int64_t> key_of(std::string_view id)
    {
        std::int64_t key = 0;
        auto const end = id.data() + id.size();
        auto const [rest, error] = std::from_chars(id.data(), end, key);
        if (error != std::errc{} || rest != end || std::to_string(key) != id)
            return std::nullopt;
        return key;
    }

    template <class Key>
    std::optional<User> find_where(std::string_view sql, Key const& key)
    {
        return database_.use([&](Client& client) {
            auto row = client.run(sql, key);
            return read(client, row);
        });
    }
    template <class... Parameters>
    bool write_to(std::string_view id, std::string_view sql, Parameters const&... parameters)
    {
        auto const key = key_of(id);
        return key && database_.use([&](Client& client) { return client.write(sql, *key, parameters...); });
    }
    static std::optional<User> read(Client& client, Client::Row& row);

    detail::SqliteDatabase database_;
};

inline void SqliteUsers::migrate()
{
    database_.use([](Client& client) {
        client.connection().execute(
            "CREATE TABLE IF NOT EXISTS \"auth_user\" (\"id\" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "
            "\"password\" varchar(128) NOT NULL, \"last_login\" datetime NULL, \"is_superuser\" bool NOT "
            "NULL, \"username\" varchar(150) NOT NULL UNIQUE, \"last_name\" varchar(150) NOT NULL, \"email\" "
            "varchar(254) NOT NULL, \"is_staff\" bool NOT NULL, \"is_active\" bool NOT NULL, "
            "\"date_joined\" datetime NOT NULL, \"first_name\" varchar(150) NOT NULL)");
        client.prepared(by_id); // refuses a table of another shape
    });
}

inline std::optional<User> SqliteUsers::create(User const& user)
{
    for (std::string_view const text :
         {user.username, user.password, user.email, user.first_name, user.last_name})
        if (!is_wtf8(text) || text.find('\0') != std::string_view::npos)
            throw ValueError{"a user's texts are UTF-8 without NUL"};
    auto const is_new = database_.use([&](Client& client) {
        SqlTime const joined{user.date_joined};
        return client.write(
            "INSERT INTO auth_user (username, password, is_active, email, first_name, last_name, is_staff, "
            "is_superuser, date_joined) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) "
            "ON CONFLICT (username) DO NOTHING",
            user.username, user.password, std::int64_t{user.is_active}, user.email, user.first_name,
            user.last_name, std::int64_t{user.is_staff}, std::int64_t{user.is_superuser}, joined.text());
    });
    return is_new ? find_by_name(user.username) : std::nullopt;
}

inline std::optional<User> SqliteUsers::read(Client& client, Client::Row& row)
{
    if (!row.step())
        return std::nullopt;
    auto const text = [&](int column) {
        auto const found = row.text(column);
        if (!found)
            client.refuse_row("auth_user");
        return std::string{*found};
    };
    auto const number = [&](int column) {
        auto const found = row.integer(column);
        if (!found)
            client.refuse_row("auth_user");
        return *found;
    };
    auto const joined = SqlTime::parse(text(9));
    if (!joined)
        client.refuse_row("auth_user");
    auto const last_login = row.text(10);
    auto const logged_in = last_login ? SqlTime::parse(*last_login) : std::nullopt;
    if (last_login && !logged_in)
        client.refuse_row("auth_user");
    return User{.id = std::to_string(number(0)),
                .username = text(1),
                .password = text(2),
                .is_active = number(3) != 0,
                .email = text(4),
                .first_name = text(5),
                .last_name = text(6),
                .is_staff = number(7) != 0,
                .is_superuser = number(8) != 0,
                .date_joined = *joined,
                .last_login = logged_in};
}

static_assert(LastLoginPolicy<SqliteUsers>);

} // namespace cloakroom::inline v0::auth

#endif
