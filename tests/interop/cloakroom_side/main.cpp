// SPDX-License-Identifier: MIT
// The half of a site that is C++, beside the half that is Django: interop_server SITE-FILE
#include "engines.hpp"
#include "site_file.hpp"
#include "views.hpp"

#include "examples/options.hpp"
#include "examples/serve.hpp"

#include <cloakroom.hpp>
#include <cloakroom/http/httplib.hpp>

#include <exception>
#include <httplib.h>
#include <iostream>
#include <string>

namespace {

using namespace interop;

template <class Engine>
int serve(SiteFile const& site)
{
    using Session = typename Engine::Session;
    typename Session::Backend sessions{Engine::open(site), {}, Engine::signer(site)};
    typename Engine::Users users{site.database};
    cr::auth::Passwords const passwords{cr::auth::Pbkdf2Sha256{.iterations = site.iterations}};
    cr::auth::Backend accounts{
        sessions, users, Engine::revocation, site.key(), {.fallback_keys = site.fallbacks()}, passwords};

    httplib::Server server;
    cr::http::Httplib<Session> const with_session{sessions};
    for (auto const& [name, view] : make_views<Session>(sessions, accounts))
        server.Post("/" + name + "/",
                    with_session([view = view](httplib::Request const& request, httplib::Response& response,
                                               Session& session) {
                        auto const answer = view(session, read_dict(request.body));
                        response.set_content(cr::serializer::Json{}.dump(answer), "application/json");
                    }));
    return examples::serve(server, {.about = {}, .database = {}, .port = 0}, "/");
}

} // namespace

int main(int argc, char** argv)
try {
    if (argc != 2) {
        std::cerr << "Usage: interop_server SITE-FILE\n";
        return 2;
    }
    auto const site = read_site_file(argv[1]);
    return with_engine(site, [&](auto engine) { return serve<decltype(engine)>(site); });
} catch (std::exception const& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
