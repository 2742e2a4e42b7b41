// SPDX-License-Identifier: MIT
#include <cloakroom/http/cgi.hpp>

#include "http/adapter_laws.hpp"
#include "support/gateway.hpp"

#include <exception>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace cr = cloakroom;

namespace {

using adapter_laws::Session;
using cr::http::CgiRequest;
using cr::http::CgiResponse;
using Sessions = cr::http::Cgi<Session>;

/// A program that runs within ours, as often as it is asked.
struct Site : adapter_laws::Backends {
    static constexpr bool keeps_alive = false;
    static constexpr bool streams = true;

    std::string run(gateway::Variables const& variables) const
    {
        std::vector<char const*> environment;
        for (auto const& variable : variables)
            environment.push_back(variable.c_str());
        environment.push_back(nullptr);
        std::istringstream body;
        std::ostringstream out;
        CgiRequest const request{environment.data(), body};
        try {
            if (request.variable("PATH_INFO") == "/missing") {
                CgiResponse response;
                response.status = 404;
                response.write(out);
            } else if (request.variable("PATH_INFO") == "/read-only") {
                auto session = with_session.read_only(request);
                CgiResponse response;
                response.body = adapter_laws::look(session);
                response.write(out);
            } else {
                with_session(request, out, answer);
            }
        } catch (std::exception const&) { // NOLINT(bugprone-empty-catch): the answer is written
        }
        return out.str();
    }

    static CgiResponse cached()
    {
        CgiResponse response;
        response.add_header("X-Shared", "yes");
        response.set_content("cached", "text/plain");
        return response;
    }

    static void answer(CgiRequest const& request, CgiResponse& response, Session& session)
    {
        static CgiResponse const shared = cached();
        auto const answer =
            adapter_laws::act(request.variable("PATH_INFO"), session, Sessions::cookies(request));
        if (answer.shared)
            response = shared;
        else
            response.set_content(answer.body, "text/plain");
        response.status = answer.status;
        for (auto const& [name, value] : answer.headers)
            response.add_header(name, value);
        Sessions::add(answer.form_headers, response);
        if (answer.streamed)
            response.rest = [answer](std::ostream& out) { out << ", stored " << answer.stored_count(); };
        adapter_laws::finish(request.variable("PATH_INFO"), session);
    }

    Sessions with_session{backend};
    gateway::Gateway server{[this](auto const& variables) { return run(variables); }};
    int port = server.port();
};

} // namespace

TEST_CASE("CGI: behaves as all adapters do")
{
    Site site;
    adapter_laws::check(site);
}

TEST_CASE("CGI: a request is what the environment says, and its body what follows")
{
    char const* const environment[] = {
        "REQUEST_METHOD=POST", "EMPTY=", "NO_VALUE", "NAME_LONGER=no", "NAME=a=b", "NAME=second", nullptr};
    std::istringstream body{"the body"};
    CgiRequest const request{environment, body};
    CHECK(request.method() == "POST");
    CHECK(request.variable("NAME") == "a=b");
    CHECK(request.variable("EMPTY").empty());
    CHECK(request.variable("NO_VALUE").empty());
    CHECK(request.variable("ABSENT").empty());
    CHECK(std::string{std::istreambuf_iterator<char>{request.body()}, {}} == "the body");
    CHECK(CgiRequest{nullptr, body}.variable("NAME").empty());
}

TEST_CASE("CGI: a response is written with its status, a type and all of its headers")
{
    CgiResponse response;
    response.status = 201;
    response.body = "made";
    response.add_header("Set-Cookie", "a=1");
    response.add_header("Set-Cookie", "b=2");
    std::ostringstream out;
    response.write(out);
    CHECK(out.str() == "Status: 201\r\nContent-Type: text/html; charset=utf-8\r\nSet-Cookie: a=1\r\n"
                       "Set-Cookie: b=2\r\n\r\nmade");

    response.set_content("text", "text/plain");
    response.set_content("text", "text/css");
    CHECK(response.take_headers("set-cookie") == "a=1,b=2,");
    CHECK(response.take_headers("set-cookie").empty());
    out.str({});
    response.write(out);
    CHECK(out.str() == "Status: 201\r\nContent-Type: text/css\r\n\r\ntext");
}

TEST_CASE("CGI: a header that would not stay within its line is refused")
{
    CgiResponse response;
    CHECK_THROWS_AS(response.add_header("X", "a\r\nSet-Cookie: b=1"), cr::ValueError);
    CHECK_THROWS_AS(response.add_header("X", "a\nb"), cr::ValueError);
    CHECK_THROWS_AS(response.add_header("X", std::string{"a\0b", 3}), cr::ValueError);
    CHECK_THROWS_AS(response.add_header("X:", "a"), cr::ValueError);
    CHECK_THROWS_AS(response.add_header("X\nY", "a"), cr::ValueError);
    CHECK_THROWS_AS(response.add_header("", "a"), cr::ValueError);
    CHECK_THROWS_AS(response.set_content("body", "text/html\r\nX: y"), cr::ValueError);
    response.add_header("X", "a: b; c=\"d\"");
    CHECK(response.take_headers("X") == "a: b; c=\"d\",");
}
