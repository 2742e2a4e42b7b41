// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_REDIS_HPP
#define CLOAKROOM_STORAGE_REDIS_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/storage/concept.hpp>
#include <cloakroom/storage/redis_client.hpp>
#include <cloakroom/storage/redis_moment.hpp>
#include <cloakroom/storage/redis_options.hpp>
#include <cloakroom/storage/redis_programs.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::storage {

/// Sessions on a Redis or Valkey server, under the keys of Django's cache sessions (S-140); in
/// RedisFormat::bare they are the records of a Django whose cache serializes as JSON. Needs Redis 5 or newer.
///
/// The version of a record is its payload. A load is one round trip, each write too: a script that compares
/// and changes in one step on the server. The server removes what has expired, by its own clock; until then
/// the time that the caller gives decides. What it acknowledged it keeps as long as its own persistence
/// (appendonly, appendfsync) and maxmemory-policy say.
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
    static constexpr std::string_view purpose = session_store_purpose;
    static constexpr Content accepts = Content::bytes;

    /// Of the server nothing is asked yet. The URL is `redis://user:password@host:port/database` or
    /// `unix:///path/to/socket?db=0`. Throws ImproperlyConfigured for a URL or an option that is wrong.
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
    /// may use this storage. The server walks over all its keys, those of others too.
    template <class Visit>
    void for_each(TimePoint now, Visit&& visit);

private:
    using Client = detail::RedisClient;
    using Commands = detail::RedisCommands;
    using Moment = detail::RedisMoment;

    /// The records under some keys that a SCAN found, and where it goes on.
    struct Page {
        std::vector<std::pair<SessionKey, Stored>> live;
        std::string cursor = "0";
    };

    bool is_bare() const noexcept { return format_ == RedisFormat::bare; }
    void add_key(Commands& commands, SessionKey const& key) const { commands.add(key_prefix_, key.reveal()); }
    /// Two words: the value that holds the record, and the server's own deadline.
    void add_record(Commands& commands, Record const& record) const;
    void add_load(Commands& commands, SessionKey const& key) const;
    /// The answer to a load.
    Client::Answer ask(Client& client, SessionKey const& key) const;

    /// The record in the answer to a load, if there is a live one.
    std::optional<Stored> live_record(Client& client, adapters::hiredis::Reply answer, TimePoint now) const;
    static WriteResult write_result(Client& client, adapters::hiredis::Reply answer);
    Page read_page(Client& client, std::string_view cursor, TimePoint now) const;

    std::string key_prefix_;
    RedisFormat format_;
    detail::RedisPrograms const* programs_;
    std::unique_ptr<detail::RedisClients> clients_;
};

inline Redis::Redis(std::string_view url, RedisOptions options)
    : key_prefix_(std::move(options.key_prefix)),
      format_(options.format),
      programs_(is_bare() ? &detail::redis_programs<detail::redis_read_bare>
                          : &detail::redis_programs<detail::redis_read_record>),
      clients_(std::make_unique<detail::RedisClients>(detail::RedisLogin{url, std::move(options)}))
{
}

inline std::optional<Stored> Redis::load(SessionKey const& key, TimePoint now)
{
    return clients_->read([&](Client& client) { return live_record(client, ask(client, key), now); });
}

inline bool Redis::create(SessionKey const& key, Record const& record, TimePoint)
{
    return clients_->use([&](Client& client) {
        auto const answer = client.run(programs_->create, 1, 3, [&](Commands& words) {
            add_key(words, key);
            add_record(words, record);
        });
        return client.number(answer) != 0;
    });
}

inline WriteResult Redis::commit(SessionKey const& key, Stored const& seen, Record const& record,
                                 TimePoint now)
{
    return clients_->use([&](Client& client) {
        return write_result(client, client.run(programs_->commit, 1, 5, [&](Commands& words) {
            add_key(words, key);
            words.add(Moment{now}.text());
            words.add(seen.payload);
            add_record(words, record);
        }));
    });
}

inline WriteResult Redis::touch(SessionKey const& key, Stored const& seen, TimePoint expires, TimePoint now)
{
    return clients_->use([&](Client& client) {
        return write_result(client, client.run(programs_->touch, 1, 7, [&](Commands& words) {
            add_key(words, key);
            words.add(Moment{now}.text());
            words.add(seen.payload);
            words.add(Moment{seen.expires}.text());
            words.add(Moment{expires}.text());
            words.add(is_bare() ? Moment{expires}.milliseconds() : Moment::after(expires).milliseconds());
            words.add(is_bare() ? "0" : "1");
        }));
    });
}

inline WriteResult Redis::rotate(SessionKey const& key, Stored const& seen, SessionKey const& fresh,
                                 Record const& record, TimePoint now)
{
    return clients_->use([&](Client& client) {
        return write_result(client, client.run(programs_->rotate, 2, 6, [&](Commands& words) {
            add_key(words, key);
            add_key(words, fresh);
            words.add(Moment{now}.text());
            words.add(seen.payload);
            add_record(words, record);
        }));
    });
}

inline bool Redis::erase(SessionKey const& key)
{
    return clients_->use([&](Client& client) {
        auto const answer = client.run(programs_->erase, 1, 1, [&](Commands& words) { add_key(words, key); });
        return client.number(answer) != 0;
    });
}

template <class Visit>
void Redis::for_each(TimePoint now, Visit&& visit)
{
    std::string cursor = "0";
    do {
        auto const page = clients_->read([&](Client& client) { return read_page(client, cursor, now); });
        for (auto const& [key, stored] : page.live)
            visit(key, stored);
        cursor = page.cursor;
    } while (cursor != "0");
}

inline Redis::Client::Answer Redis::ask(Client& client, SessionKey const& key) const
{
    if (is_bare())
        return client.run(programs_->load, 1, 1, [&](Commands& words) { add_key(words, key); });
    add_load(client.commands(), key);
    client.send();
    return client.receive();
}

inline void Redis::add_load(Commands& commands, SessionKey const& key) const
{
    if (is_bare()) {
        commands.begin_script("EVALSHA", programs_->load.name.text(), 1, 1);
    } else {
        commands.begin(2);
        commands.add("GET");
    }
    add_key(commands, key);
}

inline void Redis::add_record(Commands& commands, Record const& record) const
{
    if (is_bare()) {
        commands.add(record.payload);
        commands.add(Moment{record.expires}.milliseconds());
    } else {
        commands.add(Moment{record.expires}.header(), record.payload);
        commands.add(Moment::after(record.expires).milliseconds());
    }
}

inline std::optional<Stored> Redis::live_record(Client& client, adapters::hiredis::Reply answer,
                                                TimePoint now) const
{
    if (answer.is_nil())
        return std::nullopt;
    auto const value = is_bare() && answer.size() == 2 ? answer[0].text() : answer.text();
    auto const deadline = is_bare() && answer.size() == 2 ? answer[1].text() : value;
    if (!value || !deadline)
        detail::fail_redis_protocol(client.connection().name());
    auto const expires = is_bare() ? Moment::parse(*deadline) : Moment::parse_header(*deadline);
    if (!expires)
        detail::fail_redis(client.connection().name(), detail::redis_foreign_value);
    if (*expires <= now)
        return std::nullopt;
    return std::optional<Stored>{
        {std::string{is_bare() ? *value : value->substr(Moment::header_size)}, *expires, 0}};
}

inline WriteResult Redis::write_result(Client& client, adapters::hiredis::Reply answer)
{
    auto const number = client.number(answer);
    if (number < 0 || number > static_cast<std::int64_t>(WriteResult::taken))
        detail::fail_redis_protocol(client.connection().name());
    return static_cast<WriteResult>(number);
}

inline Redis::Page Redis::read_page(Client& client, std::string_view cursor, TimePoint now) const
{
    auto& commands = client.commands();
    commands.clear();
    commands.begin(6);
    commands.add("SCAN");
    commands.add(cursor);
    commands.add("MATCH");
    commands.add(detail::redis_pattern(key_prefix_), "*");
    commands.add("COUNT");
    commands.add("500");
    client.send();
    auto const found = client.receive();
    if (found.size() != 2 || !found[0].text() || !found[1].is_array())
        detail::fail_redis_protocol(client.connection().name());
    Page page{{}, std::string{*found[0].text()}};

    // Keys too short for a cookie, or that no session has (S-003), are somebody else's.
    std::vector<SessionKey> keys;
    for (std::size_t i = 0; i < found[1].size(); ++i)
        if (auto key = SessionKey::parse(found[1][i].text().value_or("").substr(key_prefix_.size()));
            key && key->is_storable())
            keys.push_back(std::move(*key));
    auto const keep = [&](SessionKey const& key, adapters::hiredis::Reply answer) {
        if (auto record = live_record(client, answer, now))
            page.live.emplace_back(key, std::move(*record));
    };
    if (keys.empty())
        return page;
    // The first key alone, for a server that does not know the script yet.
    keep(keys.front(), ask(client, keys.front()));
    for (std::size_t i = 1; i < keys.size(); ++i)
        add_load(commands, keys[i]);
    client.send();
    for (std::size_t i = 1; i < keys.size(); ++i)
        keep(keys[i], client.receive());
    return page;
}

static_assert(EnumerablePolicy<Redis>);

} // namespace cloakroom::inline v0::storage

#endif
