// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_CACHED_LEASES_HPP
#define CLOAKROOM_STORAGE_CACHED_LEASES_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/storage/cached_entry.hpp>
#include <cloakroom/storage/cached_options.hpp>
#include <cloakroom/storage/concept.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::storage::detail {

/// The cache of a Cached: values, and leases by which its users tell each other what they do to the store.
///
/// Nothing here is ever erased or put where something else may have come meanwhile: each step replaces
/// exactly what was found. Dead records of the cache can be replaced too, since they are looked at as from
/// the beginning of time; when they are dead to us is written in them.
template <StoragePolicy Cache>
class CachedLeases {
public:
    struct Look {
        /// The value, if there is one that may answer.
        std::optional<Stored> value;
        /// What is there instead, to be replaced.
        std::optional<Stored> found;
        /// Nobody holds a lease, so a reader may take one.
        bool is_free = true;
    };

    /// That somebody writes. Until it is given back or its time is over nobody puts a value there.
    struct Writing {
        CachedName name;
        /// The lease in the cache, if nobody else was writing when it was taken.
        std::optional<Stored> alone;
    };

    CachedLeases(Cache cache, CachedOptions options) : cache_(std::move(cache)), options_(std::move(options))
    {
        if (options_.lease_time <= Duration::zero())
            throw ImproperlyConfigured{"CachedOptions::lease_time is not longer than 0"};
        if (options_.value_time <= Duration::zero())
            throw ImproperlyConfigured{"CachedOptions::value_time is not longer than 0"};
    }

    Look look(SessionKey const& key, TimePoint now);

    /// A reader's lease, or nothing if somebody else was faster.
    std::optional<Stored> begin_read(SessionKey const& key, Look const& look);
    /// Puts what the store had in the place of the lease, if that is still there.
    void end_read(SessionKey const& key, Stored const& lease, std::optional<Stored> const& found);

    /// A writer's lease, in the place of whatever there is; who else is writing keeps his.
    Writing begin_write(SessionKey const& key);
    /// Puts what the store had after the write in the place of the lease: whether nobody else has written.
    bool fill(SessionKey const& key, Writing const& writing, Stored const& value);
    /// Gives the lease back. Afterwards no value is there, and nobody puts one there that he read before.
    void end_write(SessionKey const& key, Writing const& writing);

    Cache& cache() noexcept { return cache_; }

private:
    /// Among so many steps of others at least one of ours succeeds, unless the cache loses what it is given.
    static constexpr std::size_t attempts = 1000;

    TimePoint lease_end() const { return saturating_add(options_.clock(), options_.lease_time); }

    std::optional<Stored> find(SessionKey const& key) { return cache_.load(key, earliest_time); }
    bool replace(SessionKey const& key, Stored const& found, Record const& record)
    {
        return cache_.commit(key, found, record, earliest_time) == WriteResult::committed;
    }
    bool put(SessionKey const& key, std::optional<Stored> const& found, Record const& record)
    {
        return found ? replace(key, *found, record) : cache_.create(key, record, options_.clock());
    }
    bool put_value(SessionKey const& key, Stored const& lease, Stored const& value)
    {
        auto const until = saturating_add(options_.clock(), options_.value_time);
        return replace(key, lease, {CachedEntry::value(value, until), std::min(value.expires, until)});
    }
    /// A lease that nobody holds is dead at once, so that the cache removes it when it likes.
    Record writers_record(std::vector<CachedWriter> const& writers) const
    {
        auto end = options_.clock();
        for (auto const& writer : writers)
            end = std::max(end, writer.until);
        return {CachedEntry::writing(writers), end};
    }
    void drop_dead(std::vector<CachedWriter>& writers) const
    {
        std::erase_if(writers,
                      [now = options_.clock()](CachedWriter const& each) { return each.until <= now; });
    }
    static bool is_among(CachedName const& name, std::vector<CachedWriter> const& writers)
    {
        return std::any_of(writers.begin(), writers.end(),
                           [&](CachedWriter const& each) { return each.name == name; });
    }
    [[noreturn]] static void fail()
    {
        throw StorageError{"The cache of storage::Cached does not keep what is put into it. Is it full of "
                           "what it cannot let go, or does its clock differ from ours?"};
    }

    Cache cache_;
    CachedOptions options_;
};

template <StoragePolicy Cache>
auto CachedLeases<Cache>::look(SessionKey const& key, TimePoint now) -> Look
{
    Look look;
    look.found = find(key);
    if (!look.found)
        return look;
    auto entry = CachedEntry::parse(look.found->payload);
    auto const moment = options_.clock();
    if (entry.kind == CachedEntry::Kind::value) {
        if (entry.until <= moment || entry.expires <= std::max(now, moment))
            return look;
        look.value = std::move(look.found);
        look.value->payload.erase(0, look.value->payload.size() - entry.payload.size());
        look.value->expires = entry.expires;
        look.value->version = entry.version;
        return look;
    }
    drop_dead(entry.writers);
    look.is_free = entry.kind == CachedEntry::Kind::reading ? entry.until <= moment : entry.writers.empty();
    return look;
}

template <StoragePolicy Cache>
std::optional<Stored> CachedLeases<Cache>::begin_read(SessionKey const& key, Look const& look)
{
    if (!look.is_free)
        return std::nullopt;
    auto const until = lease_end();
    Record const lease{CachedEntry::reading(until), until};
    if (!put(key, look.found, lease))
        return std::nullopt;
    auto mine = find(key); // the cache's version of it
    if (mine && mine->payload != lease.payload)
        mine.reset();
    return mine;
}

template <StoragePolicy Cache>
void CachedLeases<Cache>::end_read(SessionKey const& key, Stored const& lease,
                                   std::optional<Stored> const& found)
{
    if (found && found->expires > options_.clock())
        try {
            put_value(key, lease, *found);
            return;
        } catch (StorageError const&) { // it may be too large for the cache: then nothing is cached
        }
    replace(key, lease, writers_record({}));
}

template <StoragePolicy Cache>
auto CachedLeases<Cache>::begin_write(SessionKey const& key) -> Writing
{
    auto const name = CachedEntry::new_name();
    for (std::size_t i = 0; i < attempts; ++i) {
        std::vector<CachedWriter> writers;
        auto const found = find(key);
        if (found)
            writers = CachedEntry::parse(found->payload).writers;
        drop_dead(writers);
        auto const is_alone = writers.empty();
        writers.push_back({name, lease_end()});
        auto const lease = writers_record(writers);
        if (!put(key, found, lease))
            continue;
        auto mine = find(key);
        if (mine && mine->payload == lease.payload)
            return {name, is_alone ? std::move(mine) : std::nullopt};
        if (mine && is_among(name, CachedEntry::parse(mine->payload).writers))
            return {name, std::nullopt};
    }
    fail();
}

template <StoragePolicy Cache>
bool CachedLeases<Cache>::fill(SessionKey const& key, Writing const& writing, Stored const& value)
{
    return writing.alone && value.expires > options_.clock() && put_value(key, *writing.alone, value);
}

template <StoragePolicy Cache>
void CachedLeases<Cache>::end_write(SessionKey const& key, Writing const& writing)
{
    if (writing.alone && replace(key, *writing.alone, writers_record({})))
        return;
    for (std::size_t i = 0; i < attempts; ++i) {
        auto const found = find(key);
        if (!found)
            return;
        // Also where our lease is lost: whoever holds another one may have read or written before us, and so
        // must not find it as he left it.
        auto writers = CachedEntry::parse(found->payload).writers;
        std::erase_if(writers, [&](CachedWriter const& each) { return each.name == writing.name; });
        if (replace(key, *found, writers_record(writers)))
            return;
    }
    fail();
}

} // namespace cloakroom::inline v0::storage::detail

#endif
