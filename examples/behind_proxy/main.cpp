// SPDX-License-Identifier: MIT
// The visit counter as it runs behind a proxy with TLS: strict settings, any number of processes, keys that
// can be changed, and a page for whoever watches it. Browsers keep its cookie over HTTPS alone.
#include "../options.hpp"
#include "../page.hpp"
#include "../serve.hpp"
#include "keys.hpp"
#include "watch.hpp"

#include <cloakroom.hpp>
#include <cloakroom/http/httplib.hpp>
#include <cloakroom/storage/sqlite.hpp>

#include <exception>
#include <iostream>
#include <string>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Sqlite, cr::serializer::Json, cr::signer::Hmac>;

namespace {

void visit(httplib::Request const&, httplib::Response& response, Session& session)
{
    session["visit"] += 1;
    auto const count = std::to_string(session["visit"].as<int>());
    response.set_content(examples::page("Visit counter", "<h1>Visit count: " + count + "</h1>"),
                         examples::html);
}

// [health]
/// Asks the store for a session that nobody has, so that a proxy or an alarm notices when it is down.
void health(httplib::Response& response, Session::Backend& backend, behind_proxy::Watch const& watch)
try {
    backend.storage().load(cr::SessionKey::generate(), backend.now());
    response.set_content(watch.text(), "text/plain; charset=utf-8");
} catch (cr::StorageError const& error) {
    std::cerr << "/health: " << error.what() << std::endl;
    response.status = 503;
}
// [/health]

} // namespace

int main(int argc, char** argv)
try {
    auto const options = examples::parse_options(
        argc, argv,
        {.about = "Counts the visits of each browser, behind a proxy.", .database = "visits.sqlite3"});

    // [backend]
    auto const key = cr::Secret::load_or_create(options.database + ".key");
    auto const others = behind_proxy::other_keys(options.database + ".other_keys");
    Session::Backend backend{cr::storage::Sqlite{options.database},
                             {},
                             cr::signer::Hmac{key, {.fallback_keys = others}},
                             cr::strict_settings};
    backend.storage().migrate();

    behind_proxy::Watch watch;
    backend.on_event([&](cr::Event const& event) { watch.note(event); });
    std::cerr << cr::describe(backend);
    // [/backend]

    httplib::Server server;
    cr::http::Httplib<Session> const with_session{backend};
    server.Get("/visit/", with_session(visit));
    server.Get("/health", [&](auto const&, auto& response) { health(response, backend, watch); });
    return examples::serve(server, options, "/visit/");
} catch (std::exception const& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
