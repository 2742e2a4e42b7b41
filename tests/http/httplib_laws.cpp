// SPDX-License-Identifier: MIT
#include <cloakroom/auth/httplib.hpp>
#include <cloakroom/http/httplib.hpp>

#include "http/adapter_laws.hpp"

#include <exception>
#include <string>
#include <thread>

namespace {

namespace cr = cloakroom;
using adapter_laws::Session;

struct Site : adapter_laws::Backends {
    static constexpr bool keeps_alive = true;
    static constexpr bool streams = true;

    Site()
    {
        httplib::Response cached;
        cached.set_header("X-Shared", "yes");
        cached.set_content("cached", "text/plain");
        auto const handler = with_session([cached](httplib::Request const& request,
                                                   httplib::Response& response, Session& session) {
            auto const answer = adapter_laws::act(request.path, session, cr::http::cookie_headers(request));
            if (answer.shared) {
                response = cached;
            } else if (answer.streamed) {
                response.set_chunked_content_provider(
                    "text/plain", [answer](std::size_t, httplib::DataSink& sink) {
                        auto const body = answer.body + ", stored " + std::to_string(answer.stored_count());
                        for (char const c : body)
                            sink.write(&c, 1);
                        sink.done();
                        return true;
                    });
            } else {
                response.set_content(answer.body, "text/plain");
            }
            response.status = answer.status;
            for (auto const& [name, value] : answer.headers)
                response.headers.emplace(name, value);
            cr::auth::add_headers(answer.form_headers, response);
            adapter_laws::finish(request.path, session);
        });
        server.Get("/read-only", [this](httplib::Request const& request, httplib::Response& response) {
            auto session = with_session.read_only(request);
            response.set_content(adapter_laws::look(session), "text/plain");
        });
        server.Get("/(?!missing).*", handler);
        server.set_exception_handler([](auto const&, auto& response, std::exception_ptr) {
            response.status = 500;
            response.set_content("Internal server error\n", "text/plain");
        });
        server.set_keep_alive_timeout(1);
        port = server.bind_to_any_port("127.0.0.1");
        REQUIRE(port > 0);
        thread = std::thread{[this] { server.listen_after_bind(); }};
        while (!server.is_running())
            std::this_thread::yield();
    }
    Site(Site const&) = delete;
    Site& operator=(Site const&) = delete;
    ~Site()
    {
        server.stop();
        thread.join();
    }

    cr::http::Httplib<Session> with_session{backend};
    httplib::Server server;
    int port = -1;
    std::thread thread;
};

} // namespace

TEST_CASE("httplib: behaves as all adapters do")
{
    Site site;
    adapter_laws::check(site);
}

TEST_CASE("httplib: a HEAD request has the session of its route")
{
    Site site;
    adapter_laws::check_head(site, {"/throw", "/ended"});
}

TEST_CASE(
    "httplib: the server's own page has no session, and the page that it makes of an answer keeps its own")
{
    using http_client::get;
    Site site;
    site.server.set_pre_routing_handler([](httplib::Request const& request, httplib::Response& response) {
        if (!request.has_header("X-Early"))
            return httplib::Server::HandlerResponse::Unhandled;
        response.set_content("early", "text/plain");
        return httplib::Server::HandlerResponse::Handled;
    });
    site.server.set_error_handler([](httplib::Request const&, httplib::Response& response) {
        response.set_content("error page", "text/plain");
    });
    auto const cookie = adapter_laws::cookie_of(get(site.port, "/visit"));
    auto const calls = site.trouble.calls();
    auto const early = get(site.port, "/visit", {"X-Early: yes", adapter_laws::line_of(cookie)});
    CHECK(early.body == "early");
    auto const missing = get(site.port, "/missing", {adapter_laws::line_of(cookie)});
    CHECK(missing.body == "error page");
    for (auto const& page : {early, missing}) {
        CHECK(page.all("Set-Cookie").empty());
        CHECK(page.all("Vary").empty());
    }
    CHECK(site.trouble.calls() == calls);

    auto const own = get(site.port, "/404", {adapter_laws::line_of(cookie)});
    CHECK(own.body == "error page");
    CHECK(adapter_laws::cookie_of(own) == cookie);
    CHECK(own.one("Vary") == "Cookie");
    CHECK(get(site.port, "/visit", {adapter_laws::line_of(cookie)}).body == "3");
    auto const ended = get(site.port, "/ended", {adapter_laws::line_of(cookie)});
    CHECK(ended.status == 400);
    CHECK(ended.all("Set-Cookie").empty());
    CHECK(ended.one("Vary") == "Cookie");
}
