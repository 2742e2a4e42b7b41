// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_LEVEL_HPP
#define CLOAKROOM_AUTH_LEVEL_HPP

#include <cloakroom/auth/session_items.hpp>

#include <cstdint>
#include <optional>

namespace cloakroom::inline v0::auth {

/// How sure a log-in is of who the user is: NIST SP 800-63B's authentication assurance levels. Which of a
/// site's ways to log in reaches which one is for the site to say:
///
///     accounts.login(session, user);                            // a password: aal1
///     accounts.login(session, user, {.level = auth::Aal::aal2}); // and the code of an authenticator
///
///     if (!auth::require_level(session, auth::Aal::aal2) || !auth::require_fresh(session, 5min))
///         ... // ask for both, and log the same user in again
enum class Aal : std::uint8_t {
    aal1 = 1, ///< one factor
    aal2,     ///< two different factors
    aal3,     ///< two, one of them a key in hardware that no imitation of the site can use
};

/// The level of the last log-in here, nothing where nobody has logged in. Recorded together with its time
/// (R17) and never inherited: a log-in that says none is aal1, whatever came before it. So is one that Django
/// made, or whose item is none of these. Tells nothing about whether the session is still good: get_user()
/// does.
template <class Session>
std::optional<Aal> level(Session& session)
{
    if (!text_item(session, item::user_id))
        return std::nullopt;
    auto const number = number_item(session, item::level).value_or(0);
    auto const is_known = number >= static_cast<int>(Aal::aal1) && number <= static_cast<int>(Aal::aal3);
    return is_known ? static_cast<Aal>(number) : Aal::aal1;
}

/// Whether the last log-in here had this level or a higher one. Together with require_fresh() it asks for one
/// that had it a short while ago.
template <class Session>
[[nodiscard]] bool require_level(Session& session, Aal least)
{
    return level(session) >= std::optional{least};
}

} // namespace cloakroom::inline v0::auth

#endif
