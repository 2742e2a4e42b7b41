// SPDX-License-Identifier: MIT
#ifndef EXAMPLES_LOGIN_FORMS_HPP
#define EXAMPLES_LOGIN_FORMS_HPP

// The HTML of forms and of what a device is called.

#include "../page.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace login {

/// An input element with its label. Texts are texts, not HTML.
struct Field {
    std::string name{};
    std::string label{};
    std::string autocomplete{}; ///< what browsers and password managers fill in
    std::string type = "text";
    std::string value{};
    std::string hint{};
    std::string error{};
};

inline std::string input(Field const& field, std::string_view form_error_id = "")
{
    using examples::escape;
    std::string described{form_error_id};
    auto const describe = [&](std::string const& id) { described += (described.empty() ? "" : " ") + id; };
    if (!field.hint.empty())
        describe(field.name + "-hint");
    if (!field.error.empty())
        describe(field.name + "-error");

    std::string html =
        "<div class=\"field\"><label for=\"" + field.name + "\">" + escape(field.label) + "</label>";
    if (!field.hint.empty())
        html += "<p class=\"hint\" id=\"" + field.name + "-hint\">" + escape(field.hint) + "</p>";
    if (!field.error.empty())
        html += "<p class=\"error\" id=\"" + field.name + "-error\">" + escape(field.error) + "</p>";
    html += "<input id=\"" + field.name + "\" name=\"" + field.name + "\" type=\"" + field.type +
            "\" autocomplete=\"" + field.autocomplete + "\" required";
    if (field.type != "password")
        html += " autocapitalize=\"none\" spellcheck=\"false\" maxlength=\"150\" value=\"" +
                escape(field.value) + "\"";
    if (!field.error.empty() || !form_error_id.empty())
        html += " aria-invalid=\"true\"";
    if (!described.empty())
        html += " aria-describedby=\"" + described + "\"";
    return html + "></div>";
}

/// A form that is posted to the page that it is on. `more` is HTML between its fields and its button.
struct Form {
    std::vector<Field> fields{};
    std::string button{};
    std::string error{}; ///< about all of the fields
    std::string more{};
};

inline std::string html_of(Form const& form, std::string const& token)
{
    std::string html = "<form method=\"post\">" + token;
    if (!form.error.empty())
        html +=
            "<p class=\"error\" id=\"form-error\" role=\"alert\">" + examples::escape(form.error) + "</p>";
    for (auto const& field : form.fields)
        html += input(field, form.error.empty() ? "" : "form-error");
    return html + form.more + "<button>" + examples::escape(form.button) + "</button></form>";
}

/// A moment as people and programs read it, in UTC.
template <class Moment>
std::string html_of_time(Moment moment)
{
    using namespace std::chrono;
    auto const minute = floor<minutes>(moment);
    auto const day = floor<days>(minute);
    year_month_day const date{day};
    hh_mm_ss const time{minute - day};
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02u %02d:%02d", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()));
    std::string const readable = text.data();
    auto machine = readable + "Z";
    machine[10] = 'T';
    return "<time datetime=\"" + machine + "\">" + readable + " UTC</time>";
}

/// The first of the names that the user agent mentions.
inline std::string first_named(std::string_view user_agent,
                               std::initializer_list<std::pair<std::string_view, std::string_view>> names,
                               std::string_view otherwise)
{
    for (auto const& [mark, name] : names)
        if (user_agent.find(mark) != std::string_view::npos)
            return std::string{name};
    return std::string{otherwise};
}

/// What a browser's user agent is to people, such as "Firefox on Linux". Whatever it says of itself is
/// believed.
inline std::string device_name(std::string_view user_agent)
{
    return first_named(user_agent,
                       {{"Edg", "Edge"},
                        {"OPR/", "Opera"},
                        {"Firefox/", "Firefox"},
                        {"FxiOS/", "Firefox"},
                        {"Chrome/", "Chrome"},
                        {"CriOS/", "Chrome"},
                        {"Safari/", "Safari"}},
                       "A browser") +
           " on " +
           first_named(user_agent,
                       {{"iPhone", "an iPhone"},
                        {"iPad", "an iPad"},
                        {"Android", "Android"},
                        {"Windows", "Windows"},
                        {"Mac OS X", "a Mac"},
                        {"CrOS", "ChromeOS"},
                        {"Linux", "Linux"}},
                       "an unknown device");
}

} // namespace login

#endif
