// SPDX-License-Identifier: MIT
// A small site with users: sign up, log in, see where one is logged in, and end that. Try
// http://127.0.0.1:8000/
#include "../options.hpp"
#include "../serve.hpp"
#include "site.hpp"
#include "views.hpp"

#include <exception>
#include <httplib.h>
#include <iostream>
#include <string>
#include <string_view>

namespace {

/// Django's ALLOWED_HOSTS: another name in a request is one that somebody else has pointed at this machine.
bool is_name_of_this_site(std::string_view host)
{
    auto const name = host.substr(0, host.rfind(':'));
    return name == "127.0.0.1" || name == "localhost";
}

httplib::Server::HandlerResponse refuse_other_hosts(httplib::Request const& request,
                                                    httplib::Response& response)
{
    if (is_name_of_this_site(request.get_header_value("Host")))
        return httplib::Server::HandlerResponse::Unhandled;
    response.status = 400;
    response.set_content("Bad request: no site of this name is here.\n", "text/plain; charset=utf-8");
    return httplib::Server::HandlerResponse::Handled;
}

} // namespace

int main(int argc, char** argv)
try {
    auto const options = examples::parse_options(
        argc, argv, {.about = "A site where people log in.", .database = "site.sqlite3"});

    auto const key = cloakroom::Secret::load_or_create(options.database + ".key");
    cloakroom::Settings const settings;
    login::Site site{options.database, key, settings};
    examples::print_checks(options, cloakroom::check(settings, site.csrf.settings(), key));

    httplib::Server server;
    server.set_pre_routing_handler(refuse_other_hosts);
    login::Pages const page{site};
    server.Get("/", page(login::dashboard));
    server.Get("/signup/", page(login::sign_up)).Post("/signup/", page(login::sign_up));
    server.Get("/login/", page(login::log_in)).Post("/login/", page(login::log_in));
    server.Post("/logout/", page(login::log_out));
    server.Get("/devices/", page(login::devices));
    server.Post("/devices/end/", page(login::end_device));
    server.Post("/devices/end-others/", page(login::end_other_devices));
    server.Get("/password/", page(login::change_password)).Post("/password/", page(login::change_password));
    return examples::serve(server, options, "/");
} catch (std::exception const& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
