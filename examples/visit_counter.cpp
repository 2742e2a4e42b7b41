// SPDX-License-Identifier: MIT
// Counts the visits of each browser, in the SQLite table that Django uses. Try http://127.0.0.1:8000/visit/
#include "options.hpp"
#include "page.hpp"
#include "serve.hpp"

#include <cloakroom.hpp>
#include <cloakroom/http/httplib.hpp>
#include <cloakroom/storage/sqlite.hpp>

#include <exception>
#include <iostream>
#include <string>

// [visit_counter]
namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Sqlite, cr::serializer::Json, cr::signer::Hmac>;

void visit(httplib::Request const&, httplib::Response& response, Session& session)
{
    session["visit"] += 1;
    auto const count = std::to_string(session["visit"].as<int>());
    auto const body = "<h1>Visit count: " + count + "</h1><p><a href=\"/visit/\">Visit again</a></p>";
    response.set_content(examples::page("Visit counter", body), examples::html);
}

int main(int argc, char** argv)
try {
    auto const options = examples::parse_options(
        argc, argv, {.about = "Counts the visits of each browser.", .database = "visits.sqlite3"});

    auto const key = cr::Secret::load_or_create(options.database + ".key");
    cr::Settings const settings;
    examples::print_checks(options, cr::check(settings, key));
    Session::Backend backend{cr::storage::Sqlite{options.database}, {}, cr::signer::Hmac{key}, settings};
    backend.storage().migrate();

    httplib::Server server;
    cr::http::Httplib<Session> const with_session{backend};
    server.Get("/visit/", with_session(visit));
    return examples::serve(server, options, "/visit/");
} catch (std::exception const& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
// [/visit_counter]
