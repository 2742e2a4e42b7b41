// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_SQLITE_HPP
#define CLOAKROOM_STORAGE_SQLITE_HPP

#include <cloakroom/adapters/sqlite.hpp>
#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/date_time.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/storage/concept.hpp>
#include <cloakroom/storage/sqlite_client.hpp>
#include <cloakroom/storage/sqlite_options.hpp>
#include <cloakroom/storage/sqlite_pool.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::storage {

/// Django's table `django_session` in an SQLite file, row for row as Django's own database sessions are, for
/// the processes of one host. Deadlines are in UTC: Django's USE_TZ has to be on, its default since 5.0
/// (S-523).
///
/// The version of a record is its text, which the UPDATE compares. Each operation is one statement that
/// commits by itself. Connections are pooled and opened as they are needed. Before a fork() the idle ones are
/// closed, and a child uses none that it inherits: a Sqlite works on in both processes. While forking, no
/// other thread may be inside a call.
///
/// All operations throw StorageError when the database is broken, missing its table, read-only, full or
/// locked for longer than busy_timeout, and when they meet a row of a shape that Django does not write; that
/// row is left alone. A moved-from Sqlite may only be destroyed or assigned to.
class Sqlite {
public:
    static constexpr std::string_view display_name = "Sqlite";
    static constexpr std::string_view purpose = session_store_purpose;
    static constexpr Content accepts = Content::text;

    /// Opens the file, or makes it if its folder is there, and closes it again. Its table is not looked for
    /// yet. A path that starts with `file:` is a URI. Throws StorageError when it cannot be opened or is no
    /// database, ImproperlyConfigured for a database in memory.
    explicit Sqlite(std::string path, SqliteOptions options = {});

    /// Makes Django's table and index where they are missing (S-520). Only for a database that no Django
    /// migrates (S-526); should one come later, run its "manage.py migrate --fake-initial".
    void migrate();

    std::optional<Stored> load(SessionKey const& key, TimePoint now);
    bool create(SessionKey const& key, Record const& record, TimePoint now);

    /// A touch in between is no conflict: the version is the text.
    WriteResult commit(SessionKey const& key, Stored const& seen, Record const& record, TimePoint now);
    WriteResult touch(SessionKey const& key, Stored const& seen, TimePoint expires, TimePoint now);
    WriteResult rotate(SessionKey const& key, Stored const& seen, SessionKey const& fresh,
                       Record const& record, TimePoint now);
    bool erase(SessionKey const& key);
    std::size_t clear_expired(TimePoint now, std::size_t budget);

    /// Calls visit(key, stored) for every live record. Nothing is locked meanwhile: `visit` may use this
    /// storage, and sees each record as it was shortly before. Rows whose key is too short for a cookie are
    /// left out (S-003).
    template <class Visit>
    void for_each(TimePoint now, Visit&& visit);

    /// The file, for people.
    std::string const& where() const noexcept { return path_; }

private:
    using Client = detail::SqliteClient;

    /// Some rows in the order of their keys, all read at one moment.
    struct Page {
        std::vector<std::pair<SessionKey, Stored>> live;
        std::string last_key;
        bool is_followed = true;
    };

    static std::optional<Stored> load_row(Client& client, SessionKey const& key, TimePoint now);

    /// The record that a row's columns `first` (session_data) and `first + 1` (expire_date) hold, if it is
    /// live.
    static std::optional<Stored> live_record(Client& client, Client::Statement::Run const& row, int first,
                                             TimePoint now);

    /// The answer of an UPDATE that named the version seen. When it met no row, the row tells why.
    static WriteResult answer(Client& client, SessionKey const& key, TimePoint now)
    {
        if (client.connection().changes() != 0)
            return WriteResult::committed;
        return load_row(client, key, now) ? WriteResult::conflict : WriteResult::absent;
    }

    static Page read_page(Client& client, std::string_view after, TimePoint now);

    std::string path_;
    std::unique_ptr<detail::SqlitePool<Client>> clients_;
};

inline Sqlite::Sqlite(std::string path, SqliteOptions options)
{
    path = detail::lasting_sqlite_path<Client>(path, options);
    path_ = adapters::sqlite::path_for_people(path);
    clients_ = std::make_unique<detail::SqlitePool<Client>>(std::move(path), options);
}

inline void Sqlite::migrate()
{
    clients_->use([](Client& client) { client.migrate(); });
}

inline std::optional<Stored> Sqlite::load(SessionKey const& key, TimePoint now)
{
    return clients_->use([&](Client& client) { return load_row(client, key, now); });
}

inline bool Sqlite::create(SessionKey const& key, Record const& record, TimePoint)
{
    return clients_->use([&](Client& client) {
        SqlTime const expires{record.expires};
        client.prepared(Client::create).run(key.reveal(), record.payload, expires.text()).step();
        return client.connection().changes() != 0;
    });
}

inline WriteResult Sqlite::commit(SessionKey const& key, Stored const& seen, Record const& record,
                                  TimePoint now)
{
    return clients_->use([&](Client& client) {
        SqlTime const after{now};
        SqlTime const expires{record.expires};
        client.prepared(Client::commit)
            .run(key.reveal(), seen.payload, after.text(), record.payload, expires.text())
            .step();
        return answer(client, key, now);
    });
}

inline WriteResult Sqlite::touch(SessionKey const& key, Stored const& seen, TimePoint expires, TimePoint now)
{
    return clients_->use([&](Client& client) {
        SqlTime const after{now};
        SqlTime const old_expires{seen.expires};
        SqlTime const new_expires{expires};
        client.prepared(Client::touch)
            .run(key.reveal(), seen.payload, after.text(), old_expires.text(), new_expires.text())
            .step();
        return answer(client, key, now);
    });
}

inline WriteResult Sqlite::rotate(SessionKey const& key, Stored const& seen, SessionKey const& fresh,
                                  Record const& record, TimePoint now)
{
    return clients_->use([&](Client& client) {
        SqlTime const after{now};
        SqlTime const expires{record.expires};
        auto const unique =
            client.prepared(Client::rotate)
                .run(key.reveal(), seen.payload, after.text(), record.payload, expires.text(), fresh.reveal())
                .finish_unless_duplicate();
        return unique ? answer(client, key, now) : WriteResult::taken;
    });
}

inline bool Sqlite::erase(SessionKey const& key)
{
    return clients_->use([&](Client& client) {
        client.prepared(Client::erase).run(key.reveal()).step();
        return client.connection().changes() != 0;
    });
}

inline std::size_t Sqlite::clear_expired(TimePoint now, std::size_t budget)
{
    return clients_->use([&](Client& client) {
        SqlTime const before{now};
        auto const limit = std::min<std::size_t>(budget, std::numeric_limits<std::int64_t>::max());
        client.prepared(Client::clear_expired).run(before.text(), static_cast<std::int64_t>(limit)).step();
        return client.connection().changes();
    });
}

template <class Visit>
void Sqlite::for_each(TimePoint now, Visit&& visit)
{
    Page page;
    while (page.is_followed) {
        page = clients_->use([&](Client& client) { return read_page(client, page.last_key, now); });
        for (auto const& [key, stored] : page.live)
            visit(key, stored);
    }
}

inline std::optional<Stored> Sqlite::load_row(Client& client, SessionKey const& key, TimePoint now)
{
    auto row = client.prepared(Client::load).run(key.reveal());
    if (!row.step())
        return std::nullopt;
    return live_record(client, row, 0, now);
}

inline std::optional<Stored> Sqlite::live_record(Client& client, Client::Statement::Run const& row, int first,
                                                 TimePoint now)
{
    auto const payload = row.text(first);
    auto const deadline = row.text(first + 1);
    auto const expires = deadline ? SqlTime::parse(*deadline) : std::nullopt;
    if (!payload || !expires)
        throw StorageError{
            "SQLite database \"" + client.connection().path() +
            "\": a row of django_session is not as Django writes it, which is a text and a deadline like "
            "2026-05-28 20:26:40.123456. It is left alone. Look for it with: SELECT rowid FROM "
            "django_session WHERE "
            "typeof(session_data) <> 'text' OR expire_date NOT LIKE '____-__-__ __:__:__%'"};
    if (*expires <= now)
        return std::nullopt;
    return std::optional<Stored>{{std::string{*payload}, *expires, 0}};
}

inline Sqlite::Page Sqlite::read_page(Client& client, std::string_view after, TimePoint now)
{
    constexpr std::int64_t size = 256;
    Page page;
    std::int64_t count = 0;
    auto row = client.prepared(Client::page).run(after, size);
    for (; row.step(); ++count) {
        page.last_key = row.text(0).value();
        auto key = SessionKey::parse(page.last_key);
        auto record = live_record(client, row, 1, now);
        if (key && record)
            page.live.emplace_back(std::move(*key), std::move(*record));
    }
    page.is_followed = count == size;
    return page;
}

static_assert(EnumerablePolicy<Sqlite>);

} // namespace cloakroom::inline v0::storage

#endif
