// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_SESSION_ITEMS_HPP
#define CLOAKROOM_AUTH_SESSION_ITEMS_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/conversion.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cloakroom::inline v0::auth {

/// The names under which a session keeps who is logged in: Django's three (S-650), and ours.
namespace item {
inline constexpr std::string_view user_id = "_auth_user_id";
inline constexpr std::string_view backend = "_auth_user_backend";
inline constexpr std::string_view hash = "_auth_user_hash";
inline constexpr std::string_view epoch = "_cloakroom_epoch";   ///< of the log-in, see RevocationPolicy
inline constexpr std::string_view device = "_cloakroom_device"; ///< Device::handle
/// When the user showed who they are, in microseconds since 1970.
inline constexpr std::string_view authenticated = "_cloakroom_authenticated";
inline constexpr std::string_view level = "_cloakroom_level"; ///< of that log-in, see Aal; without it aal1
} // namespace item

/// The item's text, or nothing where it is missing or something else.
template <class Session>
std::optional<std::string> text_item(Session& session, std::string_view name)
{
    std::optional<Value> const value = session.get(name);
    auto const* const text = value ? value->template get_if<std::string>() : nullptr;
    return text != nullptr ? std::optional{*text} : std::nullopt;
}

/// The item's number, or nothing where it is missing or something else.
template <class Session>
std::optional<std::int64_t> number_item(Session& session, std::string_view name)
{
    std::optional<Value> const value = session.get(name);
    auto const* const number = value ? value->template get_if<std::int64_t>() : nullptr;
    return number != nullptr ? std::optional{*number} : std::nullopt;
}

/// Whether the user of this session logged in, or logged in again, less than `max_age` ago: to be asked
/// before a password is changed or money sent; where not, ask for the password and log the same user in again
/// (R17). Tells nothing about whether the session is still good: get_user() does. False for a session that
/// Django logged in, which does not say when. The clocks of two servers may differ by less than `max_age`.
template <class Session>
[[nodiscard]] bool require_fresh(Session& session, Duration max_age)
{
    auto const authenticated = number_item(session, item::authenticated);
    if (!authenticated || *authenticated < 0 || *authenticated > latest_time.time_since_epoch().count())
        return false;
    auto const age = session.backend().now().time_since_epoch() - Duration{*authenticated};
    return age < max_age && age > -max_age;
}

} // namespace cloakroom::inline v0::auth

#endif
