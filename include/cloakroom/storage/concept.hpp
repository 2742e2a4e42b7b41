// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_CONCEPT_HPP
#define CLOAKROOM_STORAGE_CONCEPT_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/known.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/session_key.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
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

/// Where a record lives between two requests, on the server's side. Its sibling is ClientSidePolicy.
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

        // The purpose that payloads are signed for: Django's salt. A constant of the type.
        { S::purpose } -> std::convertible_to<std::string_view>;
        typename std::bool_constant<detail::is_known(*&S::purpose)>;

        // Content::text or Content::bytes: which payloads it can hold. A constant of the type.
        { S::accepts } -> std::convertible_to<Content>;
        typename std::bool_constant<detail::is_known(*&S::accepts)>;
    };

/// A storage that can walk over its live records, for tools: calls `visit(key, stored)` for each.
template <class S>
concept EnumerablePolicy = StoragePolicy<S> && requires(S& storage, TimePoint now) {
    storage.for_each(now, [](SessionKey const&, Stored const&) {});
};

/// How a session lives in the browser, where the server keeps nothing: the ticket that the cookie carries is
/// the signed record itself. There is no version to compare and nothing to erase, so none of StoragePolicy's
/// promises about requests at the same time can be made.
///
/// Thread-safe. Movable until a Backend owns it.
template <class S>
concept ClientSidePolicy =
    std::movable<S> && requires(S const& storage, Record&& record, std::string_view ticket) {
        // The ticket of a record: eight or more characters that a cookie carries as they are
        // (is_cookie_token).
        { storage.seal(std::move(record)) } -> std::same_as<std::string>;

        // The record of a ticket, or nothing for a text that is none. Its payload is trusted only when the
        // signature is verified. `expires` is latest_time where tickets do not tell it.
        { storage.open(ticket) } -> std::same_as<std::optional<Record>>;

        // The most bytes of a cookie, name and value together, as browsers count them. A constant of the
        // type.
        { S::max_cookie_size } -> std::convertible_to<std::size_t>;
        typename std::bool_constant<detail::is_known(*&S::max_cookie_size)>;

        // The purpose that payloads are signed for: Django's salt. A constant of the type.
        { S::purpose } -> std::convertible_to<std::string_view>;
        typename std::bool_constant<detail::is_known(*&S::purpose)>;

        // Content::text: which payloads it can hold. A constant of the type.
        { S::accepts } -> std::convertible_to<Content>;
        typename std::bool_constant<detail::is_known(*&S::accepts)>;
    };

/// A storage around which another can be put. What is kept by the browser is told so at once, and not which
/// of StoragePolicy's operations it lacks, which is all of them.
template <class S>
concept KeptByServer = !ClientSidePolicy<S> && StoragePolicy<S>;

namespace storage_detail {

/// Whether S is a ClientSidePolicy, or seems to be one with a gap.
template <class S>
inline constexpr bool means_client_side =
    ClientSidePolicy<S> ||
    (!StoragePolicy<S> && !requires { &S::load; } && (requires { &S::seal; } || requires { &S::open; }));

/// A model of each contract, to stand where the other one is asked for. Only its type is used.
struct ServerSideExemplar {
    static constexpr std::string_view purpose = storage::session_store_purpose;
    static constexpr Content accepts = Content::bytes;
    std::optional<Stored> load(SessionKey const&, TimePoint);
    bool create(SessionKey const&, Record const&, TimePoint);
    WriteResult commit(SessionKey const&, Stored const&, Record const&, TimePoint);
    WriteResult touch(SessionKey const&, Stored const&, TimePoint, TimePoint);
    WriteResult rotate(SessionKey const&, Stored const&, SessionKey const&, Record const&, TimePoint);
    bool erase(SessionKey const&);
    std::size_t clear_expired(TimePoint, std::size_t);
};
struct ClientSideExemplar {
    static constexpr std::string_view purpose = storage::session_store_purpose;
    static constexpr Content accepts = Content::text;
    static constexpr std::size_t max_cookie_size = 0;
    std::string seal(Record) const;
    std::optional<Record> open(std::string_view) const;
};

template <class S>
using ServerSideOrExemplar = std::conditional_t<means_client_side<S>, ServerSideExemplar, S>;
template <class S>
using ClientSideOrExemplar = std::conditional_t<means_client_side<S>, S, ClientSideExemplar>;

} // namespace storage_detail

/// What a Session can be kept in: a StoragePolicy or a ClientSidePolicy. Written as a conjunction, in which
/// an exemplar stands for the contract that is not meant: of a disjunction compilers say no more than that
/// neither holds, of this they name each gap.
template <class S>
concept SessionStorage = StoragePolicy<storage_detail::ServerSideOrExemplar<S>> &&
                         ClientSidePolicy<storage_detail::ClientSideOrExemplar<S>>;

} // namespace cloakroom::inline v0

#endif
