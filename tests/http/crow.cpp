// SPDX-License-Identifier: MIT
#include <cloakroom/http/crow.hpp>

#include "http/adapter_laws.hpp"

#include <future>
#include <string>

namespace cr = cloakroom;

namespace {

using adapter_laws::Session;
using Sessions = cr::http::Crow<Session>;

struct Site : adapter_laws::Backends {
    static constexpr bool keeps_alive = true;
    static constexpr bool streams = false;

    Site()
    {
        app.loglevel(crow::LogLevel::Critical);
        for (auto const* const path :
             {"/visit", "/hello", "/shared", "/shared-count", "/flush", "/404", "/503", "/cookies", "/vary",
              "/vary-everything", "/throw", "/rotate-and-throw", "/ended", "/ended-and-saved"})
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
        app.exception_handler(Sessions::answer_exception);
        CROW_WEBSOCKET_ROUTE(app, "/chat")
            .onaccept([this](crow::request const& request, void**) {
                auto session = with_session.read_only(request);
                seen = adapter_laws::look(session);
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
        auto const wanted = adapter_laws::act(request.url, session);
        crow::response response{wanted.status, "text/plain", wanted.shared ? shared.body : wanted.body};
        if (wanted.shared)
            response.headers = shared.headers;
        for (auto const& [name, value] : wanted.headers)
            response.add_header(name, value);
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
    crow::App<Sessions> app{with_session};
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

TEST_CASE("crow: a WebSocket has a session to look at, and its handshake sets no cookie")
{
    Site site;
    auto const cookie = adapter_laws::cookie_of(http_client::get(site.port, "/visit"));
    http_client::Connection connection{site.port};
    connection.send("GET /chat HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nCookie: " +
                    cookie + "\r\n\r\n");
    auto const handshake = connection.receive();
    CHECK(handshake.status == 101);
    CHECK(handshake.all("Set-Cookie").empty());
    CHECK(connection.receive_raw(8) == std::string{"\x81\x06"} + "seen 1");
}
