// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_REDIS_HPP
#define CLOAKROOM_STORAGE_REDIS_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/storage/concept.hpp>
#include <cloakroom/storage/redis_client.hpp>
#include <cloakroom/storage/redis_cluster.hpp>
#include <cloakroom/storage/redis_commands.hpp>
#include <cloakroom/storage/redis_moment.hpp>
#include <cloakroom/storage/redis_options.hpp>
#include <cloakroom/storage/redis_records.hpp>
#include <cloakroom/storage/redis_rotation.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cloakroom::inline v0::storage {

/// Sessions on a Redis or Valkey server, under the keys of Django's cache sessions (S-140); in
/// RedisFormat::bare they are the records of a Django whose cache serializes as JSON. Needs Redis 5 or newer.
///
/// The version of a record is its payload. A load is one round trip, each write too: a script that compares
/// and changes in one step on the server. The server removes what has expired, by its own clock; until then
/// the time that the caller gives decides. What it acknowledged it keeps as long as its own persistence
/// (appendonly, appendfsync) and maxmemory-policy say.
///
/// A Redis Cluster is used with RedisOptions::cluster, each key on the server that has it. Slots that move
/// and replicas that take over are followed, without an error where that takes less than command_timeout;
/// keys whose server is down are a StorageError, the others go on. A rotation takes three round trips there.
/// A replica that takes over may lack what its master acknowledged last.
///
/// Connections are pooled and opened as they are needed, the first one by the first operation. One that the
/// server has closed is replaced before it is used. A load that loses its connection is done once more; a
/// write never is: its StorageError says that nobody knows whether it was done. A child of fork() uses no
/// connection that it inherits.
///
/// All operations throw StorageError with the server's words when it is unreachable, too slow, out of memory,
/// a replica or still loading, when it refuses the user, and when they meet a value under a session's key
/// that is not of our shape; that value is left alone. A moved-from Redis may only be destroyed or assigned
/// to.
class Redis {
public:
    static constexpr std::string_view display_name = "Redis";
    static constexpr std::string_view purpose = session_store_purpose;
    static constexpr Content accepts = Content::bytes;

    /// Of the server nothing is asked yet. The URL is `redis://user:password@host:port/database` or
    /// `unix:///path/to/socket?db=0`; a cluster's is `redis://user:password@host:port,host:port`. Throws
    /// ImproperlyConfigured for a URL or an option that is wrong.
    explicit Redis(std::string_view url = "redis://127.0.0.1:6379/0", RedisOptions options = {});

    std::optional<Stored> load(SessionKey const& key, TimePoint now);
    bool create(SessionKey const& key, Record const& record, TimePoint now);

    /// A touch in between is no conflict: the version is the payload.
    WriteResult commit(SessionKey const& key, Stored const& seen, Record const& record, TimePoint now);
    WriteResult touch(SessionKey const& key, Stored const& seen, TimePoint expires, TimePoint now);
    WriteResult rotate(SessionKey const& key, Stored const& seen, SessionKey const& fresh,
                       Record const& record, TimePoint now);
    bool erase(SessionKey const& key);

    /// Does nothing and answers 0: the server removes what has expired (S-146).
    std::size_t clear_expired(TimePoint, std::size_t) { return 0; }

    /// Calls visit(key, stored) for every live record that is there all the time; others may be visited or
    /// not, and any of them twice while the server resizes its table. Nothing is locked meanwhile: `visit`
    /// may use this storage. The server walks over all its keys, those of others too. While a cluster moves
    /// slots, a record that moves may be missed.
    template <class Visit>
    void for_each(TimePoint now, Visit&& visit);

    /// The servers and the database, for people: nothing of user or password.
    std::string const& where() const noexcept { return where_; }

private:
    using Client = detail::RedisClient;
    using Commands = detail::RedisCommands;
    using Moment = detail::RedisMoment;

    Redis(std::shared_ptr<detail::RedisLogin const> login, RedisOptions& options);

    /// Answers `operation(client)`, with a connection to the server that has the key.
    template <class Operation>
    auto use(SessionKey const& key, Operation operation)
    {
        return cluster_ ? cluster_->use(records_.slot_of(key), operation) : clients_->use(operation);
    }

    /// The same for a script that answers a WriteResult.
    template <class AddWords>
    WriteResult write(SessionKey const& key, detail::RedisScript const& script, std::size_t keys,
                      std::size_t words, AddWords add_words)
    {
        return use(key, [&](Client& client) {
            return detail::RedisRecords::write_result(client, client.run(script, keys, words, add_words));
        });
    }

    /// `read_page(cursor)` reads one server.
    template <class Visit, class ReadPage>
    void for_each_of_one(TimePoint now, Visit& visit, ReadPage read_page);

    std::string where_;
    detail::RedisRecords records_;
    /// How long a record may be on its way from one server to another.
    Duration lease_;
    std::unique_ptr<detail::RedisClients> clients_; ///< of the one server
    std::unique_ptr<detail::RedisCluster> cluster_; ///< or of several
};

inline Redis::Redis(std::string_view url, RedisOptions options)
    : Redis(std::make_shared<detail::RedisLogin>(url, options), options)
{
}

inline Redis::Redis(std::shared_ptr<detail::RedisLogin const> login, RedisOptions& options)
    : where_(login->url.where()),
      records_(std::move(options.key_prefix), options.format),
      lease_(std::chrono::minutes{1} + 8 * (login->connect_timeout + login->command_timeout))
{
    if (login->is_cluster)
        cluster_ = std::make_unique<detail::RedisCluster>(std::move(login));
    else
        clients_ = std::make_unique<detail::RedisClients>(login, login->url.endpoints.front());
}

inline std::optional<Stored> Redis::load(SessionKey const& key, TimePoint now)
{
    auto const operation = [&](Client& client) { return records_.load(client, key, now); };
    return cluster_ ? cluster_->repeat(records_.slot_of(key), operation) : clients_->read(operation);
}

inline bool Redis::create(SessionKey const& key, Record const& record, TimePoint)
{
    return use(key, [&](Client& client) {
        auto const answer = client.run(records_.scripts().create, 1, 3, [&](Commands& words) {
            records_.add_key(words, key);
            records_.add_record(words, record);
        });
        return client.number(answer) != 0;
    });
}

inline WriteResult Redis::commit(SessionKey const& key, Stored const& seen, Record const& record,
                                 TimePoint now)
{
    return write(key, records_.scripts().commit, 1, 5, [&](Commands& words) {
        records_.add_key(words, key);
        words.add(Moment{now}.text());
        words.add(seen.payload);
        records_.add_record(words, record);
    });
}

inline WriteResult Redis::touch(SessionKey const& key, Stored const& seen, TimePoint expires, TimePoint now)
{
    return write(key, records_.scripts().touch, 1, 7, [&](Commands& words) {
        records_.add_key(words, key);
        words.add(Moment{now}.text());
        words.add(seen.payload);
        words.add(Moment{seen.expires}.text());
        words.add(Moment{expires}.text());
        records_.add_deadline(words, expires);
        words.add(records_.is_bare() ? "0" : "1");
    });
}

inline WriteResult Redis::rotate(SessionKey const& key, Stored const& seen, SessionKey const& fresh,
                                 Record const& record, TimePoint now)
{
    if (cluster_)
        return detail::RedisRotation{*cluster_, records_, lease_}.rotate(key, seen, fresh, record, now);
    return write(key, records_.scripts().rotate, 2, 6, [&](Commands& words) {
        records_.add_key(words, key);
        records_.add_key(words, fresh);
        words.add(Moment{now}.text());
        words.add(seen.payload);
        records_.add_record(words, record);
    });
}

inline bool Redis::erase(SessionKey const& key)
{
    return use(key, [&](Client& client) {
        auto const answer = client.run(records_.scripts().erase, 1, 1,
                                       [&](Commands& words) { records_.add_key(words, key); });
        return client.number(answer) != 0;
    });
}

template <class Visit>
void Redis::for_each(TimePoint now, Visit&& visit)
{
    auto const page_after = [&](std::string_view cursor) {
        return [this, cursor, now](Client& client) { return records_.read_page(client, cursor, now); };
    };
    if (!cluster_) {
        for_each_of_one(now, visit,
                        [&](std::string_view cursor) { return clients_->read(page_after(cursor)); });
        return;
    }
    for (auto* const node : cluster_->masters())
        for_each_of_one(now, visit, [&](std::string_view cursor) {
            return cluster_->read_at(*node, page_after(cursor));
        });
}

template <class Visit, class ReadPage>
void Redis::for_each_of_one(TimePoint now, Visit& visit, ReadPage read_page)
{
    std::string cursor = "0";
    do {
        auto const page = read_page(cursor);
        for (auto const& [key, stored] : page.live)
            visit(key, stored);
        for (auto const& key : page.elsewhere)
            if (auto const stored = load(key, now))
                visit(key, *stored);
        cursor = page.cursor;
    } while (cursor != "0");
}

static_assert(EnumerablePolicy<Redis>);

} // namespace cloakroom::inline v0::storage

#endif
