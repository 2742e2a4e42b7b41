// SPDX-License-Identifier: MIT
// The pair of pages that tutorials on sessions begin with: one writes items, the other reads them.
#include "options.hpp"
#include "page.hpp"
#include "serve.hpp"

#include <cloakroom.hpp>
#include <cloakroom/http/httplib.hpp>
#include <cloakroom/storage/sqlite.hpp>

#include <exception>
#include <iostream>
#include <string>

// [session]
namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Sqlite, cr::serializer::Json, cr::signer::Hmac>;
// [/session]

namespace {

std::string parameter(httplib::Request const& request, char const* name, char const* fallback)
{
    return request.has_param(name) ? request.get_param_value(name) : fallback;
}

void show(httplib::Response& response, std::string const& heading, std::string const& body)
{
    response.set_content(examples::page(heading, "<h1>" + heading + "</h1>\n" + body + R"(
<nav>
<a href="/setsession">set</a>
<a href="/getsession">get</a>
<a href="/delsession">delete the e-mail</a>
<a href="/flush">flush</a>
</nav>)"),
                         examples::html);
}

// [set]
void set_session(httplib::Request const& request, httplib::Response& response, Session& session)
try {
    session.update({{"name", parameter(request, "name", "Visitor")},
                    {"email", parameter(request, "email", "visitor@example.org")}});
    show(response, "Session is set", "<p>Name and e-mail are kept for this browser.</p>");
} catch (cr::TypeError const&) { // what came is not UTF-8, and nothing was set
    response.status = 400;
    show(response, "That is no text", "<p>Name and e-mail have to be UTF-8.</p>");
}
// [/set]

// [get]
void get_session(httplib::Request const&, httplib::Response& response, Session& session)
{
    auto const name = examples::escape(session.get("name", "nobody"));
    auto const email = examples::escape(session.get("email", "none"));
    show(response, "Session items",
         "<dl><dt>Name</dt><dd>" + name + "</dd><dt>E-mail</dt><dd>" + email + "</dd></dl>");
}
// [/get]

// [delete]
void delete_item(httplib::Request const&, httplib::Response& response, Session& session)
{
    auto const was_there = session.erase("email");
    show(response, was_there ? "E-mail deleted" : "No e-mail to delete", "<p>The name stays as it is.</p>");
}

void flush(httplib::Request const&, httplib::Response& response, Session& session)
{
    session.flush();
    show(response, "Session is flushed", "<p>Record and cookie are gone.</p>");
}
// [/delete]

} // namespace

int main(int argc, char** argv)
try {
    auto const options = examples::parse_options(
        argc, argv,
        {.about = "Sets, gets, deletes and flushes items of a session.", .database = "set_get.sqlite3"});

    // [server]
    auto const key = cr::Secret::load_or_create(options.database + ".key");
    cr::Settings const settings;
    examples::print_checks(options, cr::check(settings, key));
    Session::Backend backend{cr::storage::Sqlite{options.database}, {}, cr::signer::Hmac{key}, settings};
    backend.storage().migrate();

    httplib::Server server;
    cr::http::Httplib<Session> const with_session{backend};
    server.Get("/setsession", with_session(set_session));
    server.Get("/getsession", with_session(get_session));
    server.Get("/delsession", with_session(delete_item));
    server.Get("/flush", with_session(flush));
    // [/server]
    return examples::serve(server, options, "/getsession");
} catch (std::exception const& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
