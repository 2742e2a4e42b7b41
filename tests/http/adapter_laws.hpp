// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTS_HTTP_ADAPTER_LAWS_HPP
#define CLOAKROOM_TESTS_HTTP_ADAPTER_LAWS_HPP

// What every adapter does alike, seen over a socket. A site answers every path by
//
//     auto const answer = adapter_laws::act(path, session, cookies);   what status, headers, body it wants
//     ... put that in the response, or a shared one, or a streamed one, and add answer.form_headers
//     adapter_laws::finish(path, session);                    may throw
//
// and /read-only by the text of adapter_laws::look(read_only_session), but /missing by nothing of ours. It
// sets the header "X-Shared: yes" on the one response object that all answers with `shared` are copies of.

#include <cloakroom/auth/csrf.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/http/outcome.hpp>
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/read_only_session.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/unsigned.hpp>
#include <cloakroom/storage/memory.hpp>
#include <cloakroom/testing/storage_wrapper.hpp>

#include "support/catch.hpp"
#include "support/http_client.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace adapter_laws {

namespace cr = cloakroom;

/// Lets a storage break, or hang until it is told to go on. Copies share.
class Trouble {
public:
    void break_down(bool is_broken) const { state_->is_broken = is_broken; }
    void hang(bool hangs) const
    {
        std::scoped_lock const lock{state_->mutex};
        state_->hangs = hangs;
        state_->changed.notify_all();
    }
    /// Waits until so many calls hang.
    void wait_for(int hanging) const
    {
        std::unique_lock lock{state_->mutex};
        state_->changed.wait(lock, [&] { return state_->hanging >= hanging; });
    }
    int calls() const { return state_->calls; }

    template <class Call>
    auto operator()(cr::testing::Operation, Call const& call) const
    {
        ++state_->calls;
        if (state_->is_broken)
            throw cr::StorageError{"the storage of the test is broken"};
        std::unique_lock lock{state_->mutex};
        ++state_->hanging;
        state_->changed.notify_all();
        state_->changed.wait(lock, [&] { return !state_->hangs; });
        --state_->hanging;
        lock.unlock();
        return call();
    }

private:
    struct State {
        std::atomic<bool> is_broken = false;
        std::atomic<int> calls = 0;
        std::mutex mutex;
        std::condition_variable changed;
        bool hangs = false;
        int hanging = 0;
    };
    std::shared_ptr<State> state_ = std::make_shared<State>();
};

using Storage = cr::testing::StorageWrapper<cr::storage::Memory, Trouble>;
using Session = cr::Session<Storage, cr::serializer::Json, cr::signer::Unsigned>;

/// A backend with its trouble, for sites to derive from.
struct Backends {
    Trouble trouble;
    Session::Backend backend{Storage{cr::storage::Memory{}, trouble}, {}, {}, {.no_store = true}};
};

/// What a route wants of its response.
struct Answer {
    int status = 200;
    std::vector<cr::http::Header> headers;
    std::vector<cr::http::Header> form_headers; ///< for the adapter to add
    std::string body;
    bool shared = false;   ///< the body is not ours: copy the object that is shared between users
    bool streamed = false; ///< `body` is sent in pieces after the headers
    /// Of a streamed answer: the count that another request finds stored.
    std::function<int()> stored_count;
};

inline int count_of(Session::Backend& backend, std::optional<cr::SessionKey> const& key)
{
    Session session{backend, key};
    return session.get("visit", 0);
}

/// `cookies` are what the adapter has for forms.
template <class Cookies>
Answer act(std::string_view path, Session& session, Cookies const& cookies)
{
    Answer answer;
    if (path == "/hello") {
        answer.body = "hello";
        return answer;
    }
    if (path == "/shared") {
        answer.shared = true;
        return answer;
    }
    if (path == "/flush") {
        session.flush();
        answer.body = "flushed";
        return answer;
    }
    session["visit"] += 1;
    answer.body = std::to_string(session["visit"].as<int>());
    answer.shared = path == "/shared-count";
    answer.headers.push_back({"X-Half", "done"});
    if (path == "/404")
        answer.status = 404;
    if (path == "/503")
        answer.status = 503;
    if (path == "/cookies") {
        answer.headers.push_back({"Set-Cookie", "mine=1; Path=/"});
        answer.headers.push_back({"Set-Cookie", "yours=2"});
    }
    if (path == "/vary")
        answer.headers.push_back({"Vary", "Accept-Encoding, Origin"});
    if (path == "/form") {
        static cr::auth::CsrfProtection const protection{{.no_store = true}};
        auto const cookie = protection.cookie_in(cookies);
        auto csrf = protection.open({.method = "GET", .cookie = cookie}, session);
        csrf.token();
        answer.body = cookie.value_or("no cookie");
        answer.headers.push_back({"Vary", "Accept-Language"});
        answer.headers.push_back({"Cache-Control", "public"});
        answer.form_headers = csrf.close();
    }
    if (path == "/vary-everything")
        answer.headers.push_back({"Vary", "*"});
    if (path == "/stream" || path == "/held-stream") {
        answer.streamed = true;
        answer.stored_count = [&backend = session.backend(), key = session.session_key()] {
            return key ? count_of(backend, key) : 0;
        };
    }
    return answer;
}

inline void finish(std::string_view path, Session& session)
{
    if (path == "/throw")
        throw std::runtime_error{"of the handler"};
    if (path == "/rotate-and-throw") {
        session.cycle_key();
        throw std::runtime_error{"of the handler"};
    }
    if (path == "/ended" || path == "/ended-and-saved")
        session.backend().storage().erase(*session.session_key());
    if (path == "/ended-and-saved")
        session.save();
}

inline std::string look(cr::ReadOnlySession<Session>& session)
{
    return "seen " + std::to_string(session.get("visit", 0));
}

using http_client::get;
using http_client::Response;

/// `name=value` of the only Set-Cookie line.
inline std::string cookie_of(Response const& response)
{
    auto const lines = response.all("Set-Cookie");
    REQUIRE(lines.size() == 1);
    return lines[0].substr(0, lines[0].find(';'));
}
inline std::string line_of(std::string const& cookie)
{
    return "Cookie: " + cookie;
}

/// Site: `port`, `backend`, `trouble`; keeps_alive, whether a connection serves several requests; streams,
/// whether a body can follow its headers.
template <class Site>
void check(Site& site)
{
    auto const visit = [&](std::string_view path, std::string const& cookie = {}) {
        return get(site.port, path,
                   cookie.empty() ? http_client::Lines{} : http_client::Lines{line_of(cookie)});
    };
    auto const counted = [&](std::string const& cookie) {
        return count_of(site.backend, cr::SessionKey::parse(cookie.substr(cookie.find('=') + 1)));
    };
    auto const first = visit("/visit");
    CHECK(first.status == 200);
    CHECK(first.body == "1");
    CHECK(first.one("Vary") == "Cookie");
    CHECK(first.one("X-Half") == "done");
    CHECK(first.one("Cache-Control") == "no-store");
    auto const cookie = cookie_of(first);

    SECTION("each browser counts for itself")
    {
        CHECK(visit("/visit", cookie).body == "2");
        CHECK(visit("/visit").body == "1");
        CHECK(visit("/visit", cookie).body == "3");
    }
    SECTION("the cookie is found in whichever Cookie header it is")
    {
        CHECK(get(site.port, "/visit", {"Cookie: a=1", line_of(cookie), "Cookie: b=2"}).body == "2");
        CHECK(get(site.port, "/visit", {"cookie: a=1; " + cookie + "; c=3"}).body == "3");
        CHECK(get(site.port, "/visit", {"Cookie: a=1", "Cookie: b=2"}).body == "1");
        CHECK(get(site.port, "/visit", {"Cookie: a=1", line_of(cookie)}).body == "4");
        CHECK(get(site.port, "/visit", {line_of(cookie), "Cookie: a=1"}).body == "5");
    }
    SECTION("several Set-Cookie headers all arrive")
    {
        auto const lines = visit("/cookies", cookie).all("Set-Cookie");
        REQUIRE(lines.size() == 3);
        for (std::string_view const start : {"mine=1; Path=/", "yours=2", "sessionid="})
            CHECK(std::count_if(lines.begin(), lines.end(),
                                [&](auto const& line) { return line.starts_with(start); }) == 1);
    }
    SECTION("R26: a form's cookie is found and set beside the session's, and its page is not stored")
    {
        auto const page = visit("/form", cookie);
        CHECK(page.body == "no cookie");
        CHECK(page.one("Vary") == "Accept-Language, Cookie");
        CHECK(page.one("Cache-Control") == "no-store");
        auto const lines = page.all("Set-Cookie");
        REQUIRE(lines.size() == 2);
        auto const& line = lines[lines[0].starts_with("csrftoken=") ? 0 : 1];
        CHECK(line.starts_with("csrftoken="));
        CHECK(lines[&line == &lines[0] ? 1 : 0].starts_with(cookie));
        auto const form_cookie = line.substr(0, line.find(';'));
        auto const next = get(site.port, "/form", {line_of(cookie), line_of(form_cookie)});
        CHECK("csrftoken=" + next.body == form_cookie);
        CHECK(counted(cookie) == 3);
    }
    SECTION("a Vary that is there is merged into one header")
    {
        CHECK(visit("/vary", cookie).one("Vary") == "Accept-Encoding, Origin, Cookie");
        CHECK(visit("/vary-everything", cookie).one("Vary") == "*");
    }
    SECTION("a handler that does not look at the session leaves no trace")
    {
        auto const calls = site.trouble.calls();
        auto const response = visit("/hello", cookie);
        CHECK(response.status == 200);
        CHECK(response.body == "hello");
        CHECK(response.all("Set-Cookie").empty());
        CHECK(response.all("Vary").empty());
        CHECK(site.trouble.calls() == calls);
    }
    SECTION("a response object that users share never gets a cookie")
    {
        auto const mine = visit("/shared-count", cookie);
        CHECK(cookie_of(mine) == cookie);
        CHECK(mine.one("X-Shared") == "yes");
        auto const other = visit("/shared-count");
        CHECK(other.one("Vary") == "Cookie");
        CHECK(cookie_of(other) != cookie);
        auto const nobody = visit("/shared");
        CHECK(nobody.one("X-Shared") == "yes");
        CHECK(nobody.body == mine.body);
        CHECK(nobody.all("Set-Cookie").empty());
        CHECK(nobody.all("Vary").empty());
    }
    SECTION("a response of 500 and above does not save, one of 4xx does")
    {
        auto const missing = visit("/404", cookie);
        CHECK(missing.status == 404);
        CHECK(missing.all("Set-Cookie").size() == 1);
        CHECK(counted(cookie) == 2);
        auto const failed = visit("/503", cookie);
        CHECK(failed.status == 503);
        CHECK(failed.body == "3");
        CHECK(failed.all("Set-Cookie").empty());
        CHECK(failed.one("Vary") == "Cookie");
        CHECK(counted(cookie) == 2);
    }
    SECTION("a handler that throws saves nothing and leaves nothing of its response")
    {
        auto const response = visit("/throw", cookie);
        CHECK(response.status == 500);
        CHECK(response.all("X-Half").empty());
        CHECK(response.all("Set-Cookie").empty());
        CHECK(response.one("Vary") == "Cookie");
        CHECK(response.body.find("of the handler") == std::string::npos);
        CHECK(counted(cookie) == 1);
        CHECK(visit("/visit", cookie).body == "2");
    }
    SECTION("a handler that throws after it changed the key sends the key that is valid now")
    {
        auto const response = visit("/rotate-and-throw", cookie);
        CHECK(response.status == 500);
        CHECK(counted(cookie) == 0);
        CHECK(counted(cookie_of(response)) == 2);
        CHECK(response.one("Cache-Control") == "no-store"); // R26, also on an error page
    }
    SECTION("a session that was ended meanwhile gives a plain 400 without the handler's response")
    {
        auto const path = GENERATE("/ended", "/ended-and-saved");
        auto const response = visit(path, cookie);
        CHECK(response.status == 400);
        CHECK(response.body == "Bad request: the session has ended meanwhile.\n");
        CHECK(response.one("Content-Type") == "text/plain; charset=utf-8");
        CHECK(response.all("X-Half").empty());
        CHECK(response.all("Set-Cookie").empty());
        CHECK(response.one("Vary") == "Cookie");
        CHECK(counted(cookie) == 0);
    }
    SECTION("a session that the handler ends is removed from the browser")
    {
        auto const response = visit("/flush", cookie);
        CHECK(response.status == 200);
        CHECK(response.one("Set-Cookie").starts_with("sessionid=\"\"; "));
        CHECK(response.one("Vary") == "Cookie");
        CHECK(counted(cookie) == 0);
    }
    if (Site::streams) {
        SECTION("a streamed response has its headers, and the record, before its first byte")
        {
            auto const response = visit("/stream", cookie);
            CHECK(response.status == 200);
            CHECK(response.body == "2, stored 2");
            CHECK(cookie_of(response) == cookie);
            auto const news = visit("/stream");
            CHECK(news.body == "1, stored 0");
            CHECK(counted(cookie_of(news)) == 1);
        }
    }
    SECTION("a page that the server makes itself has no session")
    {
        auto const calls = site.trouble.calls();
        auto const response = visit("/missing", cookie);
        CHECK(response.status == 404);
        CHECK(response.all("Set-Cookie").empty());
        CHECK(response.all("Vary").empty());
        CHECK(site.trouble.calls() == calls);
    }
    SECTION("a broken storage is an error, and nobody is logged out by it")
    {
        site.trouble.break_down(true);
        for (auto const* const path : {"/visit", "/flush"}) {
            auto const response = visit(path, cookie);
            CHECK(response.status == 500);
            CHECK(response.all("Set-Cookie").empty());
        }
        site.trouble.break_down(false);
        CHECK(visit("/visit", cookie).body == "2");
    }
    SECTION("a read-only session sees what is stored and sets no cookie")
    {
        auto const response = visit("/read-only", cookie);
        CHECK(response.body == "seen 1");
        CHECK(response.all("Set-Cookie").empty());
        CHECK(visit("/read-only").body == "seen 0");
        CHECK(visit("/read-only", "sessionid=abcdefghabcdefgh").body == "seen 0");
    }
    SECTION("hostile cookies are new visitors, and the server lives on")
    {
        std::vector<std::string> const values = {
            "sessionid=",         "sessionid=abc",  "sessionid=../../etc/passwd",         "=;;;==",
            "sessionid=\xff\xfe", "sessionid=\"\\", "sessionid=" + std::string(5000, 'a')};
        for (auto const& value : values) {
            auto const response = visit("/visit", value);
            CHECK((response.status == 0 || response.status == 200 || response.status == 400 ||
                   response.status == 431));
            if (response.status == 200) {
                CHECK(response.body == "1");
                CHECK(cookie_of(response) != cookie);
            }
        }
        CHECK(visit("/visit", cookie).body == "2");
    }
    SECTION("concurrent requests of one session all count")
    {
        std::atomic<int> failures = 0;
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] {
                for (int j = 0; j < 10; ++j)
                    if (visit("/visit", cookie).status != 200)
                        ++failures;
            });
        for (auto& thread : threads)
            thread.join();
        CHECK(failures == 0);
        CHECK(counted(cookie) == 41);
    }
    if (Site::keeps_alive) {
        SECTION("requests of several visitors on one connection do not mix")
        {
            using http_client::request_text;
            http_client::Connection connection{site.port};
            auto const next = [&](std::string_view path, http_client::Lines const& lines) {
                connection.send(request_text(path, lines, false));
                return connection.receive();
            };
            CHECK(next("/visit", {line_of(cookie)}).body == "2");
            auto const other = next("/visit", {});
            CHECK(other.body == "1");
            CHECK(cookie_of(other) != cookie);
            CHECK(next("/throw", {line_of(cookie)}).status == 500);
            CHECK(http_client::get(site.port, "/hello").all("Set-Cookie").empty());
        }
        SECTION("after a page without a session the next request on the connection has its own")
        {
            using http_client::request_text;
            http_client::Connection connection{site.port};
            connection.send(request_text("/missing", {}, false));
            CHECK(connection.receive().status == 404);
            connection.send(request_text("/hello", {line_of(cookie)}, false));
            auto const hello = connection.receive();
            CHECK(hello.body == "hello");
            CHECK(hello.all("Set-Cookie").empty());
            connection.send(request_text("/visit", {line_of(cookie)}, true));
            CHECK(connection.receive().body == "2");
        }
    }
}

/// For servers that answer HEAD by the handler of GET and leave its body out. `failures` are paths of which
/// they do that, too, although nothing is saved.
template <class Site>
void check_head(Site& site, std::vector<std::string_view> const& failures)
{
    auto const cookie = cookie_of(get(site.port, "/visit"));
    auto const head = [&](http_client::Connection& connection, std::string_view path) {
        connection.send("HEAD" + http_client::request_text(path, {line_of(cookie)}, false).substr(3));
        return connection.receive(false);
    };
    http_client::Connection connection{site.port};
    CHECK(cookie_of(head(connection, "/visit")) == cookie);
    CHECK(head(connection, "/vary").one("Vary") == "Accept-Encoding, Origin, Cookie");
    CHECK(head(connection, "/hello").all("Set-Cookie").empty());
    connection.send(http_client::request_text("/visit", {line_of(cookie)}));
    CHECK(connection.receive().body == "4");
    for (auto const path : failures) {
        http_client::Connection failing{site.port};
        CHECK(head(failing, path).status >= 400);
        failing.send(http_client::request_text("/hello", {}));
        CHECK(failing.receive().body == "hello");
    }
}

inline std::string websocket_request(std::string_view path, std::string const& cookie)
{
    auto const lines = {"Upgrade: websocket", "Connection: Upgrade",
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"};
    http_client::Lines all{lines.begin(), lines.end()};
    all.push_back(line_of(cookie));
    return http_client::request_text(path, all, false);
}

/// For servers that have a WebSocket at /chat, which says first what look() sees.
template <class Site>
void check_websocket(Site& site)
{
    auto const cookie = cookie_of(get(site.port, "/visit"));
    for (auto const& [sent, seen] : {std::pair{cookie, "seen 1"}, {"sessionid=abcdefghabcdefgh", "seen 0"}}) {
        http_client::Connection connection{site.port};
        connection.send(websocket_request("/chat", sent));
        auto const handshake = connection.receive();
        CHECK(handshake.status == 101);
        CHECK(handshake.all("Set-Cookie").empty());
        CHECK(handshake.all("Vary").empty());
        CHECK(connection.receive_raw(8) == std::string{"\x81\x06"} + seen);
    }
}

/// For adapters that keep storage work away from the event loop: Site has one thread for events.
template <class Site>
void check_event_loop(Site& site)
{
    auto const cookie = cookie_of(get(site.port, "/visit"));
    site.trouble.hang(true);
    Response slow;
    std::thread visitor{[&] { slow = get(site.port, "/visit", {line_of(cookie)}); }};
    site.trouble.wait_for(1);
    for (int i = 0; i < 3; ++i)
        CHECK(get(site.port, "/hello").body == "hello");
    CHECK(get(site.port, "/missing").status == 404);
    site.trouble.hang(false);
    visitor.join();
    CHECK(slow.body == "2");
}

} // namespace adapter_laws

#endif
