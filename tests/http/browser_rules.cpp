// SPDX-License-Identifier: MIT
// What browsers do with the cookie of a session: RFC 6265bis and the prefixes of "Cookies: HTTP State
// Management".
#include <cloakroom/core/cookie_token.hpp>
#include <cloakroom/http/middleware.hpp>
#include <cloakroom/http/session_cookie.hpp>
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/checked.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/unsigned.hpp>
#include <cloakroom/storage/memory.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace cr = cloakroom;
using cr::SameSite;
using namespace std::chrono_literals;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;

namespace {

/// A browser with one place for a cookie, on a page of https://www.example.com.
class Browser {
public:
    bool has_cookie() const { return !kept_.empty(); }

    /// Whether it takes the line, which may remove the cookie that it has.
    bool takes(std::string_view line)
    {
        auto const first = part(line);
        auto const name = std::string{first.substr(0, first.find('='))};
        std::map<std::string, std::string, std::less<>> attributes;
        while (!line.empty()) {
            auto const attribute = part(line);
            auto const equals = std::min(attribute.find('='), attribute.size());
            std::string key{attribute.substr(0, equals)};
            for (auto& c : key)
                c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
            if (attribute.size() - std::min(equals + 1, attribute.size()) > 1024)
                continue;
            attributes[key] = attribute.substr(std::min(equals + 1, attribute.size()));
        }
        auto const has = [&](char const* attribute) { return attributes.contains(attribute); };
        auto const is = [&](char const* attribute, std::string_view value) {
            auto const found = attributes.find(attribute);
            return found != attributes.end() && cr::equal_ignoring_case(found->second, value);
        };
        auto const begins = [&](std::string_view prefix) {
            return cr::equal_ignoring_case(std::string_view{name}.substr(0, prefix.size()), prefix);
        };
        if (first.size() - 1 > 4096)
            return false;
        if (is("samesite", "none") && !has("secure"))
            return false;
        if (has("partitioned") && !has("secure"))
            return false;
        if (begins("__Secure-") && !has("secure"))
            return false;
        if (begins("__Host-") && (!has("secure") || has("domain") || !is("path", "/")))
            return false;
        if ((begins("__Http-") || begins("__Host-Http-")) && (!has("secure") || !has("httponly")))
            return false;
        if (has("domain") && !is("domain", "example.com"))
            return false;
        auto const place = name + ';' + attributes["domain"] + ';' + attributes["path"];
        if (!is("max-age", "0"))
            kept_ = place;
        else if (kept_ == place)
            kept_.clear();
        return true;
    }

private:
    /// Up to the next semicolon, which is taken away.
    static std::string_view part(std::string_view& line)
    {
        auto const end = std::min(line.find(';'), line.size());
        auto text = line.substr(0, end);
        line.remove_prefix(std::min(end + 1, line.size()));
        while (text.starts_with(' '))
            text.remove_prefix(1);
        return text;
    }

    std::string kept_; // name, domain and path, by which browsers tell cookies apart
};

template <class Check>
void for_all_settings(Check check)
{
    for (auto const* const name : {"sid", "__Host-sid", "__Secure-sid", "__Http-sid", "__Host-Http-sid",
                                   "__host-sid", "__SECURE-sid", "__http-sid", "__host-http-sid"})
        for (auto const* const domain : {"", "example.com"})
            for (auto const* const path : {"/", "/shop", ""})
                for (auto const same_site : {SameSite::lax, SameSite::strict, SameSite::none, SameSite::omit})
                    for (unsigned flags = 0; flags < 16; ++flags)
                        check(cr::Settings{.cookie_name = name,
                                           .cookie_domain = domain,
                                           .cookie_path = path,
                                           .cookie_httponly = (flags & 1) != 0,
                                           .cookie_secure = (flags & 2) != 0,
                                           .cookie_samesite = same_site,
                                           .expire_at_browser_close = (flags & 4) != 0,
                                           .cookie_partitioned = (flags & 8) != 0});
}

std::string set_cookie_of(cr::http::Outcome const& outcome)
{
    for (auto const& [name, value] : outcome.headers)
        if (name == "Set-Cookie")
            return value;
    return {};
}

} // namespace

TEST_CASE(
    "settings are right where a browser takes the cookie, but for prefixes in another case (R20 to R22)")
{
    std::size_t right = 0;
    std::size_t wrong = 0;
    for_all_settings([&](cr::Settings const& settings) {
        auto const line = cr::http::session_cookie(settings, "key", 1h).header_value({});
        auto const problem = cr::first_problem(settings);
        auto const takes = Browser{}.takes(line);
        if (takes != (problem == cr::SettingsProblem::none) &&
            problem != cr::SettingsProblem::cookie_name_has_its_prefix_in_another_case)
            FAIL(line);
        ++(takes ? right : wrong);
    });
    CHECK(right > 400);
    CHECK(wrong > 400);
}

TEST_CASE("a browser that has a session's cookie takes its removal, whatever the settings (R45)")
{
    std::size_t count = 0;
    for_all_settings([&](cr::Settings const& settings) {
        if (cr::first_problem(settings) != cr::SettingsProblem::none)
            return;
        Session::Backend backend{cr::storage::Memory{}, {}, {}, settings};
        cr::http::Middleware<Session> const middleware{backend};
        Browser browser;
        auto session = middleware.open("");
        session["visit"] = 1;
        auto const line = set_cookie_of(middleware.close(session, 200));
        if (!browser.takes(line) || !browser.has_cookie())
            FAIL(line);

        auto again = middleware.open(std::string_view{line}.substr(0, line.find(';')));
        again.flush();
        auto const removal = set_cookie_of(middleware.close(again, 200));
        if (!browser.takes(removal) || browser.has_cookie())
            FAIL(removal);
        ++count;
    });
    CHECK(count > 400);
}
