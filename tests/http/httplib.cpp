// SPDX-License-Identifier: MIT
#include <cloakroom/http/httplib.hpp>
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/signer/unsigned.hpp>
#include <cloakroom/storage/memory.hpp>
#include <cloakroom/storage/signed_cookie.hpp>

#include "support/catch.hpp"

#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace cr = cloakroom;

namespace {

using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;

/// A server on a free port of 127.0.0.1 whose `/` runs a handler with a session; failures are told as text.
template <class Session>
class SiteOf {
public:
    template <class... Policies>
    explicit SiteOf(std::function<void(httplib::Request const&, httplib::Response&, Session&)> handler,
                    Policies... policies)
        : backend{std::move(policies)...}
    {
        server.Get("/", with_session(std::move(handler)));
        server.set_exception_handler(
            [](httplib::Request const&, httplib::Response& response, std::exception_ptr what) {
                response.status = 500;
                try {
                    std::rethrow_exception(what);
                } catch (std::exception const& error) {
                    response.set_header("X-Failure", error.what());
                }
            });
        server.set_keep_alive_max_count(1);
        port = server.bind_to_any_port("127.0.0.1");
        REQUIRE(port > 0);
        thread = std::thread{[this] { server.listen_after_bind(); }};
        while (!server.is_running())
            std::this_thread::yield();
    }
    ~SiteOf()
    {
        server.stop();
        thread.join();
    }

    /// The response to a request with these Cookie headers.
    httplib::Result get(std::vector<std::string> const& cookies = {})
    {
        httplib::Headers headers;
        for (auto const& cookie : cookies)
            headers.emplace("Cookie", cookie);
        return httplib::Client{"127.0.0.1", port}.Get("/", headers);
    }

    typename Session::Backend backend;
    cr::http::Httplib<Session> with_session{backend};
    httplib::Server server;
    int port = -1;
    std::thread thread;
};

struct Site : SiteOf<Session> {
    explicit Site(std::function<void(httplib::Request const&, httplib::Response&, Session&)> handler)
        : SiteOf{std::move(handler), cr::storage::Memory{}}
    {
    }
};

/// All values of a header.
std::vector<std::string> values(httplib::Result const& response, std::string const& name)
{
    std::vector<std::string> found;
    auto const [first, last] = response->headers.equal_range(name);
    for (auto header = first; header != last; ++header)
        found.push_back(header->second);
    return found;
}

/// `name=value` of the only Set-Cookie header.
std::string cookie_of(httplib::Result const& response)
{
    auto const lines = values(response, "Set-Cookie");
    REQUIRE(lines.size() == 1);
    return lines[0].substr(0, lines[0].find(';'));
}

template <class AnySession>
void count(httplib::Request const&, httplib::Response& response, AnySession& session)
{
    session["visit"] += 1;
    response.set_content(std::to_string(session.get("visit", 0)), "text/plain");
}

/// How many the visitor with this cookie has counted, without counting.
int counted(Session::Backend& backend, std::string const& cookie)
{
    Session session{backend, cookie.substr(cookie.find('=') + 1)};
    return session.get("visit", 0);
}

} // namespace

TEST_CASE("httplib: each browser counts for itself")
{
    Site site{count<Session>};
    auto const first = site.get();
    REQUIRE(first);
    CHECK(first->status == 200);
    CHECK(first->body == "1");
    CHECK(site.get({cookie_of(first)})->body == "2");
    CHECK(site.get()->body == "1");
    CHECK(site.get({cookie_of(first)})->body == "3");
}

TEST_CASE("httplib: the cookie is found in whichever Cookie header it is")
{
    Site site{count<Session>};
    auto const cookie = cookie_of(site.get());
    CHECK(site.get({"a=1", cookie, "b=2"})->body == "2");
    CHECK(site.get({"a=1; " + cookie})->body == "3");
    CHECK(site.get({"a=1", "b=2"})->body == "1");
}

TEST_CASE("httplib: Set-Cookie is appended and Vary is merged")
{
    Site site{[](auto const& request, auto& response, Session& session) {
        response.set_header("Set-Cookie", "mine=1");
        response.set_header("Vary", "Accept-Encoding");
        response.set_header("Vary", "Origin");
        count(request, response, session);
    }};
    auto const response = site.get();
    auto const cookies = values(response, "Set-Cookie");
    REQUIRE(cookies.size() == 2);
    CHECK((cookies[0] == "mine=1" || cookies[1] == "mine=1"));
    auto const vary = values(response, "Vary");
    REQUIRE(vary.size() == 1);
    CHECK(vary[0].size() == std::string{"Accept-Encoding, Origin, Cookie"}.size());
    CHECK_THAT(vary[0], catch_::ContainsSubstring("Accept-Encoding"));
    CHECK_THAT(vary[0], catch_::EndsWith(", Cookie"));
}

TEST_CASE("R26 httplib: no-store takes the place of the handler's own Cache-Control where a cookie is set")
{
    SiteOf<Session> site{[](auto const& request, auto& response, Session& session) {
                             response.set_header("Cache-Control", "public");
                             response.set_header("Cache-Control", "max-age=60");
                             if (request.has_header("Cookie"))
                                 response.set_content("plain", "text/plain");
                             else
                                 count(request, response, session);
                         },
                         cr::storage::Memory{}, cr::serializer::Json{}, cr::signer::Unsigned{},
                         cr::Settings{.no_store = true}};
    CHECK(values(site.get(), "Cache-Control") == std::vector<std::string>{"no-store"});
    CHECK(values(site.get({"other=1"}), "Cache-Control").size() == 2);
}

TEST_CASE("httplib: a handler that does not look at the session leaves no trace")
{
    Site site{[](auto const&, auto& response, Session&) { response.set_content("plain", "text/plain"); }};
    auto const response = site.get({"sessionid=abcdefghabcdefgh"});
    CHECK(response->body == "plain");
    CHECK(values(response, "Set-Cookie").empty());
    CHECK(values(response, "Vary").empty());
}

TEST_CASE("httplib: a response of 500 and above does not save, one of 4xx does")
{
    std::atomic<int> status = 404;
    Site site{[&](auto const& request, auto& response, Session& session) {
        count(request, response, session);
        response.status = status;
    }};
    auto const first = site.get();
    CHECK(first->status == 404);
    auto const cookie = cookie_of(first);
    status = 503;
    auto const second = site.get({cookie});
    CHECK(second->status == 503);
    CHECK(second->body == "2");
    CHECK(values(second, "Set-Cookie").empty());
    CHECK(values(second, "Vary") == std::vector<std::string>{"Cookie"});
    CHECK(counted(site.backend, cookie) == 1);
}

TEST_CASE("httplib: what a handler throws passes through, and nothing is saved")
{
    std::atomic<bool> fails = false;
    Site site{[&](auto const& request, auto& response, Session& session) {
        count(request, response, session);
        response.set_header("X-Half", "done");
        if (fails)
            throw std::runtime_error{"of the handler"};
    }};
    auto const first = site.get();
    CHECK(values(first, "X-Half").size() == 1);
    auto const cookie = cookie_of(first);
    fails = true;
    auto const second = site.get({cookie});
    CHECK(second->status == 500);
    CHECK(second->body.empty());
    CHECK(values(second, "X-Failure") == std::vector<std::string>{"of the handler"});
    CHECK(values(second, "X-Half").empty());
    CHECK(values(second, "Set-Cookie").empty());
    CHECK(values(second, "Vary") == std::vector<std::string>{"Cookie"});
    CHECK(counted(site.backend, cookie) == 1);
}

TEST_CASE("httplib: a session that was ended meanwhile gives a plain 400 without the handler's response")
{
    std::atomic<bool> interrupted = false;
    auto const released = std::make_shared<std::atomic<int>>(0);
    Site* the_site = nullptr;
    Site site{[&](auto const& request, auto& response, Session& session) {
        count(request, response, session);
        if (!interrupted)
            return;
        the_site->backend.storage().erase(*session.session_key());
        response.set_header("X-Half", "done");
        response.set_header("Set-Cookie", "mine=1");
        response.set_content_provider(
            1000, "image/png", [](std::size_t, std::size_t, httplib::DataSink&) { return false; },
            [released](bool) { ++*released; });
    }};
    the_site = &site;
    site.server.set_default_headers({{"X-Default", "stays"}});
    auto const cookie = cookie_of(site.get());
    interrupted = true;
    auto const response = site.get({cookie});
    REQUIRE(response);
    CHECK(response->status == 400);
    CHECK(response->body == "Bad request: the session has ended meanwhile.\n");
    CHECK(values(response, "Content-Type") == std::vector<std::string>{"text/plain; charset=utf-8"});
    CHECK(values(response, "X-Half").empty());
    CHECK(values(response, "Set-Cookie").empty());
    CHECK(values(response, "Vary") == std::vector<std::string>{"Cookie"});
    CHECK(values(response, "X-Default") == std::vector<std::string>{"stays"});
    CHECK(*released == 1);
}

TEST_CASE("httplib: a streamed response has its headers, and the record, before its first byte")
{
    Site* the_site = nullptr;
    std::atomic<int> stored = -1;
    Site site{[&](auto const&, auto& response, Session& session) {
        session["visit"] += 1;
        auto const key = session.session_key();
        response.set_chunked_content_provider("text/plain", [&, key](std::size_t, httplib::DataSink& sink) {
            if (key) {
                Session other{the_site->backend, key};
                stored = other.get("visit", 0);
            }
            sink.write("streamed", 8);
            sink.done();
            return true;
        });
    }};
    the_site = &site;
    auto const first = site.get();
    CHECK(first->body == "streamed");
    auto const second = site.get({cookie_of(first)});
    CHECK(second->body == "streamed");
    CHECK(stored == 2);
}

TEST_CASE("httplib: concurrent requests of one session all count")
{
    Site site{count<Session>};
    auto const cookie = cookie_of(site.get());
    std::atomic<int> failures = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int j = 0; j < 25; ++j) {
                auto const response = site.get({cookie});
                if (!response || response->status != 200)
                    ++failures;
            }
        });
    for (auto& thread : threads)
        thread.join();
    CHECK(failures == 0);
    CHECK(counted(site.backend, cookie) == 101);
}

TEST_CASE(
    "httplib: sessions that the browser keeps count as others do, and one that is too large is a failure")
{
    using InCookie = cr::Session<cr::storage::SignedCookie, cr::serializer::Json, cr::signer::Hmac>;
    cr::signer::Hmac const signer{"a secret of the test", {.compress_from = cr::signer::never_compress}};
    SiteOf<InCookie> site{
        [](httplib::Request const& request, httplib::Response& response, InCookie& session) {
            if (request.has_header("X-Essay"))
                session["essay"] = std::string(5000, 'x');
            count(request, response, session);
        },
        cr::storage::SignedCookie{}, cr::serializer::Json{}, signer};
    auto const first = site.get();
    REQUIRE(first);
    CHECK(first->body == "1");
    auto const second = site.get({cookie_of(first)});
    CHECK(second->body == "2");
    CHECK(site.get({cookie_of(second)})->body == "3");
    CHECK(site.get({cookie_of(first)})->body == "2"); // an old ticket is what it was
    CHECK(values(second, "Vary") == std::vector<std::string>{"Cookie"});

    auto const failed =
        httplib::Client{"127.0.0.1", site.port}.Get("/", {{"Cookie", cookie_of(second)}, {"X-Essay", "1"}});
    REQUIRE(failed);
    CHECK(failed->status == 500);
    CHECK(failed->body.empty());
    CHECK(values(failed, "Set-Cookie").empty());
    CHECK(values(failed, "X-Failure")[0].find("bytes, name and value together") != std::string::npos);
    CHECK(site.get({cookie_of(second)})->body == "3");
}
