// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_HTTP_HTTPLIB_MESSAGE_HPP
#define CLOAKROOM_HTTP_HTTPLIB_MESSAGE_HPP

#include <cloakroom/http/in_session.hpp>

#include <httplib.h>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::http {

/// The values of all Cookie headers, as long as the request lives.
inline std::vector<std::string_view> cookie_headers(httplib::Request const& request)
{
    std::vector<std::string_view> cookies;
    auto const [first, last] = request.headers.equal_range("Cookie");
    for (auto header = first; header != last; ++header)
        cookies.emplace_back(header->second);
    return cookies;
}

/// The first header of that name, or nothing where there is none, which is not the same as an empty one.
/// Valid as long as the request.
inline std::optional<std::string_view> find_header(httplib::Request const& request, std::string const& name)
{
    auto const found = request.headers.find(name);
    return found == request.headers.end() ? std::nullopt : std::optional<std::string_view>{found->second};
}

/// A response as in_session() and add() take it. Remembers the headers that it has when this is made, before
/// the handler.
class HttplibResponse {
public:
    explicit HttplibResponse(httplib::Response& response) : response_{response}, headers_{response.headers} {}

    int status() const { return response_.status == -1 ? 200 : response_.status; }
    void append(std::string const& name, std::string const& value) { response_.headers.emplace(name, value); }
    std::string take(std::string const& name)
    {
        std::string values;
        auto const [first, last] = response_.headers.equal_range(name);
        for (auto header = first; header != last; ++header)
            (values += header->second) += ',';
        response_.headers.erase(first, last);
        return values;
    }
    /// What the old response holds is released.
    void start_again(int status)
    {
        httplib::Response old;
        std::swap(old, response_);
        response_.version = old.version;
        response_.headers = headers_;
        response_.status = status;
    }
    void set_text(std::string const& text) { response_.set_content(text, "text/plain; charset=utf-8"); }

private:
    httplib::Response& response_;
    httplib::Headers headers_;
};
static_assert(AdaptedResponse<HttplibResponse>);

} // namespace cloakroom::inline v0::http

#endif
