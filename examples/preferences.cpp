// SPDX-License-Identifier: MIT
// What a visitor prefers, as one struct: http://127.0.0.1:8000/preferences?language=fr&dark=yes&city=Ulm
#include "options.hpp"
#include "page.hpp"
#include "serve.hpp"

#include <cloakroom.hpp>
#include <cloakroom/http/httplib.hpp>
#include <cloakroom/storage/sqlite.hpp>

#include <exception>
#include <iostream>
#include <string>

// [structs]
struct Address {
    BOOST_HANA_DEFINE_STRUCT(Address, (std::string, city), (std::string, street));
};

struct Preferences {
    std::string language = "en";
    bool dark = false;
    Address address;
};
BOOST_HANA_ADAPT_STRUCT(Preferences, language, dark, address);
// [/structs]

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Sqlite, cr::serializer::Json, cr::signer::Hmac>;

namespace {

void take(httplib::Request const& request, char const* name, std::string& text)
{
    if (request.has_param(name))
        text = request.get_param_value(name);
}

void show(httplib::Response& response, Preferences const& wanted)
{
    auto const row = [](std::string const& name, std::string const& value) {
        return "<dt>" + name + "</dt><dd>" + examples::escape(value) + "</dd>";
    };
    response.set_content(examples::page("Preferences", "<dl>" + row("Language", wanted.language) +
                                                           row("Dark", wanted.dark ? "yes" : "no") +
                                                           row("City", wanted.address.city) +
                                                           row("Street", wanted.address.street) + "</dl>"),
                         examples::html);
}

// [handler]
void preferences(httplib::Request const& request, httplib::Response& response, Session& session)
try {
    auto wanted = session.as<Preferences>();
    take(request, "language", wanted.language);
    take(request, "city", wanted.address.city);
    take(request, "street", wanted.address.street);
    if (request.has_param("dark"))
        wanted.dark = request.get_param_value("dark") == "yes";
    session.assign(wanted); // saves what differs, down to the street alone, or nothing
    show(response, wanted);
} catch (cr::TypeError const& error) { // what came is not UTF-8, or another program stored another type
    response.status = 400;
    response.set_content(examples::page("Bad request", examples::escape(error.what())), examples::html);
}
// [/handler]

} // namespace

int main(int argc, char** argv)
try {
    auto const options = examples::parse_options(
        argc, argv, {.about = "Keeps what each browser prefers.", .database = "preferences.sqlite3"});

    auto const key = cr::Secret::load_or_create(options.database + ".key");
    cr::Settings const settings;
    examples::print_checks(options, cr::check(settings, key));
    Session::Backend backend{cr::storage::Sqlite{options.database}, {}, cr::signer::Hmac{key}, settings};
    backend.storage().migrate();

    httplib::Server server;
    cr::http::Httplib<Session> const with_session{backend};
    server.Get("/preferences", with_session(preferences));
    return examples::serve(server, options, "/preferences");
} catch (std::exception const& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
