// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_LOGINS_HPP
#define CLOAKROOM_AUTH_LOGINS_HPP

#include <cloakroom/auth/auth_settings.hpp>
#include <cloakroom/auth/revocation.hpp>
#include <cloakroom/auth/session_items.hpp>
#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/random_text.hpp>
#include <cloakroom/storage/concept.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cloakroom::inline v0::auth {

/// Whether the browsers keep sessions of that type.
template <class Session>
inline constexpr bool is_kept_by_browser =
    ClientSidePolicy<std::remove_reference_t<decltype(std::declval<typename Session::Backend&>().storage())>>;

/// The log-ins of sessions in the books of a revocation: the part of auth::Backend that decides whether a
/// session was ended from outside.
///
/// A session that names a device is alive as long as the revocation lists the device. One that names none,
/// because there is no list or because Django logged it in, is alive as long as the user's epoch is the one
/// that it holds; without one it holds 0, so that it ends with the first bump.
template <RevocationOrNone Revocation>
class Logins {
public:
    static constexpr bool can_end = !revocation_detail::is_none<Revocation>;
    static constexpr bool can_list = DeviceListPolicy<Revocation>;

    /// What a log-in is in the books: a device, else an epoch, else nothing.
    struct Entry {
        std::optional<std::string> handle{};
        std::optional<std::int64_t> epoch{};
    };

    Logins(Revocation* revocation, AuthSettings const& settings)
        : revocation_{revocation},
          limit_{settings.max_sessions, settings.at_limit},
          seen_interval_{settings.seen_interval},
          list_devices_{can_list && settings.list_devices}
    {
    }

    Revocation& revocation() const noexcept { return *revocation_; }

    /// Puts a new log-in into the books, or says no (AtLimit::deny). Before the session is written, so that
    /// whoever ends the user's sessions meanwhile ends this one.
    template <class Session>
    std::optional<Entry> enter(Session& session, std::string_view user, LoginOptions const& options);
    /// Has the session hold it.
    template <class Session>
    static void write(Session& session, Entry const& entry);
    /// Takes it out again.
    void forget(std::string_view user, Entry const& entry)
    {
        if constexpr (can_list)
            if (entry.handle)
                revocation_->remove(user, *entry.handle);
    }

    /// Whether the session holds what enter() would give a new one.
    template <class Session>
    bool is_entered(Session& session) const
    {
        return list_devices_ ? session.contains(item::device) : !can_end || session.contains(item::epoch);
    }

    /// Whether nobody has ended the session of this user.
    template <class Session>
    bool is_alive(Session& session, std::string_view user)
    {
        return check(session, user, [](Device const&) { return true; });
    }
    /// The same, and notes that it was seen, at most once in seen_interval.
    template <class Session>
    bool see(Session& session, std::string_view user);

    /// Ends the session of this user in the books. Where they hold no more than an epoch and the browser
    /// keeps the session, all of the user's end with it: nothing less makes a copied cookie worthless. Not so
    /// if is_good() says that the session was dead for another reason than its epoch: or every old cookie
    /// could log the user out everywhere.
    template <class Session, class IsGood>
    void leave(Session& session, std::string_view user, IsGood is_good);

    /// Takes the user's other devices off the list, whose sessions are dead already. Without a bump, so that
    /// log-ins by Django, which hold no epoch, stay possible.
    template <class Session>
    void forget_others(Session& session, std::string_view user);

    /// Ends all other sessions of the user and moves this one to a new key. False when this one was ended
    /// itself meanwhile: then nothing else is.
    template <class Session>
    bool stay_alone(Session& session, std::string_view user);

    /// The handle that the session holds.
    template <class Session>
    static std::optional<std::string> handle(Session& session)
    {
        return can_list ? text_item(session, item::device) : std::nullopt;
    }

private:
    template <class Session, class Look>
    bool check(Session& session, std::string_view user, Look look);
    /// A moment by which the session is over, even if requests save it without a look at its user.
    TimePoint end(TimePoint now, Duration lifetime) const
    {
        return saturating_add(saturating_add(now, lifetime), seen_interval_);
    }
    template <class Session>
    static Duration lifetime(Session& session)
    {
        return session.cookie_lifetime().value_or(session.get_session_cookie_age());
    }
    static std::string printable(std::string_view user_agent);

    Revocation* revocation_;
    DeviceLimit limit_;
    Duration seen_interval_;
    bool list_devices_;
};

template <RevocationOrNone Revocation>
template <class Session>
auto Logins<Revocation>::enter(Session& session, std::string_view user, LoginOptions const& options)
    -> std::optional<Entry>
{
    Entry entry;
    if constexpr (can_list)
        if (list_devices_) {
            auto const now = session.backend().now();
            auto const length = options.expiry ? options.expiry->age(now, session.get_session_cookie_age())
                                               : lifetime(session);
            entry.handle = random_text(22);
            Device const device{.handle = *entry.handle,
                                .created = now,
                                .seen = now,
                                .expires = end(now, length),
                                .user_agent = printable(options.user_agent)};
            return revocation_->add(user, device, limit_, now) ? std::optional{entry} : std::nullopt;
        }
    if constexpr (can_end)
        entry.epoch = revocation_->epoch(user);
    return entry;
}

template <RevocationOrNone Revocation>
template <class Session>
void Logins<Revocation>::write(Session& session, Entry const& entry)
{
    if (entry.handle)
        session[item::device] = *entry.handle;
    else
        session.erase(item::device);
    if (entry.epoch)
        session[item::epoch] = *entry.epoch;
    else
        session.erase(item::epoch);
}

/// `look(device)` says whether a listed device is good.
template <RevocationOrNone Revocation>
template <class Session, class Look>
bool Logins<Revocation>::check(Session& session, std::string_view user, Look look)
{
    if constexpr (can_list)
        if (session.contains(item::device)) {
            auto const named = handle(session);
            auto const device =
                named ? revocation_->find(user, *named, session.backend().now()) : std::nullopt;
            return device && look(*device);
        }
    if constexpr (can_end) {
        auto const epoch = session.contains(item::epoch) ? number_item(session, item::epoch)
                                                         : std::optional{std::int64_t{0}};
        return epoch && revocation_->epoch(user) == *epoch;
    }
    return true;
}

template <RevocationOrNone Revocation>
template <class Session>
bool Logins<Revocation>::see(Session& session, std::string_view user)
{
    return check(session, user, [&]([[maybe_unused]] Device const& device) {
        if constexpr (can_list) {
            auto const now = session.backend().now();
            auto const expires = end(now, lifetime(session));
            if (now - device.seen >= seen_interval_ ||
                expires > saturating_add(device.expires, seen_interval_))
                return revocation_->touch(user, device.handle, now, expires);
        }
        return true;
    });
}

template <RevocationOrNone Revocation>
template <class Session, class IsGood>
void Logins<Revocation>::leave(Session& session, std::string_view user, IsGood is_good)
{
    if constexpr (can_list)
        if (auto const named = handle(session)) {
            revocation_->remove(user, *named);
            return;
        }
    if constexpr (can_end && is_kept_by_browser<Session>)
        if (is_good())
            revocation_->bump_if(user, number_item(session, item::epoch).value_or(0),
                                 session.backend().now());
}

template <RevocationOrNone Revocation>
template <class Session>
void Logins<Revocation>::forget_others(Session& session, std::string_view user)
{
    if constexpr (can_list) {
        auto const mine = handle(session);
        for (auto const& device : revocation_->list(user, session.backend().now()))
            if (device.handle != mine)
                revocation_->remove(user, device.handle);
    }
}

template <RevocationOrNone Revocation>
template <class Session>
bool Logins<Revocation>::stay_alone(Session& session, std::string_view user)
{
    // On a server the new key comes first: then no request of the same browser can meet the session between
    // the two steps and take it for one that was ended. A session in the browser has no key, so that copies
    // of it are told apart by what it holds.
    if constexpr (!is_kept_by_browser<Session>)
        session.cycle_key();
    bool is_alive = true;
    if constexpr (can_end) {
        auto const now = session.backend().now();
        auto const named = handle(session);
        if (named) {
            auto const successor = is_kept_by_browser<Session> ? random_text(22) : *named;
            if constexpr (can_list)
                is_alive = revocation_->keep_only(user, *named, successor, now);
            if (successor != *named)
                session[item::device] = successor;
        } else if (auto const epoch =
                       revocation_->bump_if(user, number_item(session, item::epoch).value_or(0), now)) {
            session[item::epoch] = *epoch;
        } else {
            is_alive = false;
        }
    }
    if (!is_alive)
        session.flush();
    else if constexpr (is_kept_by_browser<Session>)
        session.cycle_key();
    return is_alive;
}

template <RevocationOrNone Revocation>
std::string Logins<Revocation>::printable(std::string_view user_agent)
{
    constexpr std::size_t most = 256;
    std::string text{user_agent.substr(0, most)};
    for (auto& c : text)
        if (c < ' ' || c > '~')
            c = '?';
    return text;
}

} // namespace cloakroom::inline v0::auth

#endif
