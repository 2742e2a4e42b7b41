// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_SQLITE_REVOCATION_HPP
#define CLOAKROOM_AUTH_SQLITE_REVOCATION_HPP

#include <cloakroom/auth/revocation.hpp>
#include <cloakroom/auth/sqlite_database.hpp>
#include <cloakroom/core/clock.hpp>
#include <cloakroom/storage/sqlite_options.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cloakroom::inline v0::auth {

/// Epochs and devices in two tables of an SQLite file, `cloakroom_epoch` and `cloakroom_device`, for the
/// processes of one host. Django does not know them. A user has a row with an epoch only if sessions were
/// ended, and the row of the user "" is for all users.
///
/// All operations throw StorageError when the database is broken, missing its tables, read-only, full or
/// locked for longer than busy_timeout.
class SqliteRevocation {
public:
    /// Opens the file, or makes it if its folder is there, and closes it again. Throws StorageError when it
    /// cannot be opened or is no database, ImproperlyConfigured for a database in memory.
    explicit SqliteRevocation(std::string const& path, storage::SqliteOptions options = {})
        : database_{path, options}
    {
    }

    /// Makes the tables where they are missing.
    void migrate();

    std::int64_t epoch(std::string_view user)
    {
        return database_.use([&](Client& client) { return epoch(client, user); });
    }
    std::int64_t bump(std::string_view user, TimePoint now);
    std::optional<std::int64_t> bump_if(std::string_view user, std::int64_t expected, TimePoint now);
    void bump_all(TimePoint now);

    bool add(std::string_view user, Device const& device, DeviceLimit limit, TimePoint now);
    std::optional<Device> find(std::string_view user, std::string_view handle, TimePoint now)
    {
        return database_.use([&](Client& client) { return find(client, user, handle, now); });
    }
    bool touch(std::string_view user, std::string_view handle, TimePoint seen, TimePoint expires);
    bool remove(std::string_view user, std::string_view handle)
    {
        return database_.use([&](Client& client) {
            return client.write("DELETE FROM cloakroom_device WHERE user_id = ?1 AND handle = ?2", user,
                                handle);
        });
    }
    std::vector<Device> list(std::string_view user, TimePoint now);
    bool keep_only(std::string_view user, std::string_view handle, std::string_view successor, TimePoint now);

    /// Forgets the devices that have expired, and returns how many (R43).
    std::size_t clear_expired(TimePoint now)
    {
        return database_.use([&](Client& client) {
            client.write("DELETE FROM cloakroom_device WHERE expires <= ?1", number(now));
            return client.connection().changes();
        });
    }

private:
    using Client = detail::SqliteStatements;

    static std::int64_t number(TimePoint moment) { return moment.time_since_epoch().count(); }

    template <class Operation>
    auto in_one_step(Operation operation)
    {
        return database_.use(
            [&](Client& client) { return client.in_one_step([&] { return operation(client); }); });
    }
    static std::int64_t epoch(Client& client, std::string_view user)
    {
        auto row = client.run("SELECT max(epoch) FROM cloakroom_epoch WHERE user_id IN (?1, '')", user);
        row.step();
        return row.integer(0).value_or(0);
    }
    static void set_epoch(Client& client, std::string_view user, std::int64_t epoch)
    {
        client.write("INSERT INTO cloakroom_epoch (user_id, epoch) VALUES (?1, ?2) "
                     "ON CONFLICT (user_id) DO UPDATE SET epoch = excluded.epoch",
                     user, epoch);
    }
    static std::int64_t bump(Client& client, std::string_view user, TimePoint now)
    {
        auto const fresh = next_epoch(epoch(client, user), now);
        set_epoch(client, user, fresh);
        client.write("DELETE FROM cloakroom_device WHERE user_id = ?1", user);
        return fresh;
    }
    static std::optional<Device> find(Client& client, std::string_view user, std::string_view handle,
                                      TimePoint now);
    static Device read(Client& client, Client::Row const& row);
    static void insert(Client& client, std::string_view user, Device const& device);

    detail::SqliteDatabase database_;
};

inline void SqliteRevocation::migrate()
{
    database_.use([](Client& client) {
        client.connection().execute(
            "CREATE TABLE IF NOT EXISTS cloakroom_epoch (user_id text NOT NULL PRIMARY KEY, epoch integer "
            "NOT NULL) WITHOUT ROWID;"
            "CREATE TABLE IF NOT EXISTS cloakroom_device (user_id text NOT NULL, handle text NOT NULL, "
            "created integer NOT NULL, seen integer NOT NULL, expires integer NOT NULL, user_agent text NOT "
            "NULL, PRIMARY KEY (user_id, handle)) WITHOUT ROWID;"
            "CREATE INDEX IF NOT EXISTS cloakroom_device_expires ON cloakroom_device (expires)");
    });
}

inline std::int64_t SqliteRevocation::bump(std::string_view user, TimePoint now)
{
    return in_one_step([&](Client& client) { return bump(client, user, now); });
}

inline std::optional<std::int64_t> SqliteRevocation::bump_if(std::string_view user, std::int64_t expected,
                                                             TimePoint now)
{
    return in_one_step([&](Client& client) {
        return epoch(client, user) == expected ? std::optional{bump(client, user, now)} : std::nullopt;
    });
}

inline void SqliteRevocation::bump_all(TimePoint now)
{
    in_one_step([&](Client& client) {
        std::int64_t latest = 0;
        {
            auto row = client.run("SELECT max(epoch) FROM cloakroom_epoch");
            row.step();
            latest = row.integer(0).value_or(0);
        }
        client.write("DELETE FROM cloakroom_epoch");
        client.write("DELETE FROM cloakroom_device");
        set_epoch(client, "", next_epoch(latest, now));
        return true;
    });
}

inline bool SqliteRevocation::add(std::string_view user, Device const& device, DeviceLimit limit,
                                  TimePoint now)
{
    return in_one_step([&](Client& client) {
        client.write("DELETE FROM cloakroom_device WHERE user_id = ?1 AND (expires <= ?2 OR handle = ?3)",
                     user, number(now), device.handle);
        if (limit.max_devices != 0) {
            constexpr std::size_t most = std::numeric_limits<std::int64_t>::max();
            auto const others = static_cast<std::int64_t>(std::min(limit.max_devices, most)) - 1;
            if (limit.at_limit == AtLimit::deny) {
                auto row = client.run("SELECT count(*) FROM cloakroom_device WHERE user_id = ?1", user);
                row.step();
                if (row.integer(0).value_or(0) > others)
                    return false;
            } else {
                client.write("DELETE FROM cloakroom_device WHERE user_id = ?1 AND handle IN "
                             "(SELECT handle FROM cloakroom_device WHERE user_id = ?1 "
                             "ORDER BY seen DESC, created DESC, handle DESC LIMIT -1 OFFSET ?2)",
                             user, others);
            }
        }
        insert(client, user, device);
        return true;
    });
}

inline bool SqliteRevocation::touch(std::string_view user, std::string_view handle, TimePoint seen,
                                    TimePoint expires)
{
    return database_.use([&](Client& client) {
        return client.write("UPDATE cloakroom_device SET seen = max(seen, ?3), expires = max(expires, ?4) "
                            "WHERE user_id = ?1 AND handle = ?2 AND expires > ?3",
                            user, handle, number(seen), number(expires));
    });
}

inline std::vector<Device> SqliteRevocation::list(std::string_view user, TimePoint now)
{
    return database_.use([&](Client& client) {
        std::vector<Device> devices;
        auto row = client.run("SELECT handle, created, seen, expires, user_agent FROM cloakroom_device "
                              "WHERE user_id = ?1 AND expires > ?2 "
                              "ORDER BY seen DESC, created DESC, handle DESC",
                              user, number(now));
        while (row.step())
            devices.push_back(read(client, row));
        return devices;
    });
}

inline bool SqliteRevocation::keep_only(std::string_view user, std::string_view handle,
                                        std::string_view successor, TimePoint now)
{
    return in_one_step([&](Client& client) {
        auto kept = find(client, user, handle, now);
        if (!kept)
            return false;
        bump(client, user, now);
        kept->handle = successor;
        insert(client, user, *kept);
        return true;
    });
}

inline std::optional<Device> SqliteRevocation::find(Client& client, std::string_view user,
                                                    std::string_view handle, TimePoint now)
{
    auto row = client.run("SELECT handle, created, seen, expires, user_agent FROM cloakroom_device "
                          "WHERE user_id = ?1 AND handle = ?2 AND expires > ?3",
                          user, handle, number(now));
    return row.step() ? std::optional{read(client, row)} : std::nullopt;
}

inline Device SqliteRevocation::read(Client& client, Client::Row const& row)
{
    auto const moment = [&](int column) {
        auto const found = row.integer(column);
        if (!found)
            client.refuse_row("cloakroom_device");
        return TimePoint{Duration{*found}};
    };
    auto const handle = row.text(0);
    auto const user_agent = row.text(4);
    if (!handle || !user_agent)
        client.refuse_row("cloakroom_device");
    return {.handle = std::string{*handle},
            .created = moment(1),
            .seen = moment(2),
            .expires = moment(3),
            .user_agent = std::string{*user_agent}};
}

inline void SqliteRevocation::insert(Client& client, std::string_view user, Device const& device)
{
    client.write("INSERT INTO cloakroom_device (user_id, handle, created, seen, expires, user_agent) "
                 "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                 user, device.handle, number(device.created), number(device.seen), number(device.expires),
                 device.user_agent);
}

static_assert(DeviceListPolicy<SqliteRevocation>);

} // namespace cloakroom::inline v0::auth

#endif
