// SPDX-License-Identifier: MIT
// The visit counter on Drogon. Try http://127.0.0.1:8000/visit/
#include "options.hpp"
#include "page.hpp"
#include "serve_drogon.hpp"

#include <cloakroom.hpp>
#include <cloakroom/http/drogon.hpp>
#include <cloakroom/storage/sqlite.hpp>

#include <exception>
#include <iostream>
#include <string>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Sqlite, cr::serializer::Json, cr::signer::Hmac>;

drogon::HttpResponsePtr visit(drogon::HttpRequestPtr const&, Session& session)
{
    session["visit"] += 1;
    auto const count = std::to_string(session["visit"].as<int>());
    auto response = drogon::HttpResponse::newHttpResponse();
    response->setBody(examples::page("Visit counter", "<h1>Visit count: " + count +
                                                          "</h1><p><a href=\"/visit/\">Visit again</a></p>"));
    return response;
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

    boost::asio::thread_pool pool{4}; // where visit() runs
    cr::http::Drogon<Session> const with_session{backend, pool};
    auto& app = drogon::app();
    app.registerHandler("/visit/", with_session(visit), {drogon::Get});
    app.addListener("127.0.0.1", static_cast<unsigned short>(options.port));
    examples::announce("/visit/");
    app.run();
    pool.join();
    return 0;
} catch (std::exception const& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
