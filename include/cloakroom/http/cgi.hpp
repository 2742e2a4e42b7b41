// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_HTTP_CGI_HPP
#define CLOAKROOM_HTTP_CGI_HPP

#include <cloakroom/core/cookie_token.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/http/in_session.hpp>
#include <cloakroom/http/middleware.hpp>
#include <cloakroom/http/outcome.hpp>
#include <cloakroom/session/read_only_session.hpp>

#include <algorithm>
#include <concepts>
#include <functional>
#include <istream>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::http {

/// A request as CGI (RFC 3875) describes it: meta-variables and a body. Views of what the web server gave.
class CgiRequest {
public:
    /// `environment`: `NAME=value` texts up to a null pointer. Both outlive this object.
    CgiRequest(char const* const* environment, std::istream& body) : environment_{environment}, body_{&body}
    {
    }

    /// A meta-variable, such as REQUEST_METHOD, PATH_INFO, QUERY_STRING or HTTP_HOST; empty when it is not
    /// there.
    std::string_view variable(std::string_view name) const
    {
        for (auto const* at = environment_; at != nullptr && *at != nullptr; ++at) {
            std::string_view const text = *at;
            if (text.size() > name.size() && text[name.size()] == '=' && text.starts_with(name))
                return text.substr(name.size() + 1);
        }
        return {};
    }
    std::string_view method() const { return variable("REQUEST_METHOD"); }

    /// What the server has as CONTENT_LENGTH says where the body ends; not every server ends the stream.
    std::istream& body() const { return *body_; }

private:
    char const* const* environment_;
    std::istream* body_;
};

/// A response, collected before anything of it leaves. Without a Content-Type it is HTML.
class CgiResponse {
public:
    int status = 200;
    std::string body;
    /// Writes more of the body after all the above has left. Must not use the session.
    std::function<void(std::ostream&)> rest;

    /// Adds a header beside those of the same name. ValueError for a name or value that would not stay
    /// within its line.
    void add_header(std::string name, std::string value);

    /// Sets the body and its type.
    void set_content(std::string content, std::string type)
    {
        take_headers("Content-Type");
        add_header("Content-Type", std::move(type));
        body = std::move(content);
    }

    /// Removes all headers of this name and returns their values, joined by commas.
    std::string take_headers(std::string_view name);

    /// As CGI has it: the status as a header of its own.
    void write(std::ostream& out) const;

private:
    static bool has_name(Header const& header, std::string_view name)
    {
        return equal_ignoring_case(header.name, name);
    }

    std::vector<Header> headers_;
};

/// Sessions for CGI programs: answers the one request that the process was started for.
///
///     cr::http::Cgi<Session> const with_session{backend};
///     with_session({environ, std::cin}, std::cout,
///                  [](auto const& request, auto& response, Session& session) { ... });
///
/// The session is saved before the first byte is written. Thread-safe.
template <class Session>
class Cgi {
public:
    using Backend = typename Session::Backend;

    /// `backend` outlives every call made here; this object need not.
    explicit Cgi(Backend& backend) : middleware_{backend} {}

    /// Calls `handler(request, response, session)` and writes the response.
    ///
    /// What the handler or saving throws passes through, after a plain 500 was written in place of the
    /// handler's response; the session is then closed as for status 500, which saves nothing. Where somebody
    /// else ended the session meanwhile, the answer is a plain 400.
    template <std::invocable<CgiRequest const&, CgiResponse&, Session&> Handler>
    void operator()(CgiRequest const& request, std::ostream& out, Handler&& handler) const
    {
        CgiResponse response;
        Adapted adapted{response};
        auto session = middleware_.open(cookies(request));
        try {
            in_session(middleware_, session, adapted,
                       [&] { std::invoke(handler, request, response, session); });
        } catch (...) {
            adapted.set_text("Internal server error\n");
            response.write(out);
            throw;
        }
        response.write(out);
    }

    /// The session to look at only, such as in CgiResponse::rest.
    ReadOnlySession<Session> read_only(CgiRequest const& request) const
    {
        return middleware_.read_only(cookies(request));
    }

    /// What the web server made of all Cookie headers, for forms and messages, which have cookies of their
    /// own. Valid as long as the environment.
    static std::string_view cookies(CgiRequest const& request) { return request.variable("HTTP_COOKIE"); }

    /// Adds what close() of forms and messages says, within the handler. Vary is merged with what is there.
    static void add(std::span<Header const> headers, CgiResponse& response)
    {
        Adapted adapted{response};
        http::add(headers, adapted);
    }

private:
    class Adapted {
    public:
        explicit Adapted(CgiResponse& response) : response_{response} {}

        int status() const { return response_.status; }
        void append(std::string const& name, std::string const& value) { response_.add_header(name, value); }
        std::string take(std::string_view name) { return response_.take_headers(name); }
        void start_again(int status)
        {
            response_ = {};
            response_.status = status;
        }
        void set_text(std::string text)
        {
            response_.set_content(std::move(text), "text/plain; charset=utf-8");
        }

    private:
        CgiResponse& response_;
    };

    Middleware<Session> middleware_;
};

inline void CgiResponse::add_header(std::string name, std::string value)
{
    auto const ends_line = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
    if (name.empty() ||
        std::any_of(name.begin(), name.end(), [&](char c) { return c == ':' || ends_line(c); }))
        throw ValueError{"the name of a header must be a text without colons and line breaks"};
    if (std::any_of(value.begin(), value.end(), ends_line))
        throw ValueError{"the header " + name + " has a line break in it"};
    headers_.push_back({std::move(name), std::move(value)});
}

inline std::string CgiResponse::take_headers(std::string_view name)
{
    std::string joined;
    for (auto const& header : headers_)
        if (has_name(header, name))
            (joined += header.value) += ',';
    std::erase_if(headers_, [name](Header const& header) { return has_name(header, name); });
    return joined;
}

inline void CgiResponse::write(std::ostream& out) const
{
    out << "Status: " << status << "\r\n";
    if (std::none_of(headers_.begin(), headers_.end(),
                     [](Header const& header) { return has_name(header, "Content-Type"); }))
        out << "Content-Type: text/html; charset=utf-8\r\n";
    for (auto const& [name, value] : headers_)
        out << name << ": " << value << "\r\n";
    out << "\r\n" << body << std::flush;
    if (rest) {
        rest(out);
        out.flush();
    }
}

} // namespace cloakroom::inline v0::http

#endif
