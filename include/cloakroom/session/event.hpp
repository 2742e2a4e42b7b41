// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_EVENT_HPP
#define CLOAKROOM_SESSION_EVENT_HPP

#include <cloakroom/core/session_key.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace cloakroom::inline v0 {

/// What happened to a session, for logs and alarms.
enum class EventKind {
    created,  ///< a record under a new key
    loaded,   ///< a record was found and its data are trusted
    saved,    ///< new data or a new expiry were written
    rotated,  ///< the record moved to a new key
    erased,   ///< the record was removed by flush() or delete_record()
    rejected, ///< what the request brought is not used; the reason says why
};

/// Why something was rejected.
enum class Reason {
    none,
    unknown_key,      ///< no live record: never issued, expired, or logged out
    unusable_key,     ///< a text that no storage can hold as a key: length or characters
    oversize_cookie,  ///< a cookie value over http::max_cookie_value_size
    duplicate_cookie, ///< two cookies of a prefixed name: one is somebody else's
    bad_signature,    ///< the record's signature is not ours (Django logs "Session data corrupted", S-052)
    undecodable,      ///< well signed, but not a dictionary (S-053)
    expired,          ///< older than Settings::absolute_age, or kept by the browser for longer than
                      ///< Settings::cookie_age (S-253)
    interrupted,      ///< the session was ended elsewhere before it could be saved
};

/// Lives as long as the call of the hook.
class Event {
public:
    Event(EventKind kind, Reason reason, SessionKey const* key) : kind_{kind}, reason_{reason}, key_{key} {}

    EventKind kind() const noexcept { return kind_; }
    Reason reason() const noexcept { return reason_; }
    /// SessionKey::handle() of the session, or empty where there is no key. Never the key.
    std::string handle() const { return key_ != nullptr ? key_->handle() : std::string{}; }

private:
    EventKind kind_;
    Reason reason_;
    SessionKey const* key_;
};

/// Called from all threads, while a request waits. What it throws is ignored.
using EventHook = std::function<void(Event const&)>;

} // namespace cloakroom::inline v0

#endif
