// SPDX-License-Identifier: MIT
// The visit counter as a CGI program, which a web server starts for each request. The database is the file
// that the environment variable VISITS_DATABASE names, or visits.sqlite3.
#include "page.hpp"

#include <cloakroom.hpp>
#include <cloakroom/storage/sqlite.hpp>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>

#include <unistd.h>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Sqlite, cr::serializer::Json, cr::signer::Hmac>;

void visit(cr::http::CgiRequest const&, cr::http::CgiResponse& response, Session& session)
{
    session["visit"] += 1;
    auto const count = std::to_string(session["visit"].as<int>());
    auto const body = "<h1>Visit count: " + count + "</h1><p><a href=\"\">Visit again</a></p>";
    response.set_content(examples::page("Visit counter", body), examples::html);
}

int main()
try {
    auto const* const name = std::getenv("VISITS_DATABASE"); // NOLINT(concurrency-mt-unsafe): one thread
    std::string const database = name != nullptr ? name : "visits.sqlite3";

    auto const key = cr::Secret::load_or_create(database + ".key");
    Session::Backend backend{cr::storage::Sqlite{database}, {}, cr::signer::Hmac{key}, cr::Settings{}};
    backend.storage().migrate();

    cr::http::Cgi<Session> const with_session{backend};
    with_session({environ, std::cin}, std::cout, visit);
    return 0;
} catch (std::exception const& error) {
    std::cerr << error.what() << '\n'; // goes to the web server's log
    return 1;
}
