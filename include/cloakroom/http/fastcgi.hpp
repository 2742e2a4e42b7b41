// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_HTTP_FASTCGI_HPP
#define CLOAKROOM_HTTP_FASTCGI_HPP

#include <cloakroom/http/cgi.hpp>
#include <cloakroom/http/outcome.hpp>
#include <cloakroom/session/read_only_session.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <fcgiapp.h>
#include <istream>
#include <limits>
#include <ostream>
#include <span>
#include <streambuf>
#include <string_view>
#include <utility>

namespace cloakroom::inline v0::http {

/// Sessions for FastCGI programs on libfcgi: answers one request that FCGX_Accept_r() took.
///
///     cr::http::FastCgi<Session> const with_session{backend};
///     while (FCGX_Accept_r(&request) == 0)
///         with_session(request, [](auto const& request, auto& response, Session& session) { ... });
///
/// The session is saved before the first byte is written. Thread-safe, with a request for each thread.
template <class Session>
class FastCgi {
public:
    using Backend = typename Session::Backend;

    /// `backend` outlives every call made here; this object need not.
    explicit FastCgi(Backend& backend) : cgi_{backend} {}

    /// As Cgi. The request is neither finished nor freed.
    template <std::invocable<CgiRequest const&, CgiResponse&, Session&> Handler>
    void operator()(FCGX_Request& request, Handler&& handler) const
    {
        Input input{request.in};
        Output output{request.out};
        std::istream body{&input};
        std::ostream out{&output};
        cgi_(CgiRequest{request.envp, body}, out, std::forward<Handler>(handler));
    }

    /// The session to look at only, such as in CgiResponse::rest.
    ReadOnlySession<Session> read_only(CgiRequest const& request) const { return cgi_.read_only(request); }

    /// As Cgi's, for forms and messages.
    static std::string_view cookies(CgiRequest const& request) { return Cgi<Session>::cookies(request); }
    static void add(std::span<Header const> headers, CgiResponse& response)
    {
        Cgi<Session>::add(headers, response);
    }

private:
    class Input : public std::streambuf {
    public:
        explicit Input(FCGX_Stream* stream) : stream_{stream} {}

    protected:
        int_type underflow() override
        {
            auto const size = FCGX_GetStr(buffer_.data(), static_cast<int>(buffer_.size()), stream_);
            if (size <= 0)
                return traits_type::eof();
            setg(buffer_.data(), buffer_.data(), buffer_.data() + size);
            return traits_type::to_int_type(buffer_[0]);
        }

    private:
        FCGX_Stream* stream_;
        std::array<char, 4096> buffer_{};
    };

    /// libfcgi has a buffer of its own.
    class Output : public std::streambuf {
    public:
        explicit Output(FCGX_Stream* stream) : stream_{stream} {}

    protected:
        int_type overflow(int_type c) override
        {
            if (traits_type::eq_int_type(c, traits_type::eof()))
                return traits_type::not_eof(c);
            return FCGX_PutChar(c, stream_) == -1 ? traits_type::eof() : c;
        }
        std::streamsize xsputn(char const* text, std::streamsize size) override
        {
            std::streamsize written = 0;
            while (written < size) {
                auto const step = std::min<std::streamsize>(size - written, std::numeric_limits<int>::max());
                auto const count = FCGX_PutStr(text + written, static_cast<int>(step), stream_);
                if (count <= 0)
                    break;
                written += count;
            }
            return written;
        }
        int sync() override { return FCGX_FFlush(stream_); }

    private:
        FCGX_Stream* stream_;
    };

    Cgi<Session> cgi_;
};

} // namespace cloakroom::inline v0::http

#endif
