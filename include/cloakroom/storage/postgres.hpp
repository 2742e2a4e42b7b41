// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_POSTGRES_HPP
#define CLOAKROOM_STORAGE_POSTGRES_HPP

#include <cloakroom/adapters/postgres.hpp>
#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/storage/concept.hpp>
#include <cloakroom/storage/postgres_client.hpp>
#include <cloakroom/storage/postgres_options.hpp>

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

/// Django's table `django_session` in a PostgreSQL database, row for row as Django's own database sessions
/// are, for the processes of many hosts. Deadlines are instants, exact to the microsecond (S-525).
///
/// The version of a record is its text, which the UPDATE compares. Each operation is one statement that
/// commits by itself, prepared once per connection; a commit, touch or rotate that changed nothing asks with
/// a second one why. Connections are pooled, one for each thread that is inside a call at the same time, and
/// opened as they are needed. One that the server has ended while it was idle is replaced without anybody
/// noticing; a statement that was sent is never sent again. A child of fork() uses no connection that it
/// inherits: a Postgres works on in both processes. A pooler in between has to give each connection a session
/// of its own.
///
/// All operations throw StorageError when the server is unreachable, refuses, hangs for longer than the
/// options say, misses the table or has no room, and when they meet a row of a shape that Django does not
/// write; that row is left alone. When a connection is lost or times out under way, the write may or may not
/// have been done. The next call connects anew. A moved-from Postgres may only be destroyed or assigned to.
class Postgres {
public:
    static constexpr std::string_view display_name = "Postgres";
    static constexpr std::string_view purpose = session_store_purpose;
    static constexpr Content accepts = Content::text;

    /// Keeps the address, a connection string or URL of libpq:
    /// "postgresql://user:password@host:5432/database" or "host=... dbname=... user=... password='...'
    /// sslmode=verify-full". What it leaves out comes from libpq's environment variables and files. Connects
    /// to nothing yet. Throws ImproperlyConfigured when libpq does not understand it.
    explicit Postgres(std::string address, PostgresOptions options = {});

    /// Makes Django's table and indexes where they are missing (S-521). Only for a database that no Django
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

    /// Calls visit(key, stored) for every live record, which it reads in pages. Nothing is locked meanwhile:
    /// `visit` may use this storage, and sees each record as it was shortly before. Rows whose key is too
    /// short for a cookie are left out (S-003).
    template <class Visit>
    void for_each(TimePoint now, Visit&& visit);

private:
    using Client = detail::PostgresClient;
    using Number = adapters::postgres::BinaryNumber;

    /// Some rows in the order of their keys, all read at one moment.
    struct Page {
        std::vector<std::pair<SessionKey, Stored>> live;
        std::string last_key;
        bool is_followed = true;
    };

    /// What a row's columns `first` (session_data) and `first + 1` (expire_date) hold.
    static Stored record(Client& client, Client::Result const& rows, int row, int first);

    /// The answer of an UPDATE that named the version seen. When it met no row, the row tells why.
    static WriteResult answer(Client& client, Client::Result const& updated, SessionKey const& key,
                              TimePoint now);

    static Page read_page(Client& client, std::string_view after, TimePoint now);

    std::unique_ptr<detail::PostgresClients> clients_;
};

inline Postgres::Postgres(std::string address, PostgresOptions options)
{
    if (options.connect_timeout <= Duration::zero() || options.call_timeout <= Duration::zero())
        throw ImproperlyConfigured{"Postgres: connect_timeout and call_timeout must be positive."};
    adapters::postgres::check_connection_string(address);
    clients_ = std::make_unique<detail::PostgresClients>(std::move(address), options);
}

inline void Postgres::migrate()
{
    clients_->use([](Client& client) { client.migrate(); });
}

inline std::optional<Stored> Postgres::load(SessionKey const& key, TimePoint now)
{
    return clients_->use([&](Client& client) -> std::optional<Stored> {
        auto const rows = client.run(Client::load, key.reveal());
        if (rows.rows() == 0)
            return std::nullopt;
        std::optional<Stored> stored{record(client, rows, 0, 0)};
        if (stored->expires <= now)
            stored.reset();
        return stored;
    });
}

inline bool Postgres::create(SessionKey const& key, Record const& record, TimePoint)
{
    return clients_->use([&](Client& client) {
        return client.run(Client::create, key.reveal(), record.payload, Number{record.expires}).changes() !=
               0;
    });
}

inline WriteResult Postgres::commit(SessionKey const& key, Stored const& seen, Record const& record,
                                    TimePoint now)
{
    return clients_->use([&](Client& client) {
        auto const updated = client.run(Client::commit, key.reveal(), seen.payload, Number{now},
                                        record.payload, Number{record.expires});
        return answer(client, updated, key, now);
    });
}

inline WriteResult Postgres::touch(SessionKey const& key, Stored const& seen, TimePoint expires,
                                   TimePoint now)
{
    return clients_->use([&](Client& client) {
        auto const updated = client.run(Client::touch, key.reveal(), seen.payload, Number{now},
                                        Number{seen.expires}, Number{expires});
        return answer(client, updated, key, now);
    });
}

inline WriteResult Postgres::rotate(SessionKey const& key, Stored const& seen, SessionKey const& fresh,
                                    Record const& record, TimePoint now)
{
    return clients_->use([&](Client& client) {
        auto const updated =
            client.run_unless_duplicate(Client::rotate, key.reveal(), seen.payload, Number{now},
                                        record.payload, Number{record.expires}, fresh.reveal());
        return updated ? answer(client, updated, key, now) : WriteResult::taken;
    });
}

inline bool Postgres::erase(SessionKey const& key)
{
    return clients_->use(
        [&](Client& client) { return client.run(Client::erase, key.reveal()).changes() != 0; });
}

inline std::size_t Postgres::clear_expired(TimePoint now, std::size_t budget)
{
    return clients_->use([&](Client& client) {
        auto const limit = std::min<std::size_t>(budget, std::numeric_limits<std::int64_t>::max());
        return client.run(Client::clear_expired, Number{now}, Number{static_cast<std::int64_t>(limit)})
            .changes();
    });
}

template <class Visit>
void Postgres::for_each(TimePoint now, Visit&& visit)
{
    Page page;
    while (page.is_followed) {
        page = clients_->use([&](Client& client) { return read_page(client, page.last_key, now); });
        for (auto const& [key, stored] : page.live)
            visit(key, stored);
    }
}

inline Stored Postgres::record(Client& client, Client::Result const& rows, int row, int first)
{
    auto const payload = rows.text(row, first);
    auto const expires = rows.moment(row, first + 1);
    if (!payload || !expires)
        client.fail_shape();
    return {std::string{*payload}, *expires, 0};
}

inline WriteResult Postgres::answer(Client& client, Client::Result const& updated, SessionKey const& key,
                                    TimePoint now)
{
    if (updated.changes() != 0)
        return WriteResult::committed;
    auto const rows = client.run(Client::deadline, key.reveal());
    if (rows.rows() == 0)
        return WriteResult::absent;
    auto const expires = rows.moment(0, 0);
    if (!expires)
        client.fail_shape();
    return *expires > now ? WriteResult::conflict : WriteResult::absent;
}

inline Postgres::Page Postgres::read_page(Client& client, std::string_view after, TimePoint now)
{
    constexpr int size = 256;
    auto const rows = client.run(Client::page, after, Number{now}, Number{std::int64_t{size}});
    Page page;
    for (int row = 0; row < rows.rows(); ++row) {
        auto stored = record(client, rows, row, 1);
        page.last_key = rows.text(row, 0).value_or("");
        if (auto key = SessionKey::parse(page.last_key))
            page.live.emplace_back(std::move(*key), std::move(stored));
    }
    page.is_followed = rows.rows() == size;
    return page;
}

static_assert(EnumerablePolicy<Postgres>);

} // namespace cloakroom::inline v0::storage

#endif
