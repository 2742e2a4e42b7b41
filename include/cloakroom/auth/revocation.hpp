// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_REVOCATION_HPP
#define CLOAKROOM_AUTH_REVOCATION_HPP

#include <cloakroom/core/clock.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace cloakroom::inline v0::auth {

/// A log-in of a user as people see it on a page "your devices". Nothing in it opens a session.
struct Device {
    std::string handle{}; ///< names it; random, and not made from the session's key
    TimePoint created{};
    TimePoint seen{};    ///< about when it was used last
    TimePoint expires{}; ///< not before the end of its session: it is not listed from then on
    std::string user_agent{};
    bool is_this = false; ///< whether it is the one that asks; auth::Backend::sessions() says so

    friend bool operator==(Device const&, Device const&) = default;
};

/// What becomes of a log-in when the user has as many sessions as are allowed (R18).
enum class AtLimit {
    evict_least_recently_used, ///< the session that was used least recently ends
    deny,                      ///< the new one is refused
};

/// How many sessions a user may have, and what happens beyond that.
struct DeviceLimit {
    std::size_t max_devices = 0; ///< 0: any number
    AtLimit at_limit = AtLimit::evict_least_recently_used;
};

/// How sessions are ended from outside, also those that the browser keeps: a number for each user, the epoch,
/// under which a session is logged in and without which it is dead.
///
/// A user is named by the id's text. Every operation is one atomic step for all threads and processes that
/// share the store. Throws StorageError when it is broken; then nobody is logged in (R40). Thread-safe. It
/// outlives the auth::Backend that uses it.
template <class R>
concept RevocationPolicy = requires(R& revocation, std::string_view user, std::int64_t epoch, TimePoint now) {
    // The user's epoch: 0 when neither this user's sessions nor all users' were ever ended.
    { revocation.epoch(user) } -> std::same_as<std::int64_t>;

    // Ends all sessions of the user. The new epoch: `now` in microseconds since 1970, or one more than
    // the old epoch where that is later.
    { revocation.bump(user, now) } -> std::same_as<std::int64_t>;

    // The same if the epoch still is the one given; nothing, and nothing has changed, when it is not.
    { revocation.bump_if(user, epoch, now) } -> std::same_as<std::optional<std::int64_t>>;

    // Ends all sessions of all users.
    revocation.bump_all(now);
};

/// A revocation that also lists the log-ins, so that one can be ended and their number limited. Whoever is
/// listed is logged in; what is not listed, or was and is lost, is not. Each bump empties the list of the
/// user. A device whose time `expires` has come is not there.
template <class R>
concept DeviceListPolicy =
    RevocationPolicy<R> && requires(R& revocation, std::string_view user, std::string_view handle,
                                    Device const& device, DeviceLimit limit, TimePoint now) {
        // Lists a device under a handle that is new. Where that makes more than limit.max_devices, the
        // others with the earliest `seen` go first, or with AtLimit::deny it is not listed: false.
        { revocation.add(user, device, limit, now) } -> std::same_as<bool>;

        // The device of the user with that handle.
        { revocation.find(user, handle, now) } -> std::same_as<std::optional<Device>>;

        // The device is seen now: moves `seen` and `expires` forward, never back. Whether it is listed. Never
        // lists it.
        { revocation.touch(user, handle, now, now) } -> std::same_as<bool>;

        // Ends it: whether it was listed.
        { revocation.remove(user, handle) } -> std::same_as<bool>;

        // The devices of the user, those seen last first.
        { revocation.list(user, now) } -> std::same_as<std::vector<Device>>;

        // As bump(), but the device with this handle goes on, from now on under the second handle, which may
        // be the same. Whether it was listed; if not, nothing has changed.
        { revocation.keep_only(user, handle, handle, now) } -> std::same_as<bool>;
    };

/// In place of a revocation, where the server keeps the sessions: a logout ends one, a changed password all
/// others (S-656), and nothing else does.
struct NoRevocation {};
inline constexpr NoRevocation no_revocation{};

/// In place of a revocation, where the browser keeps the sessions: a copy of the cookie stays logged in after
/// a logout, until it is older than Settings::cookie_age or the password is changed.
struct AcceptReplay {};
inline constexpr AcceptReplay accept_replay{};

namespace revocation_detail {

/// Stands for what is no revocation where one is asked for. Only its type is used.
struct Exemplar {
    std::int64_t epoch(std::string_view);
    std::int64_t bump(std::string_view, TimePoint);
    std::optional<std::int64_t> bump_if(std::string_view, std::int64_t, TimePoint);
    void bump_all(TimePoint);
};

/// Whether R is written to list devices, well or not.
template <class R>
inline constexpr bool is_meant_to_list = requires(R& revocation, std::string_view user, TimePoint now) {
    revocation.list(user, now);
} || requires { &R::keep_only; };

template <class R>
inline constexpr bool is_none = std::same_as<R, NoRevocation> || std::same_as<R, AcceptReplay>;

template <class R>
using OrExemplar = std::conditional_t<is_none<R>, Exemplar, R>;

} // namespace revocation_detail

/// A revocation, or one of the two that say that there is none. Written so that compilers name what a model
/// lacks.
template <class R>
concept RevocationOrNone = RevocationPolicy<revocation_detail::OrExemplar<R>>;

/// The epoch after `epoch`.
constexpr std::int64_t next_epoch(std::int64_t epoch, TimePoint now)
{
    auto const moment = now.time_since_epoch().count();
    return moment > epoch ? moment : epoch + 1;
}

} // namespace cloakroom::inline v0::auth

#endif
