// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_DESCRIBE_HPP
#define CLOAKROOM_AUTH_DESCRIBE_HPP

#include <cloakroom/auth/auth_settings.hpp>
#include <cloakroom/auth/backend.hpp>
#include <cloakroom/auth/logins.hpp>
#include <cloakroom/auth/revocation.hpp>
#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/policy_name.hpp>
#include <cloakroom/http/describe.hpp>

#include <chrono>
#include <concepts>
#include <string>

namespace cloakroom::inline v0 {

namespace describe_detail {

/// How log-ins end, where `lists` says whether they are listed.
template <class Session, class Revocation>
std::string end_of_log_ins(bool lists)
{
    if constexpr (std::same_as<Revocation, auth::NoRevocation>)
        return "with a log-out, or all of a user with a new password: nothing else ends them";
    else if constexpr (std::same_as<Revocation, auth::AcceptReplay>)
        return "all of a user with a new password: a log-out ends no copy of the cookie";
    else if (lists)
        return "with a log-out, one by one, all others or all of a user, or of all users";
    else if (auth::is_kept_by_browser<Session>)
        return "all of a user at once, also with a log-out, or of all users";
    else
        return "with a log-out, all of a user at once, or of all users";
}

inline std::string limit_of_sessions(auth::AuthSettings const& settings)
{
    if (settings.max_sessions == 0)
        return "no limit: a user may have any number of sessions";
    return std::to_string(settings.max_sessions) + (settings.max_sessions == 1 ? " session" : " sessions") +
           " of a user: one more " +
           (settings.at_limit == auth::AtLimit::deny ? "is refused" : "ends the one used least recently");
}

} // namespace describe_detail

/// describe() of the sessions, and how long and how often their users are logged in (R19).
template <class Session, class Users, class Revocation, class Hashers>
std::string describe(auth::Backend<Session, Users, Revocation, Hashers> const& accounts)
{
    using namespace describe_detail;
    using Logins = auth::Logins<Revocation>;
    auto const& settings = accounts.settings();
    auto const lists = Logins::can_list && settings.list_devices;
    auto& sessions = accounts.session_backend();
    auto facts = describe_detail::facts(sessions);
    facts.can_be_ended = Logins::can_end;

    Page log_ins;
    log_ins.section("Log-ins");
    log_ins.line("users", policy_name<Users>());
    log_ins.line("revocation", policy_name<Revocation>());
    log_ins.line("end", end_of_log_ins<Session, Revocation>(lists));
    log_ins.line("at most", limit_of_sessions(settings));
    if (lists)
        log_ins.line("seen", settings.seen_interval == Duration::zero()
                                 ? "noted with each request"
                                 : "noted once in " + length(std::chrono::ceil<std::chrono::milliseconds>(
                                                          settings.seen_interval)));
    if (!auth::is_kept_by_browser<Session>)
        log_ins.line("key", settings.cycle_key_at_each_login
                                ? "new with each log-in"
                                : "new with each log-in, but for who is logged in already at that level");
    return page(facts, sessions.settings(), sessions.now()) + "\n" + log_ins.take();
}

} // namespace cloakroom::inline v0

#endif
