// SPDX-License-Identifier: MIT
#ifndef TESTS_INTEROP_CLOAKROOM_SIDE_VIEWS_HPP
#define TESTS_INTEROP_CLOAKROOM_SIDE_VIEWS_HPP

// The same views as in django_side/views.py, of the same names: each takes a JSON object and answers with
// one.

#include "site_file.hpp"

#include <cloakroom.hpp>
#include <cloakroom/session/iso_time.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace interop {

/// Lets the test do something on the other side at this point: tells by one file that it is reached, and goes
/// on when there is another.
inline void meet(cr::Dict const& body)
{
    auto const* const reached = body.find("reached");
    if (reached == nullptr)
        return;
    std::ofstream{reached->as<std::string>()} << "reached\n";
    auto const until = body.at("until").as<std::string>();
    auto const end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (!std::filesystem::exists(until)) {
        if (std::chrono::steady_clock::now() > end)
            throw std::runtime_error{"nobody made " + until};
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
}

inline cr::Expiry expiry_in(cr::Dict const& body)
{
    if (auto const* const seconds = body.find("seconds"))
        return std::chrono::seconds{seconds->as<std::int64_t>()};
    if (auto const* const moment = body.find("moment"))
        return cr::parse_iso_time(moment->as<std::string>()).value();
    if (body.contains("browser_close"))
        return cr::browser_close;
    return cr::global_policy;
}

/// Functions `Dict(Session&, Dict const& body)` by name. `accounts` outlives them.
template <class Session, class Accounts>
auto make_views(typename Session::Backend& sessions, Accounts& accounts)
{
    using cr::Dict;
    using View = std::function<Dict(Session&, Dict const&)>;
    auto const text = [](Dict const& body, char const* name) { return body.at(name).as<std::string>(); };
    auto const name_of = [](auto const& user) { return user ? cr::Value{user->username} : cr::Value{}; };

    std::map<std::string, View> views;
    views["nothing"] = [](Session&, Dict const&) { return Dict{}; };
    views["read"] = [](Session& session, Dict const& body) {
        Dict items = session.items();
        meet(body);
        return Dict{{"items", std::move(items)}};
    };
    views["set"] = [](Session& session, Dict const& body) {
        session.items();
        meet(body);
        for (auto const& [key, value] : body.at("items").as<Dict>())
            session[key] = value;
        return Dict{};
    };
    views["nest"] = [=](Session& session, Dict const& body) {
        session[text(body, "name")][text(body, "inner")] = body.at("value");
        return Dict{};
    };
    views["add"] = [=](Session& session, Dict const& body) {
        session.items();
        meet(body);
        session[text(body, "name")] += body.at("by").as<std::int64_t>();
        return Dict{};
    };
    views["delete"] = [=](Session& session, Dict const& body) {
        return Dict{{"was_there", session.erase(text(body, "name"))}};
    };
    views["clear"] = [](Session& session, Dict const&) {
        session.clear();
        return Dict{};
    };
    views["cycle_key"] = [](Session& session, Dict const&) {
        session.cycle_key();
        return Dict{};
    };
    views["flush"] = [](Session& session, Dict const&) {
        session.flush();
        return Dict{};
    };
    views["set_expiry"] = [](Session& session, Dict const& body) {
        session.set_expiry(expiry_in(body));
        return Dict{};
    };
    views["expiry"] = [](Session& session, Dict const&) {
        auto const age = std::chrono::floor<std::chrono::seconds>(session.get_expiry_age());
        return Dict{{"age", age.count()}, {"browser_close", session.get_expire_at_browser_close()}};
    };
    views["clear_expired"] = [&sessions](Session&, Dict const&) {
        return Dict{{"removed", sessions.clear_expired()}};
    };
    views["login"] = [=, &accounts](Session& session, Dict const& body) {
        auto const user = accounts.authenticate(text(body, "name"), text(body, "password"));
        if (user)
            accounts.login(session, *user);
        return Dict{{"user", name_of(user)}};
    };
    views["logout"] = [&accounts](Session& session, Dict const&) {
        accounts.logout(session);
        return Dict{};
    };
    views["whoami"] = [=, &accounts](Session& session, Dict const&) {
        return Dict{{"user", name_of(accounts.get_user(session))}};
    };
    views["set_password"] = [=, &accounts](Session& session, Dict const& body) {
        auto user = accounts.get_user(session);
        auto const is_done = user && accounts.set_password(*user, text(body, "password"));
        if (is_done)
            accounts.update_session_auth_hash(session, *user);
        return Dict{{"user", name_of(user)}};
    };
    return views;
}

} // namespace interop

#endif
