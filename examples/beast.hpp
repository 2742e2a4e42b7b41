// SPDX-License-Identifier: MIT
#ifndef EXAMPLES_BEAST_HPP
#define EXAMPLES_BEAST_HPP

// What the two examples on Boost.Beast share: messages, pages, and where they listen.

#include "options.hpp"
#include "page.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

namespace examples {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

inline void set_page(Response& response, std::string title, std::string const& body)
{
    response.set(http::field::content_type, html);
    response.body() = page(title, body);
}

/// Tells the operator, not the visitor, what went wrong. Called while an exception is handled.
inline void tell_failure(Request const& request)
{
    std::string what = "unknown exception";
    try {
        throw;
    } catch (std::exception const& error) {
        what = error.what();
    } catch (...) { // NOLINT(bugprone-empty-catch): said already
    }
    std::cerr << request.method_string() << ' ' << request.target() << ": " << what << std::endl;
}

inline Response begin_response(Request const& request)
{
    return Response{http::status::ok, request.version()};
}

inline void complete(Request const& request, Response& response)
{
    if (response.body().empty()) {
        response.set(http::field::content_type, "text/plain; charset=utf-8");
        response.body() = std::string{http::obsolete_reason(response.result())} + "\n";
    }
    response.keep_alive(request.keep_alive());
    response.prepare_payload();
}

/// On 127.0.0.1; nothing after a message where that is not possible.
inline std::optional<tcp::acceptor> listen(asio::io_context& context, Options const& options,
                                           std::string const& path)
try {
    auto const port = static_cast<unsigned short>(options.port);
    tcp::acceptor acceptor{context, tcp::endpoint{asio::ip::address_v4::loopback(), port}};
    std::cout << "Listening on http://127.0.0.1:" << acceptor.local_endpoint().port() << path
              << " (end with Ctrl+C)" << std::endl;
    return acceptor;
} catch (boost::system::system_error const& error) {
    std::cerr << "Cannot listen on 127.0.0.1:" << options.port;
    if (error.code() == asio::error::address_in_use)
        std::cerr << ": the port is in use. Choose another one with --port N.\n";
    else
        std::cerr << ": " << error.code().message() << ".\n";
    return std::nullopt;
}

} // namespace examples

#endif
