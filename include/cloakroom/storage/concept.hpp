// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_CONCEPT_HPP
#define CLOAKROOM_STORAGE_CONCEPT_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/session_key.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace cloakroom::inline v0 {

/// How a storage answers a write. All four are ordinary answers; a broken store throws StorageError instead.
enum class WriteResult {
    committed, ///< done, and every later load sees it
    conflict,  ///< the record lives, but in another version than the one seen; nothing changed
    absent,    ///< there is no live record under the key; nothing changed
    taken,     ///< rotate only: the fresh key is in use; nothing changed
};

namespace storage {

/// The purpose, Django's salt, under which records of a server-side storage are signed (S-010). Django reads
/// them.
inline constexpr std::string_view session_store_purpose = "django.contrib.sessions.SessionStore";

/// Whether load() of a storage may return a record whose data say themselves that they have expired, so that
/// the session looks. A storage like that says so by a constant of this name.
template <class Storage>
inline constexpr bool expiry_in_data = false;
template <class Storage>
requires requires { Storage::expiry_in_data; }
inline constexpr bool expiry_in_data<Storage> = Storage::expiry_in_data;

} // namespace storage

/// Where a record lives between two requests.
///
/// Every operation is one atomic step for all threads and processes that share the store. A record is live
/// while `expires > now`; the storage compares this itself. A version is what `load` returned, payload and
/// all; `touch` may or may not make a new one for a `commit` or `rotate` that follows. There is no operation
/// that inserts or overwrites what was not seen: that is how logged-out sessions come back to life.
///
/// Thread-safe. Movable until a Backend owns it. Keys handed in are storable (SessionKey::is_storable).
template <class S>
concept StoragePolicy =
    std::movable<S> &&
    requires(S& storage, SessionKey const& key, SessionKey const& fresh, Stored const& seen,
             Record const& record, TimePoint expires, TimePoint now, std::size_t budget) {
        // The live record under the key, or nothing.
        { storage.load(key, now) } -> std::same_as<std::optional<Stored>>;

        // Adds a record. False when the key is taken, by an expired record too. Never overwrites.
        { storage.create(key, record, now) } -> std::same_as<bool>;

        // Replaces exactly the version that was seen: committed, conflict or absent. Never inserts.
        { storage.commit(key, seen, record, now) } -> std::same_as<WriteResult>;

        // Moves the expiry alone, if payload and expiry are still the ones seen: committed, conflict or
        // absent.
        { storage.touch(key, seen, expires, now) } -> std::same_as<WriteResult>;

        // Moves the version that was seen to a fresh key with a new content, in one step. Afterwards only the
        // fresh key lives: committed, conflict, absent or taken.
        { storage.rotate(key, seen, fresh, record, now) } -> std::same_as<WriteResult>;

        // Removes the record, live or expired: whether there was one.
        { storage.erase(key) } -> std::same_as<bool>;

        // Removes at most `budget` records with `expires < now` and returns how many; fewer than `budget`
        // means that none is left. The cost grows with the number removed, not with the number stored.
        { storage.clear_expired(now, budget) } -> std::same_as<std::size_t>;

        // The purpose that payloads are signed for: Django's salt.
        { S::purpose } -> std::convertible_to<std::string_view>;

        // Content::text or Content::bytes: which payloads it can hold.
        { S::accepts } -> std::convertible_to<Content>;
    };

/// A storage that can walk over its live records, for tools: calls `visit(key, stored)` for each.
template <class S>
concept EnumerablePolicy = StoragePolicy<S> && requires(S& storage, TimePoint now) {
    storage.for_each(now, [](SessionKey const&, Stored const&) {});
};

} // namespace cloakroom::inline v0

#endif
