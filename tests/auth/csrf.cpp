// SPDX-License-Identifier: MIT
#include <cloakroom/auth/csrf.hpp>

#include "support/catch.hpp"
#include "support/signing_vectors.hpp"
#include "support/vectors.hpp"

#include <cloakroom/http/cookie_parser.hpp>
#include <cloakroom/http/middleware.hpp>
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/storage/memory.hpp>
#include <cloakroom/storage/signed_cookie.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cr = cloakroom;
namespace auth = cloakroom::auth;
using auth::CsrfReason;
using cr::http::Header;

namespace {

using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Hmac>;

std::string const secret = "WOcPdxq3ui5EySxdYhQSsNXK8oTkd8By";
std::string const other_secret = "jKQclTtu1NR3284EXdiqdWvsac0TYtPI";

struct Case {
    cr::Dict const& fields;

    cr::Value const* find(std::string_view name) const
    {
        auto const* const value = fields.find(name);
        return value == nullptr || value->is_null() ? nullptr : value;
    }
    std::optional<std::string> text(std::string_view name) const
    {
        auto const* const value = find(name);
        return value == nullptr ? std::nullopt : std::optional{value->as<std::string>()};
    }
    bool flag(std::string_view name) const
    {
        auto const* const value = find(name);
        return value != nullptr && value->as<bool>();
    }
};

auth::CsrfSettings settings_of(cr::Dict const& given)
{
    auth::CsrfSettings settings;
    for (auto const& [name, value] : given) {
        auto const text = value.is_string() ? value.as<std::string>() : "";
        if (name == "CSRF_COOKIE_NAME")
            settings.csrf_cookie_name = text;
        else if (name == "CSRF_COOKIE_AGE" && value.is_null())
            settings.csrf_cookie_age = std::nullopt;
        else if (name == "CSRF_COOKIE_AGE")
            settings.csrf_cookie_age = std::chrono::seconds{value.as<std::int64_t>()};
        else if (name == "CSRF_COOKIE_DOMAIN")
            settings.csrf_cookie_domain = text;
        else if (name == "CSRF_COOKIE_PATH")
            settings.csrf_cookie_path = text;
        else if (name == "CSRF_COOKIE_SECURE")
            settings.csrf_cookie_secure = value.as<bool>();
        else if (name == "CSRF_COOKIE_HTTPONLY")
            settings.csrf_cookie_httponly = value.as<bool>();
        else if (name == "CSRF_COOKIE_SAMESITE")
            settings.csrf_cookie_samesite = text == "Strict" ? cr::SameSite::strict
                                            : text == "None" ? cr::SameSite::none
                                                             : cr::SameSite::omit;
        else if (name == "CSRF_USE_SESSIONS")
            settings.csrf_use_sessions = value.as<bool>();
        else if (name == "CSRF_TRUSTED_ORIGINS")
            settings.csrf_trusted_origins = value.as<std::vector<std::string>>();
        else
            REQUIRE(name == "ALLOWED_HOSTS");
    }
    return settings;
}

/// The host of a case, as the server hands it on: none where the site does not answer for it.
std::string host_of(Case const& c)
{
    auto const* const settings = c.find("settings");
    auto const* const allowed =
        settings == nullptr ? nullptr : settings->get_if<cr::Dict>()->find("ALLOWED_HOSTS");
    auto const host = *c.text("host");
    if (allowed == nullptr)
        return host;
    auto const hosts = allowed->as<std::vector<std::string>>();
    return std::find(hosts.begin(), hosts.end(), host) == hosts.end() ? std::string{} : host;
}

/// A Set-Cookie line with another value.
std::string with_value(std::string const& line, std::string const& value)
{
    auto const start = line.find('=') + 1;
    return line.substr(0, start) + value + line.substr(std::min(line.find(';'), line.size()));
}

std::string value_in(std::string const& line)
{
    auto const start = line.find('=') + 1;
    return line.substr(start, line.find(';') - start);
}

void run(Case const& c)
{
    auto const* const given = c.find("settings");
    auto const settings = given == nullptr ? auth::CsrfSettings{} : settings_of(*given->get_if<cr::Dict>());
    if (settings.csrf_cookie_samesite == cr::SameSite::none) { // a browser would not take it
        CHECK_THROWS_AS(auth::CsrfProtection{settings}, cr::ImproperlyConfigured);
        return;
    }
    auth::CsrfProtection protection{settings};
    protection.clock([] { return vector_clock(); });
    Session::Backend backend{cr::storage::Memory{}, {}, cr::signer::Hmac{"a secret of the test"}};
    Session session{backend};
    if (settings.csrf_use_sessions && c.text("session_token")) {
        session["_csrftoken"] = *c.text("session_token");
        session.save();
        session = Session{backend, session.session_key()};
    }

    auto const host = host_of(c);
    auto const method = *c.text("method");
    auto const origin = c.text("origin");
    auto const referer = c.text("referer");
    auto const cookie = c.text("cookie");
    auto const header = c.text("header_token");
    auto csrf = protection.open({.method = method,
                                 .is_secure = c.flag("secure"),
                                 .host = host,
                                 .port = static_cast<std::uint16_t>(std::stoi(*c.text("port"))),
                                 .origin = origin,
                                 .referer = referer,
                                 .cookie = cookie,
                                 .header_token = header},
                                session);
    if (!c.flag("view_exempt") && !c.flag("checks_disabled")) {
        auto const failure = csrf.check(c.text("post_token").value_or(""));
        CHECK((failure ? std::optional{failure->text()} : std::nullopt) == c.text("rejected"));
    }
    std::string token;
    if (c.flag("view_calls_get_token")) {
        token = csrf.token();
        CHECK(token.size() == c.text("token_from_get_token")->size());
    }
    if (c.flag("view_rotates"))
        csrf.rotate();
    auto const headers = csrf.close();
    CHECK(csrf.close().empty());

    auto const known_secret = c.text("meta_csrf_cookie");
    auto const expected = c.find("set_cookie")->as<std::vector<std::string>>();
    REQUIRE(headers.size() == 2 * expected.size());
    if (!expected.empty()) {
        auto const ours = value_in(headers[0].value);
        CHECK(headers[0] == Header{"Set-Cookie", with_value(expected[0], ours)});
        CHECK(headers[1] == Header{"Vary", *c.text("vary")});
        CHECK(auth::csrf_format(ours) == auth::CsrfFormat::good);
        // The secret that Django sends is the one that came, or a new one where ours is new as well.
        auto const came =
            cookie && auth::csrf_format(*cookie) == auth::CsrfFormat::good
                ? std::optional{cookie->size() == 64 ? auth::unmask_csrf_token(*cookie) : *cookie}
                : std::nullopt;
        CHECK((ours == came) == (value_in(expected[0]) == came));
        if (!token.empty() && !c.flag("view_rotates"))
            CHECK(auth::unmask_csrf_token(token) == ours);
    }
    if (auto const theirs = c.text("token_from_get_token"); theirs && !c.flag("view_rotates"))
        CHECK(auth::mask_csrf_secret(*known_secret, theirs->substr(0, 32)) == *theirs);

    if (auto const* const after = c.find("session_after")) {
        CHECK(session.modified() == c.flag("session_modified"));
        auto const* const item = after->get_if<cr::Dict>()->find("_csrftoken");
        CHECK(session.contains("_csrftoken") == (item != nullptr));
        if (item != nullptr) {
            auto const ours = session.at("_csrftoken").as<std::string>();
            if (c.text("session_token") && !c.flag("view_rotates"))
                CHECK(session.at("_csrftoken") == *item);
            else
                CHECK((ours.size() == 32 && ours != c.text("session_token")));
        }
    }
}

std::optional<CsrfReason> reason_of(std::optional<auth::CsrfFailure> const& failure)
{
    return failure ? std::optional{failure->reason()} : std::nullopt;
}

/// A POST of a page of ours over HTTPS, with the right token in the form.
auth::CsrfRequest good_request()
{
    return {.method = "POST",
            .is_secure = true,
            .host = "example.com",
            .origin = "https://example.com",
            .cookie = secret};
}

} // namespace

TEST_CASE("every decision, cookie and session item is Django's (S-605 to S-616)")
{
    auto const& cases = *vectors({"csrf", "middleware"}).get_if<cr::Array>();
    REQUIRE(cases.size() == 92);
    for (std::size_t i = 0; i < cases.size(); ++i) {
        Case const c{*cases[i].get_if<cr::Dict>()};
        INFO("case " << i << ": " << *c.text("name"));
        run(c);
    }
}

TEST_CASE("the settings' defaults are Django's (S-556, S-557)")
{
    auto const& defaults = *vectors({"settings", "defaults"}).get_if<cr::Dict>();
    auth::CsrfSettings const settings;
    CHECK(settings.csrf_cookie_name.view() == defaults.at("CSRF_COOKIE_NAME").as<std::string>());
    CHECK(settings.csrf_cookie_age->count() == defaults.at("CSRF_COOKIE_AGE").as<std::int64_t>());
    CHECK((settings.csrf_cookie_domain.empty() && defaults.at("CSRF_COOKIE_DOMAIN").is_null()));
    CHECK(settings.csrf_cookie_path.view() == defaults.at("CSRF_COOKIE_PATH").as<std::string>());
    CHECK(settings.csrf_cookie_secure == defaults.at("CSRF_COOKIE_SECURE").as<bool>());
    CHECK(settings.csrf_cookie_httponly == defaults.at("CSRF_COOKIE_HTTPONLY").as<bool>());
    CHECK(cr::http::same_site_text(settings.csrf_cookie_samesite) ==
          defaults.at("CSRF_COOKIE_SAMESITE").as<std::string>());
    CHECK(settings.csrf_use_sessions == defaults.at("CSRF_USE_SESSIONS").as<bool>());
    CHECK(settings.csrf_trusted_origins.empty());
    CHECK(settings.csrf_header_name == "X-CSRFToken"); // HTTP_X_CSRFTOKEN to WSGI
}

TEST_CASE("settings that are wrong are refused by name")
{
    auto const refusal = [](auth::CsrfSettings const& settings) -> std::string {
        try {
            auth::CsrfProtection const protection{settings};
            return "";
        } catch (cr::ImproperlyConfigured const& error) {
            return error.what();
        }
    };
    using catch_::StartsWith;
    CHECK(refusal({}).empty());
    CHECK(refusal({.csrf_cookie_name = "__Host-csrftoken", .csrf_cookie_secure = true}).empty());
    CHECK_THAT(refusal({.csrf_cookie_name = "__Host-csrftoken"}),
               StartsWith("cloakroom::auth::CsrfSettings::csrf_cookie_name: "));
    for (auto const* const name : {"__Http-csrf", "__Host-Http-csrf"}) {
        auth::CsrfSettings settings{
            .csrf_cookie_name = name, .csrf_cookie_secure = true, .csrf_cookie_httponly = true};
        CHECK(refusal(settings).empty());
        settings.csrf_cookie_httponly = false; // a browser would not take it
        CHECK_THAT(refusal(settings),
                   StartsWith("cloakroom::auth::CsrfSettings::csrf_cookie_name: a __Http- or "));
    }
    CHECK_THAT(refusal({.csrf_cookie_path = "x"}),
               StartsWith("cloakroom::auth::CsrfSettings::csrf_cookie_path: "));
    CHECK_THAT(refusal({.csrf_cookie_domain = "a;b"}),
               StartsWith("cloakroom::auth::CsrfSettings::csrf_cookie_domain: "));
    CHECK_THAT(refusal({.csrf_cookie_age = std::chrono::seconds::max()}),
               StartsWith("cloakroom::auth::CsrfSettings::csrf_cookie_age: "));
    for (auto const* const name : {"", "a b", "HTTP_X_CSRFTOKEN", "x:y"})
        CHECK_THAT(refusal({.csrf_header_name = name}),
                   StartsWith("cloakroom::auth::CsrfSettings::csrf_header_name: "));
    CHECK(refusal({.csrf_header_name = "X_Token-2"}).empty());
    for (auto const* const origin :
         {"", "example.com", "https://", "https://example.com/", "https://a.*.com", "https://*example.com",
          "https://*", "https://**.example.com", "https://["})
        CHECK_THAT(refusal({.csrf_trusted_origins = {"https://fine.com", origin}}),
                   StartsWith("cloakroom::auth::CsrfSettings::csrf_trusted_origins: "));
    CHECK(
        refusal({.csrf_trusted_origins = {"https://a.com", "http://b.com:8000", "https://*.c.com"}}).empty());
}

TEST_CASE("a request is checked in Django's order: origin, else referer, then token (S-608)")
{
    auth::CsrfProtection const protection;
    auto request = good_request();
    CHECK_FALSE(protection.open(request).check(secret));

    request.referer = "http://evil.com/"; // not asked when there is an Origin
    CHECK_FALSE(protection.open(request).check(secret));

    request.origin = "https://evil.com";
    CHECK(reason_of(protection.open(request).check("no token at all")) == CsrfReason::untrusted_origin);
    request.origin = std::nullopt;
    CHECK(reason_of(protection.open(request).check("no token at all")) == CsrfReason::insecure_referer);
    request.referer = "https://example.com/form";
    CHECK(reason_of(protection.open(request).check("no token at all")) == CsrfReason::token_bad_length);
    request.cookie = "short"; // the cookie before the token
    CHECK(reason_of(protection.open(request).check("no token at all")) == CsrfReason::cookie_bad_length);
    request.method = "GET";
    CHECK_FALSE(protection.open(request).check("no token at all"));
    request.method = "get"; // no method that is known to be safe (S-607)
    CHECK(reason_of(protection.open(request).check()) == CsrfReason::cookie_bad_length);
}

TEST_CASE("an Origin header that is there but empty is no good origin (S-609)")
{
    auth::CsrfProtection const protection{{.csrf_trusted_origins = {"https://*.trusted.com"}}};
    auto request = good_request();
    request.origin = "";
    CHECK(reason_of(protection.open(request).check(secret)) == CsrfReason::untrusted_origin);
    request.host = "";
    request.origin = "https://"; // what an empty host would make of ours
    CHECK(reason_of(protection.open(request).check(secret)) == CsrfReason::untrusted_origin);
    request.origin = "https://a.trusted.com";
    CHECK_FALSE(protection.open(request).check(secret));
    for (auto const* const origin :
         {"https://a.trusted.com.evil.com", "https://eviltrusted.com", "https://.trusted.com.",
          "https://a.trusted.com:444", "https://x@evil.com/.trusted.com"}) {
        request.origin = origin;
        CHECK(reason_of(protection.open(request).check(secret)) == CsrfReason::untrusted_origin);
    }
}

TEST_CASE("a trusted origin without a star is compared to the last byte, scheme and port included (S-609)")
{
    auth::CsrfProtection const protection{{.csrf_trusted_origins = {"https://trusted.com"}}};
    auto request = good_request();
    request.origin = "https://trusted.com";
    CHECK_FALSE(protection.open(request).check(secret));
    for (auto const* const origin : {"http://trusted.com", "https://TRUSTED.com", "https://trusted.com:443",
                                     "https://trusted.com/", "https://a.trusted.com"}) {
        request.origin = origin;
        CHECK(reason_of(protection.open(request).check(secret)) == CsrfReason::untrusted_origin);
    }
}

TEST_CASE("beside a cookie domain, the server's port counts unless it is 443 or 80 (S-610)")
{
    auth::CsrfProtection const protection{{.csrf_cookie_domain = ".example.com"}};
    auto request = good_request();
    request.origin = std::nullopt;
    auto const is_good = [&](std::uint16_t port, std::string_view referer) {
        request.port = port;
        request.referer = referer;
        return !protection.open(request).check(secret);
    };
    for (std::uint16_t const port : {std::uint16_t{443}, std::uint16_t{80}}) {
        CHECK(is_good(port, "https://a.example.com/"));
        CHECK_FALSE(is_good(port, "https://a.example.com:8000/"));
    }
    CHECK(is_good(8000, "https://a.example.com:8000/"));
    CHECK_FALSE(is_good(8000, "https://a.example.com/"));
}

TEST_CASE("a referer is read as a URL, and its text is repeated as Python writes it (S-610)")
{
    auth::CsrfProtection const protection;
    auto const check = [&](std::string_view referer) {
        auto request = good_request();
        request.origin = std::nullopt;
        request.referer = referer;
        return protection.open(request).check(secret);
    };
    CHECK_FALSE(check("https://example.com"));
    CHECK_FALSE(check("HTTPS://example.com?x"));
    CHECK(reason_of(check("https://Example.com/")) == CsrfReason::untrusted_referer); // hosts keep their case
    CHECK(check("HTTPS://evil.com/a?#")->text() ==
          "Referer checking failed - https://evil.com/a does not match any trusted origins.");
    CHECK(check("https://evil.com/?#x")->text() ==
          "Referer checking failed - https://evil.com/#x does not match any trusted origins.");
    CHECK(check("https://evil.com/?a=1#x")->text() ==
          "Referer checking failed - https://evil.com/?a=1#x does not match any trusted origins.");
    CHECK(reason_of(check("https://example.com@evil.com/")) == CsrfReason::untrusted_referer);
    CHECK(reason_of(check("https://evil.com/https://example.com")) == CsrfReason::untrusted_referer);
    CHECK(reason_of(check("https://example.com\\.evil.com/")) == CsrfReason::untrusted_referer);
    for (auto const* const referer :
         {"", "//example.com/", "https:example.com", "1https://example.com/", "https:///x", "https://a b/",
          "https://ex\tample.com/", "https://ex\u00e4mple.com/", "https://]/"})
        CHECK(reason_of(check(referer)) == CsrfReason::malformed_referer);
    CHECK(check("https://evil.com/\r\nx\x1b")->text() ==
          "Referer checking failed - https://evil.com/\\x0d\\x0ax\\x1b does not match any trusted origins.");
}

TEST_CASE("a domain matches itself, and with a dot before it all below (S-611)")
{
    CHECK(auth::is_same_domain("example.com", "example.com"));
    CHECK(auth::is_same_domain("example.com", "EXAMPLE.com"));
    CHECK_FALSE(auth::is_same_domain("EXAMPLE.com", "example.com"));
    CHECK(auth::is_same_domain("example.com", ".example.com"));
    CHECK(auth::is_same_domain("a.b.example.com", ".example.com"));
    CHECK_FALSE(auth::is_same_domain("a.example.com", "example.com"));
    CHECK_FALSE(auth::is_same_domain("badexample.com", ".example.com"));
    CHECK_FALSE(auth::is_same_domain("", ""));
    CHECK_FALSE(auth::is_same_domain("example.com", ""));
}

TEST_CASE("the header's token counts for every method, under the name of the settings (S-612, S-613)")
{
    auth::CsrfProtection const protection{{.csrf_header_name = "x_my-TOKEN2b"}};
    auto request = good_request();
    request.header_token = secret;
    for (auto const* const method : {"POST", "PUT", "PATCH", "DELETE"}) {
        request.method = method;
        CHECK_FALSE(protection.open(request).check());
    }
    request.header_token = other_secret;
    CHECK(protection.open(request).check()->text() ==
          "CSRF token from the 'X-My-Token2B' HTTP header incorrect.");
    request.header_token = ""; // there, but empty
    CHECK(reason_of(protection.open(request).check()) == CsrfReason::token_bad_length);
    request.header_token = std::nullopt;
    CHECK(reason_of(protection.open(request).check()) == CsrfReason::token_missing);
}

TEST_CASE("a rejection is logged in Django's words, on one line (S-617, S-811)")
{
    auth::CsrfProtection const protection;
    auto request = good_request();
    request.cookie = std::nullopt;
    auto const failure = protection.open(request).check(secret);
    REQUIRE(failure);
    CHECK(failure->log_line("/transfer/") == "Forbidden (CSRF cookie not set.): /transfer/");
    CHECK(failure->log_line("/a\nForged line") == "Forbidden (CSRF cookie not set.): /a\\x0aForged line");
}

TEST_CASE("a page's form posts back successfully, and nothing is sent to who asks for no token (S-606, "
          "S-614, S-618)")
{
    auth::CsrfProtection const protection;
    auto page = protection.open({.method = "GET", .host = "example.com"});
    auto const field = page.hidden_field();
    std::string const before = R"(<input type="hidden" name="csrfmiddlewaretoken" value=")";
    REQUIRE(field.starts_with(before));
    REQUIRE(field.ends_with("\">"));
    auto const token = field.substr(before.size(), 64);
    auto const headers = page.close();
    REQUIRE(headers.size() == 2);

    auto const cookie =
        protection.cookie_in("a=b; " + headers[0].value.substr(0, headers[0].value.find(';')));
    auto post = protection.open(
        {.method = "POST", .host = "example.com", .origin = "http://example.com", .cookie = cookie});
    CHECK_FALSE(post.check(token));
    CHECK(post.close().empty());

    auto another = protection.open(
        {.method = "POST", .host = "example.com", .origin = "http://example.com", .cookie = other_secret});
    CHECK(reason_of(another.check(token)) == CsrfReason::token_incorrect);
    CHECK(protection.open({.method = "GET"}).close().empty());
}

TEST_CASE("R26: a response with the secret's cookie says no-store if it is asked for")
{
    for (bool const no_store : {false, true}) {
        auth::CsrfProtection const protection{{.no_store = no_store}};
        auto page = protection.open({.method = "GET", .host = "example.com"});
        (void)page.token();
        auto const headers = page.close();
        cr::http::Header const wanted{"Cache-Control", "no-store"};
        CHECK(std::count(headers.begin(), headers.end(), wanted) == (no_store ? 1 : 0));
        CHECK(protection.open({.method = "GET"}).close().empty());
    }
}

TEST_CASE("rotate makes forms that are open elsewhere stop working (S-615)")
{
    auth::CsrfProtection const protection;
    auto login = protection.open(good_request());
    auto const old_form = login.token();
    CHECK_FALSE(login.check(secret));
    login.rotate();
    CHECK_FALSE(login.check(secret)); // this request is judged by what it brought
    auto const new_form = login.token();
    auto const headers = login.close();
    REQUIRE(headers.size() == 2);
    auto const cookie = value_in(headers[0].value);
    CHECK(cookie != secret);

    auto request = good_request();
    request.cookie = cookie;
    CHECK(reason_of(protection.open(request).check(old_form)) == CsrfReason::token_incorrect);
    CHECK_FALSE(protection.open(request).check(new_form));
}

TEST_CASE("a secret in the session wants the session (S-605, S-804)")
{
    auth::CsrfProtection const in_session{{.csrf_use_sessions = true}};
    CHECK_THROWS_AS(in_session.open(good_request()), cr::ImproperlyConfigured);
    auth::CsrfProtection const in_cookie;
    CHECK_NOTHROW(in_cookie.open(good_request()));

    // With a session that it does not need, it leaves that alone.
    Session::Backend backend{cr::storage::Memory{}, {}, cr::signer::Hmac{"a secret of the test"}};
    Session session{backend};
    auto csrf = in_cookie.open(good_request(), session);
    CHECK(csrf.token().size() == 64);
    CHECK(csrf.close().size() == 2);
    CHECK_FALSE(session.accessed());
}

TEST_CASE("R47: with the secret in the session, a token is good in that session alone")
{
    auth::CsrfProtection const protection{{.csrf_use_sessions = true}};
    Session::Backend backend{cr::storage::Memory{}, {}, cr::signer::Hmac{"a secret of the test"}};
    auto const post = [&](Session& session, std::string const& token) {
        auto request = good_request();
        request.cookie = std::nullopt;
        return reason_of(protection.open(request, session).check(token));
    };
    auto const form_of = [&](Session& session) {
        auto page = protection.open({.method = "GET"}, session);
        auto token = page.token();
        CHECK(page.close().empty());
        session.save();
        return token;
    };
    Session mine{backend};
    Session theirs{backend};
    auto const my_form = form_of(mine);
    auto const their_form = form_of(theirs);

    Session mine_again{backend, mine.session_key()};
    CHECK_FALSE(post(mine_again, my_form));
    CHECK(post(mine_again, their_form) == CsrfReason::token_incorrect);
    mine_again.flush();
    CHECK(post(mine_again, my_form) == CsrfReason::no_cookie);
    Session after_logout{backend, mine.session_key()};
    CHECK(post(after_logout, my_form) == CsrfReason::no_cookie);
}

TEST_CASE(
    "R47: a secret that is gone from the session meanwhile, as at a login or a logout, does not come back")
{
    auth::CsrfProtection const protection{{.csrf_use_sessions = true}};
    Session::Backend backend{cr::storage::Memory{}, {}, cr::signer::Hmac{"a secret of the test"}};
    auto const post = [&](Session& session, std::string const& token) {
        return reason_of(protection.open(good_request(), session).check(token));
    };
    Session session{backend};
    session["_csrftoken"] = secret;
    session.save();
    auto csrf = protection.open(good_request(), session);

    SECTION("a form that is made after it has a new secret")
    {
        session.erase("_csrftoken");
        auto const field = csrf.hidden_field();
        auto const token = csrf.token();
        CHECK(field.find(token) == std::string::npos);
        CHECK(csrf.close().empty());
        CHECK(session.at("_csrftoken") == cr::Value{auth::unmask_csrf_token(token)});
        CHECK(session.at("_csrftoken") != cr::Value{secret});
        CHECK(post(session, token) == std::nullopt);
        CHECK(post(session, auth::mask_csrf_secret(secret)) == CsrfReason::token_incorrect);
    }
    SECTION("a form that was made before it is worth nothing, and writes nothing")
    {
        auto const token = csrf.token();
        session.erase("_csrftoken");
        CHECK(csrf.close().empty());
        CHECK_FALSE(session.contains("_csrftoken"));
        CHECK(post(session, token) == CsrfReason::no_cookie);
    }
    SECTION("what a logout leaves is empty")
    {
        (void)csrf.token();
        session.flush();
        CHECK(csrf.close().empty());
        CHECK(session.is_empty());
    }
    SECTION("after close() it is no other")
    {
        (void)csrf.token();
        CHECK(csrf.close().empty());
        session.erase("_csrftoken");
        auto const token = csrf.token();
        CHECK(csrf.close().empty());
        CHECK(session.at("_csrftoken") == cr::Value{auth::unmask_csrf_token(token)});
        CHECK(session.at("_csrftoken") != cr::Value{secret});
    }
    SECTION("nor does one that this request made and wrote")
    {
        csrf.rotate();
        auto const before = csrf.token();
        CHECK(csrf.close().empty());
        CHECK(post(session, before) == std::nullopt);
        session.erase("_csrftoken");
        auto const after = csrf.token();
        CHECK(csrf.close().empty());
        CHECK(post(session, before) == CsrfReason::token_incorrect);
        CHECK(post(session, after) == std::nullopt);
    }
    SECTION("where another one is there instead, that one counts, and stays")
    {
        session["_csrftoken"] = other_secret;
        auto const token = csrf.token();
        CHECK(csrf.close().empty());
        CHECK(session.at("_csrftoken") == cr::Value{other_secret});
        CHECK(post(session, token) == std::nullopt);
    }
    SECTION("where another one took its place after the form was made, too")
    {
        auto const token = csrf.token();
        session["_csrftoken"] = other_secret;
        CHECK(csrf.close().empty());
        CHECK(session.at("_csrftoken") == cr::Value{other_secret});
        CHECK(post(session, token) == CsrfReason::token_incorrect);
    }
    SECTION("what rotate() made is new, whatever has happened to the old one")
    {
        csrf.rotate();
        session.erase("_csrftoken");
        auto const token = csrf.token();
        CHECK(csrf.close().empty());
        CHECK(post(session, token) == std::nullopt);
    }
    SECTION("a session that nothing happens to keeps it unwritten")
    {
        Session again{backend, session.session_key()};
        auto page = protection.open(good_request(), again);
        auto const token = page.token();
        CHECK(page.close().empty());
        CHECK_FALSE(again.modified());
        CHECK(post(again, token) == std::nullopt);
    }
}

TEST_CASE(
    "a session item that is no secret matches no token, and gives way to one when a page needs it (S-605)")
{
    auth::CsrfProtection const protection{{.csrf_use_sessions = true}};
    Session::Backend backend{cr::storage::Memory{}, {}, cr::signer::Hmac{"a secret of the test"}};
    for (auto const& item :
         {cr::Value{"abc"}, cr::Value{std::string(64, '!')}, cr::Value{""}, cr::Value{5}}) {
        Session session{backend};
        session["_csrftoken"] = item;
        auto csrf = protection.open(good_request(), session);
        CHECK(csrf.check(secret));
        auto const token = csrf.token();
        CHECK(csrf.close().empty());
        CHECK(session.at("_csrftoken") == cr::Value{auth::unmask_csrf_token(token)});
        CHECK_FALSE(protection.open(good_request(), session).check(token));
    }
}

TEST_CASE("with the secret in the session, the session cookie's domain says whose referers are good (S-610)")
{
    auth::CsrfProtection const protection{{.csrf_cookie_domain = ".other.com", .csrf_use_sessions = true}};
    Session::Backend backend{cr::storage::Memory{},
                             {},
                             cr::signer::Hmac{"a secret of the test"},
                             {.cookie_domain = ".example.com"}};
    Session session{backend};
    session["_csrftoken"] = secret;
    auto request = good_request();
    request.origin = std::nullopt;
    request.referer = "https://a.example.com/";
    CHECK_FALSE(protection.open(request, session).check(secret));
    request.referer = "https://a.other.com/";
    CHECK(reason_of(protection.open(request, session).check(secret)) == CsrfReason::untrusted_referer);
}

TEST_CASE("the secret can be kept in a session that the browser keeps")
{
    using Ticket = cr::Session<cr::storage::SignedCookie, cr::serializer::Json, cr::signer::Hmac>;
    auth::CsrfProtection const protection{{.csrf_use_sessions = true}};
    Ticket::Backend backend{cr::storage::SignedCookie{}, {}, cr::signer::Hmac{"a secret of the test"}};
    cr::http::Middleware<Ticket> const middleware{backend};

    auto first = middleware.open("");
    auto page = protection.open({.method = "GET"}, first);
    auto const token = page.token();
    CHECK(page.close().empty()); // before the session, which then has it
    auto const& outcome = middleware.close(first, 200);
    REQUIRE(outcome.headers.size() == 2);

    auto second = middleware.open(outcome.headers[0].value.substr(0, outcome.headers[0].value.find(';')));
    CHECK_FALSE(protection.open(good_request(), second).check(token));
}

TEST_CASE("of several cookies the last counts, unless the name promises one")
{
    auth::CsrfProtection const plain;
    CHECK(plain.cookie_in("csrftoken=a; csrftoken=b") == "b");
    CHECK(plain.cookie_in(std::vector<std::string>{"csrftoken=a", "x=y"}) == "a");
    CHECK(plain.cookie_in("other=a") == std::nullopt);
    CHECK(plain.cookie_in("csrftoken=") == "");
    auth::CsrfProtection const prefixed{{.csrf_cookie_name = "__Host-csrf", .csrf_cookie_secure = true}};
    CHECK(prefixed.cookie_in("__Host-csrf=a") == "a");
    CHECK(prefixed.cookie_in("__Host-csrf=a; __Host-csrf=b") == std::nullopt);
    auth::CsrfProtection const underlined{{.csrf_cookie_name = "__csrf"}}; // promises nothing
    CHECK(underlined.cookie_in("__csrf=a; __csrf=b") == "b");
}
