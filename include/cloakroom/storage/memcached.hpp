// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_MEMCACHED_HPP
#define CLOAKROOM_STORAGE_MEMCACHED_HPP

#include <cloakroom/adapters/libmemcached.hpp>
#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/storage/concept.hpp>
#include <cloakroom/storage/memcached_client.hpp>
#include <cloakroom/storage/memcached_expiry.hpp>
#include <cloakroom/storage/memcached_options.hpp>
#include <cloakroom/storage/record_moment.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cloakroom::inline v0::storage {

/// Sessions on one memcached or several, under the keys of Django's cache sessions (S-140). A value is the
/// payload behind its deadline, `cr1:001780000000123456:` and the payload: memcached does not tell an entry's
/// deadline, and what Django puts there is a pickle.
///
/// A cache keeps nothing for sure: a session is absent after its server was restarted, and when the server
/// has forgotten it to make room. Over a database (see Cached) that costs a load; alone, it ends the session.
///
/// A key lies on one server, found by ketama, and only there. A server that is down is a StorageError for the
/// sessions that lie there; they never move to another one, where an older state could be seen again as soon
/// as it came back. Nothing remembers that a server was down, so the first call after its return works. A
/// server more or less in the URL moves the sessions whose keys lie elsewhere then: they are absent.
///
/// The version of a record is the server's own (cas), mixed with what tells its lives apart, since it counts
/// from 1 again after a restart. A load is one round trip, each write too, or one more when it is refused;
/// erase is two. A rotate is two, on one server or on both: it adds the fresh record, whose key nobody knows
/// yet, and lets the old one end if that is still the one seen; else it removes the fresh one. A rotate that
/// throws leaves at most a record under a key that nobody will know.
///
/// The server forgets a record a second or two after its deadline, by its own clock; until then the time that
/// the caller gives decides. Deadlines from 2038 on mean nothing to the server.
///
/// Connections are pooled and opened as they are needed, the first one by the first operation. A connection
/// that turns out to be closed is replaced, and the operation done once more where that cannot do it twice;
/// else its StorageError says that nobody knows whether it was done. A child of fork() uses no connection
/// that it inherits.
///
/// All operations throw StorageError with the server's or libmemcached's words when the server is
/// unreachable, too slow, out of memory (-M) or refuses the size, and when they meet a value under a
/// session's key that is not of our shape; that value is left alone. A moved-from Memcached may only be
/// destroyed or assigned to.
class Memcached {
public:
    static constexpr std::string_view display_name = "Memcached";
    static constexpr std::string_view purpose = session_store_purpose;
    static constexpr Content accepts = Content::bytes;

    /// Of the servers nothing is asked yet. The URL is `memcached://host:port,host:port`, in the same order
    /// everywhere, with `user:password@` before it where they ask for one; or `unix:///path/to/socket`.
    /// Throws ImproperlyConfigured for a URL or an option that is wrong.
    explicit Memcached(std::string_view url = "memcached://127.0.0.1:11211", MemcachedOptions options = {})
        : key_prefix_(options.key_prefix),
          clients_(std::make_unique<detail::MemcachedClients>(url, std::move(options)))
    {
    }

    std::optional<Stored> load(SessionKey const& key, TimePoint now);
    bool create(SessionKey const& key, Record const& record, TimePoint now);

    /// A touch in between is a conflict.
    WriteResult commit(SessionKey const& key, Stored const& seen, Record const& record, TimePoint now);
    WriteResult touch(SessionKey const& key, Stored const& seen, TimePoint expires, TimePoint now);
    WriteResult rotate(SessionKey const& key, Stored const& seen, SessionKey const& fresh,
                       Record const& record, TimePoint now);
    bool erase(SessionKey const& key);

    /// Does nothing and answers 0: the servers remove what has expired (S-146).
    std::size_t clear_expired(TimePoint, std::size_t) { return 0; }

    /// The servers, for people: nothing of user or password.
    std::string where() const { return clients_->where(); }

private:
    using Answer = adapters::libmemcached::Answer;
    using Client = detail::MemcachedClient;
    using Key = detail::MemcachedKey;
    using Moment = detail::RecordMoment;

    /// Does `operation(client, repeated)` on the server of the key.
    template <class Operation>
    auto use(Key const& key, Operation operation)
    {
        return clients_->use(clients_->server_of(key), std::move(operation));
    }

    /// The value that is stored, which the client holds until the next.
    static std::string_view value_of(Client& client, TimePoint expires, std::string_view payload)
    {
        return client.value().assign(Moment{expires}.header()).append(payload);
    }
    /// The deadline of what was found. Throws StorageError if it is not of our shape.
    static TimePoint deadline(Client& client, adapters::libmemcached::Entry const& entry);
    /// Replaces the record that was seen.
    WriteResult replace(SessionKey const& key, Stored const& seen, TimePoint expires,
                        std::string_view payload, TimePoint now);
    bool add(Key const& key, Record const& record);
    bool remove(Key const& key);
    /// Removes a record that nobody knows, if that can be done.
    void forget(Key const& key) noexcept;
    /// What was seen is gone, perhaps by the first of two attempts.
    [[noreturn]] static void refuse_repeated(Client& client);
    /// Why a version is not there any more: conflict or absent.
    static WriteResult refusal(Client& client, Key const& key, TimePoint now);

    std::string key_prefix_;
    std::unique_ptr<detail::MemcachedClients> clients_;
};

inline std::optional<Stored> Memcached::load(SessionKey const& key, TimePoint now)
{
    Key const name{key_prefix_, key};
    return use(name, [&](Client& client, bool) {
        std::optional<Stored> stored;
        auto const entry = client.connection().get(name.text());
        if (!entry)
            return stored;
        auto const expires = deadline(client, *entry);
        if (expires > now)
            stored = Stored{std::string{entry->value.substr(Moment::header_size)}, expires, entry->version};
        return stored;
    });
}

inline bool Memcached::create(SessionKey const& key, Record const& record, TimePoint)
{
    return add(Key{key_prefix_, key}, record);
}

inline WriteResult Memcached::commit(SessionKey const& key, Stored const& seen, Record const& record,
                                     TimePoint now)
{
    return replace(key, seen, record.expires, record.payload, now);
}

inline WriteResult Memcached::touch(SessionKey const& key, Stored const& seen, TimePoint expires,
                                    TimePoint now)
{
    return replace(key, seen, expires, seen.payload, now);
}

inline WriteResult Memcached::rotate(SessionKey const& key, Stored const& seen, SessionKey const& fresh,
                                     Record const& record, TimePoint now)
{
    Key const old_name{key_prefix_, key};
    Key const fresh_name{key_prefix_, fresh};
    if (seen.expires <= now)
        return use(old_name, [&](Client& client, bool) { return refusal(client, old_name, now); });
    if (!add(fresh_name, record))
        return WriteResult::taken;
    auto answer = Answer::not_found;
    try {
        // An entry that ends in the past ends now, and only the version that was seen does.
        answer = use(old_name, [&](Client& client, bool repeated) {
            auto const swapped = client.connection().swap(old_name.text(), value_of(client, TimePoint{}, {}),
                                                          detail::memcached_past, seen.version);
            if (repeated && swapped == Answer::not_found) {
                forget(fresh_name); // rather no session than two
                refuse_repeated(client);
            }
            return swapped;
        });
    } catch (adapters::libmemcached::Uncertain const&) {
        throw; // the fresh record may be the only one
    } catch (StorageError const&) {
        forget(fresh_name);
        throw;
    }
    if (answer == Answer::done)
        return WriteResult::committed;
    forget(fresh_name);
    if (answer == Answer::not_found)
        return WriteResult::absent;
    return use(old_name, [&](Client& client, bool) { return refusal(client, old_name, now); });
}

inline bool Memcached::erase(SessionKey const& key)
{
    Key const name{key_prefix_, key};
    bool was_there = false;
    return use(name, [&](Client& client, bool repeated) {
        auto const entry = client.connection().get(name.text());
        if (entry)
            deadline(client, *entry);
        // What the first of two attempts found, it may have removed.
        auto const was_there_before = std::exchange(was_there, entry.has_value()) && repeated;
        return (was_there && client.connection().remove(name.text())) || was_there_before;
    });
}

inline WriteResult Memcached::replace(SessionKey const& key, Stored const& seen, TimePoint expires,
                                      std::string_view payload, TimePoint now)
{
    Key const name{key_prefix_, key};
    return use(name, [&](Client& client, bool repeated) {
        if (seen.expires <= now)
            return refusal(client, name, now);
        switch (client.connection().swap(name.text(), value_of(client, expires, payload),
                                         detail::memcached_expiry(expires), seen.version)) {
        case Answer::done:
            return WriteResult::committed;
        case Answer::not_found:
            return WriteResult::absent;
        default:
            break;
        }
        if (repeated)
            refuse_repeated(client);
        return refusal(client, name, now);
    });
}

inline bool Memcached::add(Key const& key, Record const& record)
{
    return use(key, [&](Client& client, bool) {
        return client.connection().add(key.text(), value_of(client, record.expires, record.payload),
                                       detail::memcached_expiry(record.expires)) == Answer::done;
    });
}

inline bool Memcached::remove(Key const& key)
{
    return use(key, [&](Client& client, bool) { return client.connection().remove(key.text()); });
}

inline void Memcached::forget(Key const& key) noexcept
{
    try {
        remove(key);
    } catch (...) {
        // What was done before says more, and nobody knows the key of what is left.
    }
}

inline void Memcached::refuse_repeated(Client& client)
{
    throw adapters::libmemcached::Uncertain{
        "Memcached at " + client.connection().name() +
        ": the connection was lost, and the record has changed since. Whether the command was done is not "
        "known; the next call works."};
}

inline WriteResult Memcached::refusal(Client& client, Key const& key, TimePoint now)
{
    auto const entry = client.connection().get(key.text());
    return entry && deadline(client, *entry) > now ? WriteResult::conflict : WriteResult::absent;
}

inline TimePoint Memcached::deadline(Client& client, adapters::libmemcached::Entry const& entry)
{
    if (auto const expires = Moment::parse_header(entry.value))
        return *expires;
    throw StorageError{"Memcached at " + client.connection().name() +
                       ": under a session's key is a value that does not begin as a record does. Another "
                       "program has put it there, and it is left alone: give the sessions a key_prefix or "
                       "servers of their own."};
}

static_assert(StoragePolicy<Memcached>);

} // namespace cloakroom::inline v0::storage

#endif
