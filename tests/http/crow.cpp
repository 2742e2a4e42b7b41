// SPDX-License-Identifier: MIT
#include <cloakroom/http/crow.hpp>

#include "http/adapter_laws.hpp"
#include "support/temporary_folder.hpp"

#include <fstream>
#include <future>
#include <string>

namespace cr = cloakroom;

namespace {

using adapter_laws::Session;
using Sessions = cr::http::Crow<Session>;

/// Answers early for those who ask for it, before the middleware of the sessions.
struct Before {
    struct context {};
    void before_handle(crow::request& request, crow::response& response, context&)
    {
        if (!request.get_header_value("X-Before").empty())
            response.end("before");
    }
    void after_handle(crow::request&, crow::response&, context&) {}
};

/// The same behind it, with the session of who asks for that.
struct Behind {
    struct context {};
    template <class All>
    void before_handle(crow::request& request, crow::response& response, context&, All& all)
    {
        auto const wish = request.get_header_value("X-Behind");
        if (wish == "count")
            all.template get<Sessions>().session()["visit"] += 1;
        if (!wish.empty())
            response.end("behind");
    }
    template <class All>
    void after_handle(crow::request&, crow::response&, context&, All&)
    {
    }
};

struct Site : adapter_laws::Backends {
    static constexpr bool keeps_alive = true;
    static constexpr bool streams = false;

    Site()
    {
        app.loglevel(crow::LogLevel::Critical);
        for (auto const* const path :
             {"/visit", "/hello", "/shared", "/shared-count", "/flush", "/404", "/503", "/cookies", "/form",
              "/vary", "/vary-everything", "/throw", "/rotate-and-throw", "/ended", "/ended-and-saved"})
            app.route_dynamic(path)([this](crow::request const& request) { return answer(request); });
        app.route_dynamic("/read-only")([this](crow::request const& request) {
            auto session = with_session.read_only(request);
            return adapter_laws::look(session);
        });
        app.route_dynamic("/early")([this](crow::request const& request, crow::response& response) {
            app.get_context<Sessions>(request).session()["visit"] += 1;
            response.end("first");
            response.end("second");
        });
        app.route_dynamic("/file")([this](crow::request const& request, crow::response& response) {
            app.get_context<Sessions>(request).session()["visit"] += 1;
            response.set_static_file_info_unsafe(file);
            response.end();
        });
        app.route_dynamic("/long")([this](crow::request const& request) {
            app.get_context<Sessions>(request).session()["visit"] += 1;
            return std::string(50'000, 'x');
        });
        app.stream_threshold(10'000);
        app.exception_handler(Sessions::answer_exception);
        CROW_WEBSOCKET_ROUTE(app, "/chat")
            .onaccept([this](crow::request const& request, void**) {
                auto session = with_session.read_only(request);
                seen = adapter_laws::look(session);
                return true;
            })
            .onopen([this](crow::websocket::connection& connection) { connection.send_text(seen); });
        CROW_WEBSOCKET_ROUTE(app, "/count")
            .onaccept([this](crow::request const& request, void**) {
                try {
                    app.get_context<Sessions>(request).session()["visit"] += 1;
                    seen = "counted";
                } catch (cr::Error const&) {
                    seen = "refused";
                }
                return true;
            })
            .onopen([this](crow::websocket::connection& connection) { connection.send_text(seen); });
        app.signal_clear().bindaddr("127.0.0.1").port(0).concurrency(2);
        running = app.run_async();
        app.wait_for_server_start();
        port = app.port();
    }
    Site(Site const&) = delete;
    Site& operator=(Site const&) = delete;
    ~Site()
    {
        app.stop();
        running.wait();
    }

    crow::response answer(crow::request const& request)
    {
        auto& session = app.get_context<Sessions>(request).session();
        auto const wanted = adapter_laws::act(request.url, session, Sessions::cookies(request));
        crow::response response{wanted.status, "text/plain", wanted.shared ? shared.body : wanted.body};
        if (wanted.shared)
            response.headers = shared.headers;
        for (auto const& [name, value] : wanted.headers)
            response.add_header(name, value);
        Sessions::add(wanted.form_headers, response);
        adapter_laws::finish(request.url, session);
        return response;
    }

    static crow::response make_shared_response()
    {
        crow::response made{"text/plain", "cached"};
        made.set_header("X-Shared", "yes");
        return made;
    }

    Sessions with_session{backend};
    crow::response const shared = make_shared_response();
    crow::App<Before, Sessions, Behind> app{Before{}, with_session, Behind{}};
    TemporaryFolder folder;
    std::string file = folder.path("file.txt");
    std::string seen;
    std::future<void> running;
    int port = -1;
};

} // namespace

TEST_CASE("crow: behaves as all adapters do")
{
    Site site;
    adapter_laws::check(site);
}

TEST_CASE("crow: a response that the handler ends itself, and twice, has the session once")
{
    Site site;
    auto const response = http_client::get(site.port, "/early");
    CHECK(response.body == "first");
    auto const cookie = adapter_laws::cookie_of(response);
    CHECK(http_client::get(site.port, "/visit", {"Cookie: " + cookie}).body == "2");
}

TEST_CASE("crow: an error page that follows on the same connection gets nothing of the session before it")
{
    Site site;
    http_client::Connection connection{site.port};
    connection.send(http_client::request_text("/visit", {}, false));
    CHECK(connection.receive().all("Set-Cookie").size() == 1);
    auto const calls = site.trouble.calls();
    connection.send(http_client::request_text("/missing", {}, true));
    auto const page = connection.receive();
    CHECK(page.status == 404);
    CHECK(page.all("Set-Cookie").empty());
    CHECK(page.all("Vary").empty());
    CHECK(site.trouble.calls() == calls);
}

TEST_CASE("crow: a session outside of its request is refused")
{
    Sessions::context context;
    CHECK_THROWS_AS(context.session(), cr::Error);
}

TEST_CASE("crow: a HEAD request has the session of its route")
{
    Site site;
    adapter_laws::check_head(site, {}); // Crow itself sends a body with 400 and above
}

TEST_CASE("crow: a middleware that answers early has its session saved, if it is behind that of the sessions")
{
    Site site;
    auto const cookie = adapter_laws::cookie_of(http_client::get(site.port, "/visit"));
    auto const calls = site.trouble.calls();
    for (auto const* const line : {"X-Before: yes", "X-Behind: yes"}) {
        auto const early = http_client::get(site.port, "/visit", {line, "Cookie: " + cookie});
        CHECK(early.status == 200);
        CHECK(early.all("Set-Cookie").empty());
        CHECK(early.all("Vary").empty());
    }
    CHECK(site.trouble.calls() == calls);
    auto const counting = http_client::get(site.port, "/visit", {"X-Behind: count", "Cookie: " + cookie});
    CHECK(counting.body == "behind");
    CHECK(adapter_laws::cookie_of(counting) == cookie);
    CHECK(http_client::get(site.port, "/visit", {"Cookie: " + cookie}).body == "3");
}

TEST_CASE("crow: of a file and of a long text nothing leaves before the session is saved")
{
    Site site;
    std::ofstream{site.file} << "of the file";
    CHECK(http_client::get(site.port, "/file").body == "of the file");
    CHECK(http_client::get(site.port, "/long").body.size() == 50'000);
    auto const path = GENERATE("/file", "/long");
    auto const cookie = adapter_laws::cookie_of(http_client::get(site.port, path));
    CHECK(http_client::get(site.port, "/visit", {"Cookie: " + cookie}).body == "2");
    site.trouble.break_down(true);
    auto const failed = http_client::get(site.port, path);
    CHECK(failed.status == 500);
    CHECK(failed.body == "Internal server error\n");
    CHECK(failed.all("Set-Cookie").empty());
}

TEST_CASE("crow: a hook that runs twice, or without the one before it, adds nothing")
{
    adapter_laws::Backends site;
    Sessions with_session{site.backend};
    crow::request request;
    crow::response response;
    Sessions::context context;
    with_session.after_handle(request, response, context);
    CHECK(response.headers.empty());
    with_session.before_handle(request, response, context);
    context.session()["visit"] += 1;
    with_session.after_handle(request, response, context);
    with_session.after_handle(request, response, context);
    CHECK(response.headers.count("Set-Cookie") == 1);
    CHECK(response.headers.count("Vary") == 1);
    CHECK_THROWS_AS(context.session(), cr::Error);
}

TEST_CASE("crow: a WebSocket has a session to look at, and its handshake sets no cookie")
{
    Site site;
    adapter_laws::check_websocket(site);
}

TEST_CASE("crow: a WebSocket cannot ask for the session that would never be saved")
{
    Site site;
    auto const cookie = adapter_laws::cookie_of(http_client::get(site.port, "/visit"));
    http_client::Connection connection{site.port};
    connection.send(adapter_laws::websocket_request("/count", cookie));
    CHECK(connection.receive().status == 101);
    CHECK(connection.receive_raw(9) == std::string{"\x81\x07"} + "refused");
    // Where Crow answers as it does without.
    CHECK(http_client::get(site.port, "/visit", {"Upgrade: h2c", "Cookie: " + cookie}).body == "2");
    http_client::Connection upgrading{site.port};
    upgrading.send(http_client::request_text(
        "/visit", {"Connection: Upgrade", "Upgrade: h2c", "Cookie: " + cookie}, false));
    CHECK(upgrading.receive().body == "3");
}
