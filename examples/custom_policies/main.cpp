// SPDX-License-Identifier: MIT
// The visit counter once more, with three policies of its own: sessions lie in an LMDB file, as MessagePack,
// under a signature of BLAKE2. The handler is that of any other session.
#include "blake2.hpp"
#include "lmdb.hpp"
#include "message_pack.hpp"

#include "../options.hpp"
#include "../page.hpp"
#include "../serve.hpp"

#include <cloakroom.hpp>
#include <cloakroom/http/httplib.hpp>

#include <exception>
#include <iostream>
#include <string>

namespace cr = cloakroom;
using Session = cr::Session<custom_policies::Lmdb, custom_policies::MessagePack, custom_policies::Blake2>;

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
        argc, argv,
        {.about = "Counts the visits of each browser, in policies of its own.", .database = "visits.lmdb"});

    auto const key = cr::Secret::load_or_create(options.database + ".key");
    cr::Settings const settings;
    examples::print_checks(options, cr::check(settings, key));
    Session::Backend backend{
        custom_policies::Lmdb{options.database}, {}, custom_policies::Blake2{key}, settings};

    httplib::Server server;
    cr::http::Httplib<Session> const with_session{backend};
    server.Get("/visit/", with_session(visit));
    return examples::serve(server, options, "/visit/");
} catch (std::exception const& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
