// SPDX-License-Identifier: MIT
// The visit counter as a FastCGI program, which a web server asks at 127.0.0.1:8000.
#include "options.hpp"
#include "page.hpp"
#include "serve_fastcgi.hpp"

#include <cloakroom.hpp>
#include <cloakroom/http/fastcgi.hpp>
#include <cloakroom/storage/sqlite.hpp>

#include <exception>
#include <iostream>
#include <string>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Sqlite, cr::serializer::Json, cr::signer::Hmac>;

void visit(cr::http::CgiRequest const&, cr::http::CgiResponse& response, Session& session)
{
    session["visit"] += 1;
    auto const count = std::to_string(session["visit"].as<int>());
    auto const body = "<h1>Visit count: " + count + "</h1><p><a href=\"\">Visit again</a></p>";
    response.set_content(examples::page("Visit counter", body), examples::html);
}

int main(int argc, char** argv)
try {
    auto const options = examples::parse_options(
        argc, argv,
        {.about = "Counts the visits of each browser for a web server that asks by FastCGI.",
         .database = "visits.sqlite3"});

    auto const key = cr::Secret::load_or_create(options.database + ".key");
    cr::Settings const settings;
    examples::print_checks(options, cr::check(settings, key));
    Session::Backend backend{cr::storage::Sqlite{options.database}, {}, cr::signer::Hmac{key}, settings};
    backend.storage().migrate();

    cr::http::FastCgi<Session> const with_session{backend};
    return examples::serve_fastcgi(options, [&](FCGX_Request& request) { with_session(request, visit); });
} catch (std::exception const& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
