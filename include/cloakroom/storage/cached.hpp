// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_CACHED_HPP
#define CLOAKROOM_STORAGE_CACHED_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/storage/cached_leases.hpp>
#include <cloakroom/storage/cached_options.hpp>
#include <cloakroom/storage/concept.hpp>

#include <cstddef>
#include <optional>
#include <utility>

namespace cloakroom::inline v0::storage {

/// Any storage behind any other as its cache (S-160): `Cached{Redis{...}, Postgres{...}}`. Most loads ask the
/// cache alone; every write goes to the store, which holds the truth, and then to the cache.
///
/// All programs that write to the store do so through a Cached with the same cache. What somebody does to the
/// store alone, Django for instance, the cache may hide for CachedOptions::value_time. Both engines are used
/// through the contract alone, so the cache may be shared by machines or be a Memory, if one process is all
/// there is. The cache has a prefix of keys, or a place, of its own.
///
/// How it is kept from answering with what is over: who reads a record that is not in the cache puts a lease
/// there first, under a random name, then reads the store, then replaces exactly this lease by the record.
/// Who writes first puts a writer's lease there, in the place of a value or a reader's lease and beside the
/// leases of other writers; then changes the store; then replaces exactly this lease by the record, or, if it
/// is no longer the only one that has been there, takes away whatever is there but the other writers' leases,
/// which nobody can replace by a record any more. While a lease is there everybody reads the store.
///
/// - A fill and a logout, commit or rotate: the writer's lease has taken the place of the reader's, so the
///   reader's record, which may be old, goes nowhere.
/// - Two writers: neither leaves a record, since neither knows who was second in the store.
/// - Somebody who is slower than his lease, or whose lease the cache has dropped, takes away what others have
///   put there meanwhile before he answers. Once a write is answered no load finds what was before it, an
///   erased session least of all. A cache that forgets everything or anything has only missed.
/// - Somebody who dies between two steps leaves his lease: until lease_time has passed, the store answers.
///
/// What remains: if the cache loses a lease whose owner is at work in the store, others may see the record as
/// it was before until he answers, and for up to value_time if he then dies or does not reach the cache. A
/// cache that comes back with what it held some time ago brings back that state, for value_time as well: let
/// it keep nothing when it restarts, or everything.
///
/// Of a write that throws StorageError nobody knows whether it was done, as ever. If the cache cannot be
/// reached all operations throw, and a write has then not begun or is told by the next load. A record that
/// the cache refuses, one too large for it for instance, is not cached. A hit is one call of the cache, a
/// miss four and one of the store; a commit is four and two.
///
/// As thread-safe and movable as the two engines.
template <KeptByServer Cache, KeptByServer Store>
class Cached {
public:
    /// The store's: what is behind the cache can be read without it.
    static constexpr auto purpose = Store::purpose;
    static constexpr auto accepts = Store::accepts;
    static constexpr auto expiry_in_data = storage::expiry_in_data<Store>;
    /// For describe(): keys stand in the cache as well.
    static constexpr bool hashes_keys = requires {
        requires Cache::hashes_keys;
        requires Store::hashes_keys;
    };

    /// Throws ImproperlyConfigured for a time in the options that is not longer than 0.
    Cached(Cache cache, Store store, CachedOptions options = {})
        : leases_(std::move(cache), std::move(options)), store_(std::move(store))
    {
        static_assert(
            Store::accepts == Content::text || Cache::accepts == Content::bytes,
            "cloakroom: this cache holds text, but the store behind it holds bytes; choose a cache that "
            "accepts bytes");
    }

    std::optional<Stored> load(SessionKey const& key, TimePoint now);
    bool create(SessionKey const& key, Record const& record, TimePoint now)
    {
        return write(key, now, [&] { return store_.create(key, record, now); });
    }
    WriteResult commit(SessionKey const& key, Stored const& seen, Record const& record, TimePoint now)
    {
        return write(key, now, [&] { return store_.commit(key, seen, record, now); });
    }
    WriteResult touch(SessionKey const& key, Stored const& seen, TimePoint expires, TimePoint now)
    {
        return write(key, now, [&] { return store_.touch(key, seen, expires, now); });
    }
    WriteResult rotate(SessionKey const& key, Stored const& seen, SessionKey const& fresh,
                       Record const& record, TimePoint now);
    bool erase(SessionKey const& key);

    /// The store's (S-165). A cache that does not remove by itself what has expired is cleared through
    /// cache().
    std::size_t clear_expired(TimePoint now, std::size_t budget) { return store_.clear_expired(now, budget); }

    /// Walks over the store.
    template <class Visit>
    requires requires(Store& store, TimePoint now, Visit&& visit) {
        store.for_each(now, std::forward<Visit>(visit));
    }
    void for_each(TimePoint now, Visit&& visit)
    {
        store_.for_each(now, std::forward<Visit>(visit));
    }

    /// The two inside, for what only they have, such as migrate(). A record that is changed in one of them
    /// alone is not changed in the other.
    Cache& cache() noexcept { return leases_.cache(); }
    Store& store() noexcept { return store_; }

private:
    using Leases = detail::CachedLeases<Cache>;
    using Writing = typename Leases::Writing;

    /// Does a write under a lease. If it throws, the lease stays: it may be done later than that.
    template <class Operation>
    auto write(SessionKey const& key, TimePoint now, Operation const& operation)
    {
        auto const writing = leases_.begin_write(key);
        auto const answer = operation();
        renew(key, writing, now);
        return answer;
    }
    /// Ends a write with what the store has now, which includes its version, or with nothing in the cache.
    void renew(SessionKey const& key, Writing const& writing, TimePoint now);

    Leases leases_;
    Store store_;
};

template <KeptByServer Cache, KeptByServer Store>
std::optional<Stored> Cached<Cache, Store>::load(SessionKey const& key, TimePoint now)
{
    auto look = leases_.look(key, now);
    if (look.value)
        return std::move(look.value);
    auto const lease = leases_.begin_read(key, look);
    auto found = store_.load(key, now);
    if (lease)
        leases_.end_read(key, *lease, found);
    return found;
}

template <KeptByServer Cache, KeptByServer Store>
WriteResult Cached<Cache, Store>::rotate(SessionKey const& key, Stored const& seen, SessionKey const& fresh,
                                         Record const& record, TimePoint now)
{
    auto const old_writing = leases_.begin_write(key);
    auto const fresh_writing = leases_.begin_write(fresh);
    auto const answer = store_.rotate(key, seen, fresh, record, now);
    leases_.end_write(key, old_writing);
    renew(fresh, fresh_writing, now);
    return answer;
}

template <KeptByServer Cache, KeptByServer Store>
bool Cached<Cache, Store>::erase(SessionKey const& key)
{
    auto const writing = leases_.begin_write(key);
    auto const answer = store_.erase(key);
    leases_.end_write(key, writing);
    return answer;
}

template <KeptByServer Cache, KeptByServer Store>
void Cached<Cache, Store>::renew(SessionKey const& key, Writing const& writing, TimePoint now)
{
    if (writing.alone)
        try {
            if (auto const value = store_.load(key, now); value && leases_.fill(key, writing, *value))
                return;
        } catch (StorageError const&) { // the write is done and answered all the same
        }
    leases_.end_write(key, writing);
}

} // namespace cloakroom::inline v0::storage

#endif
