// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_READ_ONLY_SESSION_HPP
#define CLOAKROOM_SESSION_READ_ONLY_SESSION_HPP

#include <cloakroom/core/conversion.hpp>
#include <cloakroom/core/dict.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/session/field.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace cloakroom::inline v0 {

/// A session to look at where no response can carry a cookie any more: in the handshake of a WebSocket and
/// as long as that is open, and while a response is streamed. Nothing here changes the session, saves it or
/// moves its expiry.
///
/// Reads as Session does: the data are loaded at the first access, which may throw StorageError; an unknown
/// or expired key gives an empty session. Move-only, used by one thread at a time. The backend outlives it.
template <class Session>
class ReadOnlySession {
public:
    using Backend = typename Session::Backend;

    /// The session with this key, none for a visitor without one.
    ReadOnlySession(Backend& backend, std::optional<SessionKey> key) : session_{backend, std::move(key)} {}
    /// The session as it is; changes that it has and did not save are seen too.
    explicit ReadOnlySession(Session session) : session_{std::move(session)} {}

    Backend& backend() const noexcept { return session_.backend(); }
    std::optional<SessionKey> const& session_key() const noexcept { return session_.session_key(); }

    /// What was loaded is stale after a while. Loads anew: whether the session still lives.
    bool refresh()
    {
        session_ = Session{session_.backend(), session_.session_key()};
        session_.ensure_loaded();
        // A ticket that is good no more stays the key, and would be replaced by a response (S-252).
        return session_.session_key().has_value() && !session_.modified();
    }

    /// Whether there is anything to this session (S-009).
    explicit operator bool() const noexcept { return !session_.is_empty(); }

    /// The value of an item; KeyError when it is missing (S-021). Valid until refresh().
    Value const& operator[](std::string_view key) { return session_.at(key); }
    Value const& at(std::string_view key) { return session_.at(key); }
    template <AnyField F>
    typename F::Type operator[](F field)
    {
        return session_.at(field);
    }
    template <AnyField F>
    typename F::Type at(F field)
    {
        return session_.at(field);
    }

    /// The value of an item as T, or nothing when it is missing (S-022).
    template <class T = Value>
    std::optional<T> get(std::string_view key)
    {
        return session_.template get<T>(key);
    }
    /// The value of an item as the type of the default, which a missing item gives.
    template <class T>
    Owned<T> get(std::string_view key, T const& default_value)
    {
        return session_.get(key, default_value);
    }
    template <AnyField F>
    std::optional<typename F::Type> get(F field)
    {
        return session_.get(field);
    }
    template <AnyField F, class Default>
    typename F::Type get(F field, Default&& default_value)
    {
        return session_.get(field, std::forward<Default>(default_value));
    }

    bool contains(std::string_view key) { return session_.contains(key); }
    template <AnyField F>
    bool contains(F field)
    {
        return session_.contains(field);
    }

    /// All items in the order of insertion (S-029). Valid until refresh().
    Dict const& items() { return session_.items(); }
    Dict::const_iterator begin() { return items().begin(); }
    Dict::const_iterator end() { return items().end(); }
    std::vector<std::string> keys() { return session_.keys(); }
    std::vector<Value> values() { return session_.values(); }

    /// The items that are T's members by name, see Session::as.
    template <class T>
    T as()
    {
        return session_.template as<T>();
    }

private:
    Session session_;
};

} // namespace cloakroom::inline v0

#endif
