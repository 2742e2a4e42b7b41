// SPDX-License-Identifier: MIT
#ifndef EXAMPLES_LOGIN_SITE_HPP
#define EXAMPLES_LOGIN_SITE_HPP

// What the pages of the site share, and what each request of a page has.

#include "../page.hpp"

#include <cloakroom.hpp>
#include <cloakroom/auth/httplib.hpp>
#include <cloakroom/auth/sqlite_revocation.hpp>
#include <cloakroom/auth/sqlite_users.hpp>
#include <cloakroom/http/httplib.hpp>
#include <cloakroom/storage/sqlite.hpp>

#include <httplib.h>
#include <iostream>
#include <optional>
#include <string>
#include <type_traits>

namespace login {

// [site]
namespace cr = cloakroom;
namespace auth = cr::auth;
using Session = cr::Session<cr::storage::Sqlite, cr::serializer::Json, cr::signer::Hmac>;
using User = auth::User;

/// Sessions, users and log-ins in one database. Made once, for all threads.
struct Site {
    Site(std::string const& database, cr::Secret const& key, cr::Settings const& settings)
        : backend{cr::storage::Sqlite{database}, {}, cr::signer::Hmac{key}, settings},
          users{database},
          revocation{database},
          accounts{backend, users, revocation, key, {.max_sessions = 10}},
          csrf{{.csrf_cookie_secure = settings.cookie_secure, .csrf_cookie_httponly = true}},
          messages{key, settings}
    {
        backend.storage().migrate();
        users.migrate();
        revocation.migrate();
    }

    Session::Backend backend;
    auth::SqliteUsers users;
    auth::SqliteRevocation revocation;
    auth::Backend<Session, auth::SqliteUsers, auth::SqliteRevocation> accounts;
    auth::CsrfProtection csrf;
    auth::MessageCookie messages;
};
// [/site]

/// One request of a page.
class Visit {
public:
    Visit(Site& its_site, httplib::Request const& its_request, httplib::Response& its_response,
          Session& its_session)
        : site{its_site},
          request{its_request},
          response{its_response},
          session{its_session},
          csrf{auth::open_csrf(site.csrf, request, session)},
          messages{site.messages.open(cr::http::cookie_headers(request), session)}
    {
    }
    Visit(Visit const&) = delete;
    Visit& operator=(Visit const&) = delete;

    bool is_post() const { return request.method == "POST"; }
    /// A field of the form that was sent, empty if it has none.
    std::string field(char const* name) const { return request.get_param_value(name); }

    /// Who is logged in. Asked for once.
    std::optional<User> const& user()
    {
        if (!user_)
            user_ = site.accounts.get_user(session);
        return *user_;
    }
    /// For this browser, under a new key of the session and with a new secret for forms.
    void log_in(User const& user, cr::Expiry const& expiry)
    {
        auto const agent = request.get_header_value("User-Agent");
        if (site.accounts.login(session, user, {.user_agent = agent, .expiry = expiry, .csrf = &csrf}))
            user_ = user;
    }

    /// Answers with a page: its title, what it has to say since the last one, and `body`, which is HTML.
    void show(std::string const& title, std::string const& body);
    /// Answers that the browser should get another page.
    void go_to(std::string const& path) { response.set_redirect(path, 303); }

    /// Adds the headers of what was used. Before the session is saved.
    void close()
    {
        auth::add_headers(messages.close(), response);
        auth::add_headers(csrf.close(), response);
    }

    Site& site;
    httplib::Request const& request;
    httplib::Response& response;
    Session& session;

    auth::Csrf<Session> csrf;
    auth::Messages<auth::FallbackMessages<Session>> messages;

private:
    std::optional<std::optional<User>> user_;
};

inline void Visit::show(std::string const& title, std::string const& body)
{
    std::string const token = csrf.hidden_field();
    std::string content = "<header><nav aria-label=\"Site\">";
    if (user())
        content += "<a href=\"/\">Dashboard</a><a href=\"/devices/\">Your devices</a>"
                   "<a href=\"/password/\">Password</a>"
                   "<form method=\"post\" action=\"/logout/\">" +
                   token + "<button class=\"link\">Log out</button></form>";
    else
        content += "<a href=\"/login/\">Log in</a><a href=\"/signup/\">Sign up</a>";
    content += "</nav></header>";
    if (messages.size() > 0) {
        content += "<ul class=\"messages\" role=\"status\">";
        for (auto const& message : messages)
            content += "<li class=\"" + examples::escape(message.tags()) + "\">" +
                       examples::escape(message.text) + "</li>";
        content += "</ul>";
    }
    content += "<h1>" + examples::escape(title) + "</h1>" + body;
    response.set_content(examples::page(title, content), examples::html);
}

/// Answers a form that no page of this site has sent, or a browser that keeps no cookies. The page has no
/// form and so needs no token: where another site sent it, nothing of the visitor's changes, but that a CSRF
/// cookie which holds no secret is replaced.
inline void refuse(Visit const& visit, auth::CsrfFailure const& failure)
{
    std::cerr << failure.log_line(visit.request.path) << std::endl;
    std::string const why =
        failure.reason() == auth::CsrfReason::no_cookie
            ? "Please enable cookies and try again."
            : "This form did not come from a page of this site, or from one that was open for "
              "too long. Nothing was done. Go back, reload the page and try again.";
    visit.response.status = 403;
    visit.response.set_content(examples::page("Forbidden", "<h1>Forbidden</h1><p>" + why +
                                                               "</p><p><a href=\"/\">Start again</a></p>"),
                               examples::html);
}

/// Makes handlers of functions with a Visit, or with a Visit and the user who has to be logged in for it.
class Pages {
public:
    explicit Pages(Site& site) : site_{&site}, with_session_{site.backend} {}

    template <class Page>
    httplib::Server::Handler operator()(Page page) const
    {
        return with_session_([site = site_, page](httplib::Request const& request,
                                                  httplib::Response& response, Session& session) {
            // The pages are somebody's: a browser must not show them after a logout, nor a frame elsewhere.
            response.set_header("Cache-Control", "no-store");
            response.set_header("Content-Security-Policy",
                                "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
                                "form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
            response.set_header("Referrer-Policy", "same-origin");
            response.set_header("X-Content-Type-Options", "nosniff");
            Visit visit{*site, request, response, session};
            if (auto const failure = visit.csrf.check(visit.field("csrfmiddlewaretoken")))
                refuse(visit, *failure);
            else if constexpr (std::is_invocable_v<Page, Visit&>)
                page(visit);
            else if (auto const user = visit.user())
                page(visit, *user);
            else
                visit.go_to("/login/");
            visit.close();
        });
    }

private:
    Site* site_;
    cr::http::Httplib<Session> with_session_;
};

} // namespace login

#endif
