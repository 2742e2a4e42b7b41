// SPDX-License-Identifier: MIT
// A C++ service beside a Django site: it greets who is logged in there, counts in the same session, and logs
// out on both. Started together with the site by the script `start`.
#include "../options.hpp"
#include "../page.hpp"
#include "../serve.hpp"

#include <cloakroom.hpp>
#include <cloakroom/auth/httplib.hpp>
#include <cloakroom/auth/sqlite_users.hpp>
#include <cloakroom/http/httplib.hpp>
#include <cloakroom/storage/sqlite.hpp>

#include <cstdlib>
#include <exception>
#include <httplib.h>
#include <iostream>
#include <string>
#include <string_view>

// [service]
namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Sqlite, cr::serializer::Json, cr::signer::Hmac>;

/// What Django's settings say, in C++. The tables are Django's: `manage.py migrate` makes them.
struct Site {
    Site(std::string const& database, cr::Secret const& secret_key)
        : backend{cr::storage::Sqlite{database}, {}, cr::signer::Hmac{secret_key}, cr::Settings{}},
          users{database},
          accounts{backend, users, cr::auth::no_revocation, secret_key}
    {
    }

    Session::Backend backend;
    cr::auth::SqliteUsers users; // the table auth_user
    cr::auth::Backend<Session, cr::auth::SqliteUsers> accounts;
    cr::auth::CsrfProtection csrf;
};
// [/service]

namespace {

bool is_name_of_this_site(httplib::Request const& request)
{
    auto const host = request.get_header_value("Host");
    return host.substr(0, host.rfind(':')) == "127.0.0.1";
}

// [home]
std::string greeting(Site& site, Session& session)
{
    session["visit"] += 1;
    auto const user = site.accounts.get_user(session);
    return "<p>Hello, " + examples::escape(user ? user->username : "stranger") +
           ". Visits in this session: " + std::to_string(session["visit"].as<int>()) + ".</p>";
}
// [/home]

} // namespace

int main(int argc, char** argv)
try {
    auto const options = examples::parse_options(
        argc, argv,
        {.about = "Shares sessions and users with a Django site.", .database = "site.sqlite3", .port = 8001});
    char const* const address = std::getenv("SITE_DJANGO"); // NOLINT(concurrency-mt-unsafe): one thread
    std::string const django = address != nullptr ? address : "http://127.0.0.1:8000/";

    auto const key = cr::Secret::load_or_create(options.database + ".key");
    Site site{options.database, key};
    examples::print_checks(options, cr::check(cr::Settings{}, site.csrf.settings(), key));

    httplib::Server server;
    server.set_pre_routing_handler([](httplib::Request const& request, httplib::Response& response) {
        if (is_name_of_this_site(request))
            return httplib::Server::HandlerResponse::Unhandled;
        response.status = 400;
        return httplib::Server::HandlerResponse::Handled;
    });
    cr::http::Httplib<Session> const with_session{site.backend};
    server.Get(
        "/",
        with_session([&](httplib::Request const& request, httplib::Response& response, Session& session) {
            auto csrf = cr::auth::open_csrf(site.csrf, request, session);
            auto body = "<h1>C++</h1>" + greeting(site, session);
            if (site.accounts.get_user(session))
                body += "<form method=\"post\" action=\"/logout/\">" + csrf.hidden_field() +
                        "<p><button>Log out</button></p></form>";
            else
                body += "<p><a href=\"" + examples::escape(django) + "login/\">Log in</a></p>";
            body += "<p><a href=\"" + examples::escape(django) + "\">The same session in Django</a></p>";
            response.set_content(examples::page("C++", body), examples::html);
            cr::auth::add_headers(csrf.close(), response);
        }));
    // [logout]
    server.Post("/logout/", with_session([&](httplib::Request const& request, httplib::Response& response,
                                             Session& session) {
                    auto csrf = cr::auth::open_csrf(site.csrf, request, session);
                    if (csrf.check(request.get_param_value("csrfmiddlewaretoken"))) {
                        response.status = 403;
                        return;
                    }
                    site.accounts.logout(session);
                    response.set_redirect("/", 303);
                }));
    // [/logout]
    return examples::serve(server, options, "/");
} catch (std::exception const& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
