// SPDX-License-Identifier: MIT
// The visit counter on Crow. Try http://127.0.0.1:8000/visit/
#include "options.hpp"
#include "page.hpp"

#include <cloakroom.hpp>
#include <cloakroom/http/crow.hpp>
#include <cloakroom/storage/sqlite.hpp>

#include <cstdint>
#include <exception>
#include <iostream>
#include <string>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Sqlite, cr::serializer::Json, cr::signer::Hmac>;
using Sessions = cr::http::Crow<Session>;

crow::response visit(Session& session)
{
    session["visit"] += 1;
    auto const count = std::to_string(session["visit"].as<int>());
    auto const body = "<h1>Visit count: " + count + "</h1><p><a href=\"/visit/\">Visit again</a></p>";
    return {examples::html, examples::page("Visit counter", body)};
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

    crow::App<Sessions> app{Sessions{backend}};
    CROW_ROUTE(app, "/visit/")(
        [&app](crow::request const& request) { return visit(app.get_context<Sessions>(request).session()); });
    app.exception_handler(Sessions::answer_exception);
    app.loglevel(crow::LogLevel::Warning);
    app.bindaddr("127.0.0.1").port(static_cast<std::uint16_t>(options.port)).multithreaded();
    auto running = app.run_async();
    app.wait_for_server_start();
    std::cout << "Listening on http://127.0.0.1:" << app.port() << "/visit/ (end with Ctrl+C)" << std::endl;
    running.get();
    return 0;
} catch (std::exception const& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
