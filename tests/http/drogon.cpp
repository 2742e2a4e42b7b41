// SPDX-License-Identifier: MIT
#include <cloakroom/http/drogon.hpp>

#include "http/adapter_laws.hpp"
#include "support/temporary_folder.hpp"

#include <algorithm>
#include <cstddef>
#include <drogon/WebSocketController.h>
#include <fstream>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace cr = cloakroom;

namespace {

using adapter_laws::Session;
using Sessions = cr::http::Drogon<Session>;
using drogon::HttpRequestPtr;
using drogon::HttpResponsePtr;

HttpResponsePtr text(std::string body)
{
    auto response = drogon::HttpResponse::newHttpResponse(drogon::k200OK, drogon::CT_TEXT_PLAIN);
    response->setBody(std::move(body));
    return response;
}

HttpResponsePtr streamed(adapter_laws::Answer const& answer)
{
    struct Stream {
        adapter_laws::Answer answer;
        std::string rest{};
        bool began = false;
    };
    return drogon::HttpResponse::newStreamResponse([stream = std::make_shared<Stream>(Stream{answer})](
                                                       char* buffer, std::size_t size) -> std::size_t {
        if (buffer == nullptr)
            return 0;
        if (!std::exchange(stream->began, true))
            stream->rest = stream->answer.body + ", stored " + std::to_string(stream->answer.stored_count());
        auto const length = std::min<std::size_t>({size, stream->rest.size(), 3});
        std::copy_n(stream->rest.begin(), length, buffer);
        stream->rest.erase(0, length);
        return length;
    });
}

HttpResponsePtr answer(HttpRequestPtr const& request, Session& session)
{
    static HttpResponsePtr const cached = [] {
        auto made = text("cached");
        made->addHeader("X-Shared", "yes");
        return made;
    }();
    auto const& path = request->path();
    auto const wanted = adapter_laws::act(path, session, Sessions::cookies(request));
    auto response = wanted.shared ? cached : wanted.streamed ? streamed(wanted) : text(wanted.body);
    if (!wanted.shared) {
        response->setStatusCode(static_cast<drogon::HttpStatusCode>(wanted.status));
        for (auto const& [name, value] : wanted.headers) {
            if (value == "yours=2") {
                drogon::Cookie cookie{"yours", "2"};
                cookie.setHttpOnly(false);
                response->addCookie(cookie);
            } else {
                response->addHeader(name, value);
            }
        }
    }
    if (!wanted.form_headers.empty())
        response = Sessions::add(wanted.form_headers, std::move(response));
    adapter_laws::finish(path, session);
    if (path == "/kept")
        response->setExpiredTime(60);
    if (path == "/held-stream") {
        static std::vector<HttpResponsePtr> held;
        held.push_back(response);
    }
    return response;
}

/// Drogon has one application in a process, which runs once.
struct Site : adapter_laws::Backends {
    static constexpr bool keeps_alive = true;
    static constexpr bool streams = true;

    static Site& the()
    {
        drogon::app(); // ends after us
        static Site site;
        return site;
    }

    Site()
    {
        auto& app = drogon::app();
        app.setLogLevel(trantor::Logger::kFatal);
        app.disableSigtermHandling();
        for (auto const* const path :
             {"/visit", "/hello", "/shared", "/shared-count", "/flush", "/404", "/503", "/cookies", "/form",
              "/vary", "/vary-everything", "/stream", "/throw", "/rotate-and-throw", "/ended",
              "/ended-and-saved", "/kept", "/held-stream"})
            app.registerHandler(path, with_session(answer));
        app.registerHandler("/read-only", [this](HttpRequestPtr const& request,
                                                 std::function<void(HttpResponsePtr const&)>&& callback) {
            auto session = with_session.read_only(request);
            callback(text(adapter_laws::look(session)));
        });
        app.registerHandler("/nothing",
                            with_session([](HttpRequestPtr const&, Session&) { return HttpResponsePtr{}; }));
        app.registerHandler("/unknown-exception", with_session([](HttpRequestPtr const&, Session& session) {
                                session["visit"] += 1;
                                throw 1; // NOLINT(hicpp-exception-baseclass)
                                return HttpResponsePtr{};
                            }));
        app.registerHandler("/missing-by-handler", with_session([](HttpRequestPtr const&, Session& session) {
                                session["visit"] += 1;
                                return drogon::HttpResponse::newNotFoundResponse();
                            }));
        std::ofstream{file} << "of the file";
        app.registerHandler("/file", with_session([this](HttpRequestPtr const&, Session& session) {
                                session["visit"] += 1;
                                auto response = drogon::HttpResponse::newFileResponse(file);
                                response->setExpiredTime(60);
                                return response;
                            }));
        app.registerPreHandlingAdvice([](HttpRequestPtr const& request, drogon::AdviceCallback&& respond,
                                         drogon::AdviceChainCallback&& go_on) {
            if (request->getHeader("x-early").empty())
                go_on();
            else
                respond(text("early"));
        });
        app.addListener("127.0.0.1", 0);
        app.setThreadNum(1);
        std::promise<void> began;
        app.registerBeginningAdvice([&] { // the next step of this loop makes the other one listen
            app.getLoop()->queueInLoop([&] { app.getIOLoop(0)->queueInLoop([&] { began.set_value(); }); });
        });
        thread = std::thread{[] { drogon::app().run(); }};
        began.get_future().wait();
        port = app.getListeners().at(0).toPort();
    }
    Site(Site const&) = delete;
    Site& operator=(Site const&) = delete;
    ~Site()
    {
        drogon::app().quit();
        thread.join();
        pool.join();
    }

    TemporaryFolder folder;
    std::string file = folder.path("file.txt");
    boost::asio::thread_pool pool{2};
    Sessions with_session{backend, pool};
    int port = -1;
    std::thread thread;
};

class Chat : public drogon::WebSocketController<Chat> {
public:
    void handleNewMessage(drogon::WebSocketConnectionPtr const&, std::string&&,
                          drogon::WebSocketMessageType const&) override
    {
    }
    void handleNewConnection(HttpRequestPtr const& request,
                             drogon::WebSocketConnectionPtr const& connection) override
    {
        auto session = Site::the().with_session.read_only(request);
        connection->send(adapter_laws::look(session));
        connection->forceClose();
    }
    void handleConnectionClosed(drogon::WebSocketConnectionPtr const&) override {}
    WS_PATH_LIST_BEGIN
    WS_PATH_ADD("/chat");
    WS_PATH_LIST_END
};

} // namespace

TEST_CASE("drogon: behaves as all adapters do")
{
    adapter_laws::check(Site::the());
}

TEST_CASE("drogon: while a storage hangs, other requests of the event loop go on")
{
    adapter_laws::check_event_loop(Site::the());
}

TEST_CASE("drogon: a response that Drogon is to keep is not kept with somebody's cookie")
{
    auto const port = Site::the().port;
    auto const first = http_client::get(port, "/kept");
    auto const second = http_client::get(port, "/kept");
    CHECK(first.body == "1");
    CHECK(second.body == "1");
    CHECK(adapter_laws::cookie_of(first) != adapter_laws::cookie_of(second));
    CHECK(http_client::get(port, "/kept", {adapter_laws::line_of(adapter_laws::cookie_of(first))}).body ==
          "2");
}

TEST_CASE("drogon: Drogon's own page that all share gets no cookie when a handler returns it")
{
    auto const port = Site::the().port;
    auto const first = http_client::get(port, "/missing-by-handler");
    CHECK(first.status == 404);
    CHECK(first.all("Set-Cookie").size() == 1);
    CHECK(http_client::get(port, "/missing").all("Set-Cookie").empty());
    CHECK(http_client::get(port, "/missing").all("Vary").empty());
}

TEST_CASE("drogon: an advice that answers early leaves the session alone")
{
    auto& site = Site::the();
    auto const cookie = adapter_laws::cookie_of(http_client::get(site.port, "/visit"));
    auto const calls = site.trouble.calls();
    auto const early = http_client::get(site.port, "/visit", {"X-Early: yes", "Cookie: " + cookie});
    CHECK(early.body == "early");
    CHECK(early.all("Set-Cookie").empty());
    CHECK(site.trouble.calls() == calls);
    CHECK(http_client::get(site.port, "/visit", {"Cookie: " + cookie}).body == "2");
}

TEST_CASE("drogon: a handler that gives nothing, or throws what is no exception, is an error")
{
    auto const port = Site::the().port;
    CHECK(http_client::get(port, "/nothing").status == 500);
    auto const unknown = http_client::get(port, "/unknown-exception");
    CHECK(unknown.status == 500);
    CHECK(unknown.all("Set-Cookie").empty());
}

TEST_CASE("drogon: a HEAD request has the session of its route")
{
    adapter_laws::check_head(Site::the(), {"/throw", "/ended"});
}

TEST_CASE("drogon: files and streams that others have hold of are sent whole, with each visitor's own cookie")
{
    auto& site = Site::the();
    auto const [path, body] =
        GENERATE(std::pair{"/file", "of the file"}, std::pair{"/held-stream", "1, stored 0"});
    auto const first = http_client::get(site.port, path);
    auto const second = http_client::get(site.port, path);
    CHECK(first.body == body);
    CHECK(second.body == body);
    CHECK(adapter_laws::cookie_of(first) != adapter_laws::cookie_of(second));
    site.trouble.break_down(true);
    auto const failed = http_client::get(site.port, path);
    site.trouble.break_down(false);
    CHECK(failed.status == 500);
    CHECK(failed.body.find(body) == std::string::npos);
    CHECK(failed.all("Set-Cookie").empty());
}

TEST_CASE("drogon: a WebSocket has a session to look at, and its handshake sets no cookie")
{
    adapter_laws::check_websocket(Site::the());
}
