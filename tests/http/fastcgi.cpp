// SPDX-License-Identifier: MIT
#include <cloakroom/http/fastcgi.hpp>

#include "http/adapter_laws.hpp"
#include "support/gateway.hpp"
#include "support/temporary_folder.hpp"

#include <exception>
#include <string>
#include <thread>
#include <vector>

namespace cr = cloakroom;

namespace {

using adapter_laws::Session;
using cr::http::CgiRequest;
using cr::http::CgiResponse;

/// A program of four threads behind a Unix socket, and a web server before it.
struct Site : adapter_laws::Backends {
    static constexpr bool keeps_alive = false;
    static constexpr bool streams = true;

    Site()
    {
        FCGX_Init();
        listener = FCGX_OpenSocket(socket_path.c_str(), 64);
        REQUIRE(listener >= 0);
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([this] { serve(); });
    }
    Site(Site const&) = delete;
    Site& operator=(Site const&) = delete;
    ~Site()
    {
        shutdown(listener, SHUT_RDWR);
        for (auto& thread : threads)
            thread.join();
        close(listener);
    }

    void serve() const
    {
        FCGX_Request request;
        FCGX_InitRequest(&request, listener, 0);
        while (FCGX_Accept_r(&request) == 0) {
            try {
                respond(request);
            } catch (std::exception const&) { // NOLINT(bugprone-empty-catch): the answer is written
            }
            FCGX_Finish_r(&request);
        }
        FCGX_Free(&request, 1);
    }

    void respond(FCGX_Request& request) const
    {
        std::string const path = FCGX_GetParam("PATH_INFO", request.envp);
        if (path == "/missing")
            FCGX_PutS("Status: 404\r\n\r\n", request.out);
        else
            with_session(request, [this](auto const& of, auto& response, Session& session) {
                answer(of, response, session);
            });
    }

    void answer(CgiRequest const& request, CgiResponse& response, Session& session) const
    {
        static CgiResponse const shared = cached();
        auto const path = request.variable("PATH_INFO");
        if (path == "/read-only") {
            auto seen = with_session.read_only(request);
            response.body = adapter_laws::look(seen);
            return;
        }
        auto const answer = adapter_laws::act(path, session, with_session.cookies(request));
        if (answer.shared)
            response = shared;
        else
            response.set_content(answer.body, "text/plain");
        response.status = answer.status;
        for (auto const& [name, value] : answer.headers)
            response.add_header(name, value);
        with_session.add(answer.form_headers, response);
        if (answer.streamed)
            response.rest = [answer](std::ostream& out) {
                for (char const c : std::string{", stored "})
                    out.put(c);
                out << std::flush << answer.stored_count();
            };
        adapter_laws::finish(path, session);
    }

    static CgiResponse cached()
    {
        CgiResponse response;
        response.add_header("X-Shared", "yes");
        response.set_content("cached", "text/plain");
        return response;
    }

    TemporaryFolder folder;
    std::string socket_path = folder.path("socket");
    int listener = -1;
    cr::http::FastCgi<Session> with_session{backend};
    std::vector<std::thread> threads;
    gateway::Gateway server{
        [this](auto const& variables) { return gateway::ask_fastcgi(socket_path, variables); }};
    int port = server.port();
};

} // namespace

TEST_CASE("FastCGI: behaves as all adapters do")
{
    Site site;
    adapter_laws::check(site);
}
