// SPDX-License-Identifier: MIT
// The visit counter on Boost.Beast, a thread for each connection. Try http://127.0.0.1:8000/visit/
#include "beast.hpp"
#include "options.hpp"
#include "serve_beast.hpp"

#include <cloakroom.hpp>
#include <cloakroom/http/beast.hpp>
#include <cloakroom/storage/sqlite.hpp>

#include <exception>
#include <iostream>
#include <string>

namespace cr = cloakroom;
namespace http = boost::beast::http;
using examples::Request;
using examples::Response;
using Session = cr::Session<cr::storage::Sqlite, cr::serializer::Json, cr::signer::Hmac>;

void visit(Request const&, Response& response, Session& session)
{
    session["visit"] += 1;
    auto const count = std::to_string(session["visit"].as<int>());
    examples::set_page(response, "Visit counter",
                       "<h1>Visit count: " + count + "</h1><p><a href=\"/visit/\">Visit again</a></p>");
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

    cr::http::Beast<Session> const with_session{backend};
    return examples::serve(options, "/visit/", [&](Request const& request, Response& response) {
        if (request.target() == "/visit/")
            with_session(request, response, visit);
        else
            response.result(http::status::not_found);
    });
} catch (std::exception const& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
