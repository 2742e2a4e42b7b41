// SPDX-License-Identifier: MIT
#ifndef EXAMPLES_LOGIN_VIEWS_HPP
#define EXAMPLES_LOGIN_VIEWS_HPP

// The pages, each a function.

#include "forms.hpp"
#include "site.hpp"

#include <cloakroom.hpp>

#include <algorithm>
#include <string>
#include <string_view>

namespace login {

// ---- what the forms ask for ----

/// What is wrong with the name of a new user, as a sentence; empty when nothing is. Django allows the letters
/// of all alphabets and brings each name into one form first; here are those that need no such thing.
inline std::string name_problem(std::string_view name)
{
    auto const is_good = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view{"@.+-_"}.find(c) != std::string_view::npos;
    };
    if (name.empty() || name.size() > 150 || !std::all_of(name.begin(), name.end(), is_good))
        return "A name has 1 to 150 of the letters a to z, digits and @ . + - _";
    return {};
}

inline std::string password_problem(std::string_view password, std::string_view name)
{
    if (password.size() < 8)
        return "A password has 8 characters or more.";
    if (password.size() > auth::max_password_size)
        return "This password is too long.";
    if (password == name)
        return "The password must not be the name.";
    return {};
}

inline Field name_field(std::string const& value, std::string const& error = "")
{
    return {.name = "username", .label = "Name", .autocomplete = "username", .value = value, .error = error};
}
inline Field password_field(std::string const& name, std::string const& label,
                            std::string const& autocomplete, std::string const& error = "")
{
    return {.name = name,
            .label = label,
            .autocomplete = autocomplete,
            .type = "password",
            .hint = autocomplete == "new-password" ? "8 characters or more" : "",
            .error = error};
}

inline std::string remember_box()
{
    return "<div class=\"choice\"><input type=\"checkbox\" id=\"remember\" name=\"remember\" value=\"yes\">"
           "<label for=\"remember\">Remember me on this device</label></div>";
}
/// How long a session lives, as the box says: two weeks, or until the browser is closed.
inline cr::Expiry wanted_expiry(Visit const& visit)
{
    if (visit.field("remember") == "yes")
        return cr::global_policy;
    return cr::browser_close;
}

// ---- for everybody ----

/// Django's view sets the test cookie each time, and so writes the session each time. Here who keeps cookies
/// costs one row, once; who keeps none costs one with each look, until clearsessions.
inline void show_login_form(Visit& visit, std::string const& error = "")
{
    if (!visit.session.test_cookie_worked())
        visit.session.set_test_cookie();
    visit.show("Log in", html_of({.fields = {name_field(visit.field("username")),
                                             password_field("password", "Password", "current-password")},
                                  .button = "Log in",
                                  .error = error,
                                  .more = remember_box()},
                                 visit.csrf.hidden_field()));
}

// [log_in]
inline void log_in(Visit& visit)
{
    if (!visit.is_post())
        return visit.user() ? visit.go_to("/") : show_login_form(visit);
    if (!visit.session.test_cookie_worked())
        return show_login_form(visit, "Please enable cookies and try again.");
    auto const user = visit.site.accounts.authenticate(visit.field("username"), visit.field("password"));
    if (!user)
        return show_login_form(visit, "Your username and password didn't match.");
    visit.session.delete_test_cookie();
    visit.log_in(*user, wanted_expiry(visit));
    visit.messages.success("Welcome back, " + user->username + ".");
    visit.go_to("/");
}

inline void log_out(Visit& visit)
{
    visit.site.accounts.logout(visit.session);
    visit.messages.success("You are logged out.");
    visit.go_to("/login/");
}
// [/log_in]

inline void show_signup_form(Visit& visit, std::string const& name_error = "",
                             std::string const& password_error = "")
{
    visit.show("Sign up",
               html_of({.fields = {name_field(visit.field("username"), name_error),
                                   password_field("password", "Password", "new-password", password_error)},
                        .button = "Sign up",
                        .more = remember_box()},
                       visit.csrf.hidden_field()));
}

inline void sign_up(Visit& visit)
{
    if (!visit.is_post())
        return visit.user() ? visit.go_to("/") : show_signup_form(visit);
    auto const name = visit.field("username");
    auto const password = visit.field("password");
    auto const name_error = name_problem(name);
    auto const password_error = password_problem(password, name);
    if (!name_error.empty() || !password_error.empty())
        return show_signup_form(visit, name_error, password_error);
    auto const user = visit.site.users.create(
        {.username = name, .password = visit.site.accounts.passwords().make_password(password)});
    if (!user)
        return show_signup_form(visit, "This name is taken. Choose another one.");
    visit.log_in(*user, wanted_expiry(visit));
    visit.messages.success("Welcome, " + user->username + ".");
    visit.go_to("/");
}

// ---- for those who are logged in ----

inline void dashboard(Visit& visit, User const& user)
{
    visit.session["visit"] += 1;
    visit.show("Dashboard",
               "<dl><dt>Name</dt><dd>" + examples::escape(user.username) + "</dd><dt>Visits</dt><dd>" +
                   std::to_string(visit.session["visit"].as<int>()) + "</dd><dt>Member since</dt><dd>" +
                   html_of_time(user.date_joined) + "</dd></dl>");
}

inline std::string item_of(auth::Device const& device, std::string const& token)
{
    auto const name = examples::escape(device_name(device.user_agent));
    std::string html = "<li><h2>" + name + (device.is_this ? " <strong>this one</strong>" : "") +
                       "</h2><dl><dt>Logged in</dt><dd>" + html_of_time(device.created) +
                       "</dd><dt>Last seen</dt><dd>" + html_of_time(device.seen) +
                       "</dd></dl><p class=\"hint\">" + examples::escape(device.user_agent) + "</p>";
    if (!device.is_this)
        html += "<form method=\"post\" action=\"/devices/end/\">" + token +
                "<input type=\"hidden\" name=\"device\" value=\"" + examples::escape(device.handle) +
                "\"><button class=\"minor\" aria-label=\"Log out " + name + "\">Log out</button></form>";
    return html + "</li>";
}

// [devices]
inline void devices(Visit& visit, User const& user)
{
    auto const token = visit.csrf.hidden_field();
    std::string list;
    for (auto const& device : visit.site.accounts.sessions(user, visit.session))
        list += item_of(device, token);
    visit.show("Your devices", "<ul class=\"devices\">" + list +
                                   "</ul><form method=\"post\" action=\"/devices/end-others/\">" + token +
                                   "<button>Log out everywhere else</button></form>");
}

inline void end_device(Visit& visit, User const& user)
{
    if (visit.site.accounts.end(user, visit.field("device")))
        visit.messages.success("The device is logged out.");
    else
        visit.messages.info("That device was not logged in any more.");
    visit.go_to("/devices/");
}

inline void end_other_devices(Visit& visit, User const&)
{
    if (visit.site.accounts.end_others(visit.session))
        visit.messages.success("You are logged out everywhere else.");
    visit.go_to("/devices/");
}
// [/devices]

inline void show_password_form(Visit& visit, User const& user, std::string const& old_error = "",
                               std::string const& new_error = "")
{
    // Hidden, for password managers, which want to know whose password they keep.
    auto const name = "<input type=\"hidden\" name=\"username\" autocomplete=\"username\" value=\"" +
                      examples::escape(user.username) + "\">";
    visit.show(
        "Change your password",
        "<p>Wherever else you are logged in, you will have to log in again.</p>" +
            html_of(
                {.fields = {password_field("old_password", "Current password", "current-password", old_error),
                            password_field("new_password", "New password", "new-password", new_error)},
                 .button = "Change the password",
                 .more = name},
                visit.csrf.hidden_field()));
}

inline void change_password(Visit& visit, User const& user)
{
    if (!visit.is_post())
        return show_password_form(visit, user);
    auto const new_password = visit.field("new_password");
    if (auto const problem = password_problem(new_password, user.username); !problem.empty())
        return show_password_form(visit, user, "", problem);
    auto& accounts = visit.site.accounts;
    auto current = accounts.authenticate(user.username, visit.field("old_password"));
    if (!current || !accounts.change_password(visit.session, *current, new_password))
        return show_password_form(visit, user, "This is not your current password.");
    visit.messages.success("Your password is changed. You are logged out everywhere else.");
    visit.go_to("/");
}

} // namespace login

#endif
