// SPDX-License-Identifier: MIT
//
// server LIBRARY: a server on cpp-httplib or Boost.Beast for tools/benchmark_http, which asks it for
//   /bare    "hello", without the adapter
//   /hello   the same through the adapter, the session untouched
//   /visit   the visit counter on storage::Memory
//   /cpu     the microseconds of CPU that this process has used
// It says its port and ends when its input does.
#include <cloakroom.hpp>
#include <cloakroom/http/beast.hpp>
#include <cloakroom/http/httplib.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <thread>
#include <utility>

namespace cr = cloakroom;
namespace http = boost::beast::http;
using boost::asio::ip::tcp;

namespace {

using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;

std::string used_cpu()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    auto const microseconds = [](timeval const& time) { return time.tv_sec * 1'000'000L + time.tv_usec; };
    return std::to_string(microseconds(usage.ru_utime) + microseconds(usage.ru_stime));
}

std::string count(Session& session)
{
    session["visit"] += 1;
    return std::to_string(session["visit"].as<int>());
}

void say_port(int port)
{
    std::cout << port << std::endl;
}

/// Ends the process, whatever its threads do, when there is no more input.
void end_with_input()
{
    std::thread{[] {
        while (std::cin.get() != std::char_traits<char>::eof()) {
        }
        std::_Exit(0);
    }}.detach();
}

void run_httplib(Session::Backend& backend)
{
    httplib::Server server;
    cr::http::Httplib<Session> const with_session{backend};
    auto const hello = [](auto const&, auto& response) { response.set_content("hello", "text/plain"); };
    server.Get("/bare", hello);
    server.Get("/hello", with_session([&](auto const& request, auto& response, Session&) {
                   hello(request, response);
               }));
    server.Get("/visit", with_session([](auto const&, auto& response, Session& session) {
                   response.set_content(count(session), "text/plain");
               }));
    server.Get("/cpu", [](auto const&, auto& response) { response.set_content(used_cpu(), "text/plain"); });
    server.set_keep_alive_max_count(1'000'000'000);
    server.set_tcp_nodelay(true);
    say_port(server.bind_to_any_port("127.0.0.1"));
    server.listen_after_bind();
}

using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

void hello(Response& response)
{
    response.set(http::field::content_type, "text/plain");
    response.body() = "hello";
}

void converse(tcp::socket& socket, cr::http::Beast<Session> const& with_session)
{
    boost::beast::flat_buffer buffer;
    boost::system::error_code error;
    while (true) {
        Request request;
        http::read(socket, buffer, request, error);
        if (error)
            return;
        Response response{http::status::ok, request.version()};
        if (request.target() == "/bare")
            hello(response);
        else if (request.target() == "/hello")
            with_session(request, response, [](auto const&, Response& into, Session&) { hello(into); });
        else if (request.target() == "/visit")
            with_session(request, response, [](auto const&, Response& into, Session& session) {
                into.set(http::field::content_type, "text/plain");
                into.body() = count(session);
            });
        else
            response.body() = used_cpu();
        response.prepare_payload();
        http::write(socket, response, error);
        if (error)
            return;
    }
}

void run_beast(Session::Backend& backend)
{
    cr::http::Beast<Session> const with_session{backend};
    boost::asio::io_context context;
    tcp::acceptor acceptor{context, tcp::endpoint{boost::asio::ip::address_v4::loopback(), 0}};
    say_port(acceptor.local_endpoint().port());
    while (true) {
        tcp::socket socket{context};
        acceptor.accept(socket);
        socket.set_option(tcp::no_delay{true});
        std::thread{[&with_session, moved = std::move(socket)]() mutable {
            converse(moved, with_session);
        }}.detach();
    }
}

} // namespace

int main(int argc, char** argv)
{
    std::string_view const library = argc == 2 ? argv[1] : "";
    Session::Backend backend{cr::storage::Memory{}};
    end_with_input();
    if (library == "httplib")
        run_httplib(backend);
    else if (library == "beast")
        run_beast(backend);
    std::cerr << "Usage: " << argv[0] << " httplib|beast\n";
    return 2;
}
