// SPDX-License-Identifier: MIT
#include <cloakroom/auth/csrf.hpp>
#include <cloakroom/auth/httplib.hpp>
#include <cloakroom/http/outcome.hpp>
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/unsigned.hpp>
#include <cloakroom/storage/memory.hpp>

#include "support/catch.hpp"

#include <httplib.h>
#include <optional>
#include <string>
#include <vector>

namespace cr = cloakroom;
namespace auth = cr::auth;

namespace {

using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;

struct Visitor {
    explicit Visitor(auth::CsrfSettings const& settings = {}) : protection{settings} {}

    /// Brings the secret in a cookie, behind another Cookie header.
    Visitor& with_cookie()
    {
        request.headers.emplace("Cookie", "a=1");
        request.headers.emplace("Cookie", "csrftoken=" + secret);
        return *this;
    }
    auto check(std::string const& form_token, std::optional<bool> is_secure = std::nullopt)
    {
        request.method = "POST";
        return auth::open_csrf(protection, request, session, is_secure).check(form_token);
    }

    std::string secret = std::string(32, 'a');
    std::string token = auth::mask_csrf_secret(secret);
    auth::CsrfProtection protection;
    Session::Backend backend{cr::storage::Memory{}};
    Session session{backend};
    httplib::Request request;
};

} // namespace

TEST_CASE("a form of a request of cpp-httplib is checked by cookie and token")
{
    CHECK_FALSE(Visitor{}.with_cookie().check(Visitor{}.token));
    CHECK(Visitor{}.with_cookie().check(auth::mask_csrf_secret(std::string(32, 'b')))->reason() ==
          auth::CsrfReason::token_incorrect);
    CHECK(Visitor{}.check(Visitor{}.token)->reason() == auth::CsrfReason::no_cookie);
}

TEST_CASE("a script's token comes in the header that the settings name")
{
    Visitor visitor{{.csrf_header_name = "X-Own"}};
    visitor.with_cookie();
    CHECK(visitor.check("")->reason() == auth::CsrfReason::token_missing);
    visitor.request.headers.emplace("x-own", visitor.token);
    CHECK_FALSE(visitor.check(""));
}

TEST_CASE("an Origin is ours if it names the Host, under the scheme of the site")
{
    auto const from = [](std::string const& origin, bool is_secure) {
        Visitor visitor{{.csrf_cookie_secure = is_secure}};
        visitor.with_cookie().request.headers = {{"Host", "example.com:8000"}, {"Origin", origin}};
        visitor.with_cookie();
        auto const failure = visitor.check(visitor.token);
        return failure ? std::optional{failure->reason()} : std::nullopt;
    };
    CHECK(from("http://example.com:8000", false) == std::nullopt);
    CHECK(from("https://example.com:8000", true) == std::nullopt);
    CHECK(from("https://example.com:8000", false) == auth::CsrfReason::untrusted_origin);
    CHECK(from("http://example.com:8000", true) == auth::CsrfReason::untrusted_origin);
    CHECK(from("http://example.com", false) == auth::CsrfReason::untrusted_origin);
    CHECK(from("", false) == auth::CsrfReason::untrusted_origin); // an empty header is one
}

TEST_CASE("behind HTTPS a request without Origin needs a Referer")
{
    Visitor visitor;
    visitor.with_cookie().request.headers.emplace("Host", "example.com");
    CHECK_FALSE(visitor.check(visitor.token));
    CHECK(visitor.check(visitor.token, true)->reason() == auth::CsrfReason::no_referer);
    visitor.request.headers.emplace("Referer", "https://example.com/form/");
    CHECK_FALSE(visitor.check(visitor.token, true));
}

TEST_CASE("with csrf_use_sessions the secret goes through the session of the handler")
{
    Visitor visitor{{.csrf_use_sessions = true}};
    visitor.request.method = "GET";
    auto csrf = auth::open_csrf(visitor.protection, visitor.request, visitor.session);
    auto const token = csrf.token();
    CHECK(csrf.close().empty());
    CHECK_FALSE(visitor.check(token));
    CHECK(visitor.with_cookie().check(visitor.token)->reason() == auth::CsrfReason::token_incorrect);
}

TEST_CASE("with csrf_use_sessions the session's cookie says whether the site speaks HTTPS")
{
    auto const from = [](std::string const& origin, cr::Settings const& settings, bool csrf_cookie_secure) {
        Visitor visitor{{.csrf_cookie_secure = csrf_cookie_secure, .csrf_use_sessions = true}};
        Session::Backend backend{cr::storage::Memory{}, {}, {}, settings};
        Session session{backend};
        session[auth::CsrfSecret::item_name] = visitor.secret;
        visitor.request.method = "POST";
        visitor.request.headers = {{"Host", "example.com"}, {"Origin", origin}};
        auto const failure =
            auth::open_csrf(visitor.protection, visitor.request, session).check(visitor.token);
        return failure ? std::optional{failure->reason()} : std::nullopt;
    };
    cr::Settings const secure{.cookie_secure = true};
    for (bool const csrf_cookie_secure : {false, true}) {
        CHECK(from("https://example.com", secure, csrf_cookie_secure) == std::nullopt);
        CHECK(from("http://example.com", secure, csrf_cookie_secure) == auth::CsrfReason::untrusted_origin);
        CHECK(from("http://example.com", {}, csrf_cookie_secure) == std::nullopt);
        CHECK(from("https://example.com", {}, csrf_cookie_secure) == auth::CsrfReason::untrusted_origin);
    }
}

TEST_CASE("beside a cookie domain, a Referer has the port that the Host header has (S-610)")
{
    auto const from = [](std::string const& referer, std::string const& host, int local_port) {
        Visitor visitor{{.csrf_cookie_domain = ".example.com", .csrf_cookie_secure = true}};
        visitor.request.headers = {{"Host", host}, {"Referer", referer}};
        visitor.request.local_port = local_port;
        auto const failure = visitor.with_cookie().check(visitor.token);
        return failure ? std::optional{failure->reason()} : std::nullopt;
    };
    constexpr auto refused = auth::CsrfReason::untrusted_referer;
    CHECK(from("https://a.example.com:8443/form", "example.com:8443", 8443) == std::nullopt);
    CHECK(from("https://a.example.com:8444/form", "example.com:8443", 8443) == refused);
    CHECK(from("https://a.example.com/form", "example.com:8443", 8443) == refused);
    CHECK(from("https://a.example.com/form", "example.com", 443) == std::nullopt);
    CHECK(from("https://a.example.com:443/form", "example.com", 443) == refused);
    // A proxy speaks HTTPS before us.
    CHECK(from("https://a.example.com/form", "example.com", 8000) == std::nullopt);
    CHECK(from("https://a.example.com:8000/form", "example.com", 8000) == refused);
    CHECK(from("https://a.example.com:8443/form", "example.com:8443", 8000) == std::nullopt);
    // What is no port is none of ours.
    for (auto const* const host : {"example.com:", "example.com:x", "example.com:8443x", "example.com:-1",
                                   "example.com:73979", "[::8443]", "[::1", ""})
        CHECK(from("https://a.example.com:8443/form", host, 8443) == refused);
    CHECK(from("https://a.example.com:8443/form", "[::1]:8443", 8443) == std::nullopt);
}

TEST_CASE("headers of forms and messages are added once to what a response has")
{
    httplib::Response response;
    response.set_header("Vary", "Accept-Language");
    response.set_header("Vary", "accept");
    std::vector<cr::http::Header> const first{{"Set-Cookie", "a=1"}, {"Vary", "Cookie"}};
    std::vector<cr::http::Header> const second{{"Set-Cookie", "b=2"}, {"Vary", "Cookie"}};
    auth::add_headers(first, response);
    auth::add_headers(second, response);
    CHECK(response.get_header_value_count("Set-Cookie") == 2);
    CHECK(response.get_header_value_count("Vary") == 1);
    // cpp-httplib's versions differ in which of two headers of one name is the first.
    auto const vary = response.get_header_value("Vary");
    CHECK((vary == "Accept-Language, accept, Cookie" || vary == "accept, Accept-Language, Cookie"));
}
