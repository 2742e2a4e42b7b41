// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/vectors.hpp"

#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/unsigned.hpp>
#include <cloakroom/storage/memory.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace cr = cloakroom;
using namespace std::chrono_literals;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;

static_assert(cr::settings_problem({}).empty());
static_assert(cr::settings_problem({.cookie_name = "__Host-sid", .cookie_secure = true}).empty());
static_assert(!cr::settings_problem({.cookie_name = "__Host-sid"}).empty());

TEST_CASE("the defaults are Django's (S-544 to S-552)")
{
    cr::Settings const settings;
    CHECK(settings.cookie_name == "sessionid");
    CHECK(settings.cookie_age == 1'209'600s);
    CHECK(settings.cookie_domain.empty());
    CHECK(settings.cookie_path == "/");
    CHECK(settings.cookie_httponly);
    CHECK_FALSE(settings.cookie_secure);
    CHECK(settings.cookie_samesite == cr::SameSite::lax);
    CHECK_FALSE(settings.expire_at_browser_close);
    CHECK_FALSE(settings.save_every_request);
}

TEST_CASE("each setting of a session has the default of Django's own list (S-544 to S-552)")
{
    auto const& django = *vectors({"settings", "defaults"}).get_if<cr::Dict>();
    cr::Settings const ours;
    CHECK(django.at("SESSION_COOKIE_NAME") == cr::Value{std::string{ours.cookie_name.view()}});
    CHECK(std::chrono::seconds{django.at("SESSION_COOKIE_AGE").as<std::int64_t>()} == ours.cookie_age);
    CHECK(django.at("SESSION_COOKIE_DOMAIN").is_null());
    CHECK(django.at("SESSION_COOKIE_PATH") == cr::Value{std::string{ours.cookie_path.view()}});
    CHECK(django.at("SESSION_COOKIE_SECURE").as<bool>() == ours.cookie_secure);
    CHECK(django.at("SESSION_COOKIE_HTTPONLY").as<bool>() == ours.cookie_httponly);
    CHECK(django.at("SESSION_COOKIE_SAMESITE") == cr::Value{"Lax"});
    CHECK(django.at("SESSION_EXPIRE_AT_BROWSER_CLOSE").as<bool>() == ours.expire_at_browser_close);
    CHECK(django.at("SESSION_SAVE_EVERY_REQUEST").as<bool>() == ours.save_every_request);
}

TEST_CASE("what Django does not have is off")
{
    cr::Settings const settings;
    CHECK(settings.absolute_age == 0s);
    CHECK(settings.renewal_threshold == 0s);
    CHECK_FALSE(settings.no_store);
    CHECK_FALSE(settings.cookie_partitioned);
}

TEST_CASE("settings that a browser would not take are refused at construction, by name")
{
    auto const refusal = [](cr::Settings const& settings) -> std::string {
        try {
            Session::Backend const backend{cr::storage::Memory{}, {}, {}, settings};
            return "";
        } catch (cr::ImproperlyConfigured const& error) {
            return error.what();
        }
    };
    CHECK(refusal({}).empty());
    CHECK(refusal({.cookie_name = "__Host-sid", .cookie_secure = true}).empty());
    CHECK(refusal({.cookie_name = "__Secure-sid", .cookie_domain = "example.com", .cookie_secure = true})
              .empty());
    CHECK(refusal({.cookie_secure = true, .cookie_samesite = cr::SameSite::none, .cookie_partitioned = true})
              .empty());
    CHECK(refusal({.cookie_path = ""}).empty());

    using catch_::StartsWith;
    CHECK_THAT(refusal({.cookie_name = ""}), StartsWith("cloakroom::Settings::cookie_name: "));
    CHECK_THAT(refusal({.cookie_name = "a b"}), StartsWith("cloakroom::Settings::cookie_name: "));
    CHECK_THAT(refusal({.cookie_name = "path"}), StartsWith("cloakroom::Settings::cookie_name: "));
    CHECK_THAT(refusal({.cookie_name = "__Host-sid"}),
               StartsWith("cloakroom::Settings::cookie_name: a __Host- name"));
    CHECK_THAT(refusal({.cookie_name = "__Host-sid", .cookie_domain = "x.y", .cookie_secure = true}),
               StartsWith("cloakroom::Settings::cookie_name: a __Host- name"));
    CHECK_THAT(refusal({.cookie_name = "__Host-sid", .cookie_path = "/a", .cookie_secure = true}),
               StartsWith("cloakroom::Settings::cookie_name: a __Host- name"));
    CHECK_THAT(refusal({.cookie_name = "__Secure-sid"}),
               StartsWith("cloakroom::Settings::cookie_name: a __Secure- "));
    CHECK_THAT(refusal({.cookie_path = "relative"}), StartsWith("cloakroom::Settings::cookie_path: "));
    CHECK_THAT(refusal({.cookie_path = "/; Secure"}), StartsWith("cloakroom::Settings::cookie_path: "));
    CHECK_THAT(refusal({.cookie_domain = "a\nb"}), StartsWith("cloakroom::Settings::cookie_domain: "));
    CHECK_THAT(refusal({.cookie_samesite = cr::SameSite::none}),
               StartsWith("cloakroom::Settings::cookie_samesite: "));
    CHECK_THAT(refusal({.cookie_partitioned = true}),
               StartsWith("cloakroom::Settings::cookie_partitioned: "));
    CHECK_THAT(refusal({.absolute_age = -1s}), StartsWith("cloakroom::Settings::absolute_age: less"));
    CHECK_THAT(refusal({.absolute_age = std::chrono::years{10'001}}),
               StartsWith("cloakroom::Settings::absolute_age: more"));
    CHECK_THAT(refusal({.renewal_threshold = -1s}),
               StartsWith("cloakroom::Settings::renewal_threshold: less"));
    CHECK_THAT(refusal({.cookie_age = 60s, .renewal_threshold = 60s}),
               StartsWith("cloakroom::Settings::renewal_threshold: not less than cookie_age"));
    CHECK(refusal({.cookie_age = 60s, .absolute_age = 30s, .renewal_threshold = 59s}).empty());
    CHECK(refusal({.cookie_age = 0s}).empty());
    CHECK_THAT(refusal({.commit_deadline = -1ms}), StartsWith("cloakroom::Settings::commit_deadline: "));
}

TEST_CASE("a prefix of cookie names is written as it is, or is none that all browsers know (R21)")
{
    for (auto const* const name : {"__host-sid", "__HOST-sid", "__hOST-sid", "__secure-sid", "__SECURE-sid",
                                   "__http-sid", "__HTTP-sid", "__Host-http-sid", "__host-Http-sid"}) {
        INFO(name);
        CHECK(cr::settings_problem({.cookie_name = name, .cookie_secure = true}) ==
              "cookie_name: a prefix in another case, which not all browsers know; write __Host-, "
              "__Secure-, __Http- or __Host-Http-");
    }
    for (auto const* const name : {"__Host-sid", "__Secure-sid", "__Http-sid", "__Host-Http-sid", "__host",
                                   "__hostsid", "host-sid", "_host-sid"}) {
        INFO(name);
        CHECK(cr::settings_problem({.cookie_name = name, .cookie_secure = true}).empty());
    }
}

TEST_CASE("a null pointer, as std::getenv gives it, counts as an empty text")
{
    char const* const not_set = nullptr;
    CHECK(cr::settings_problem({.cookie_domain = not_set, .cookie_path = not_set}).empty());
    CHECK_THAT(std::string{cr::settings_problem({.cookie_name = not_set})},
               catch_::StartsWith("cookie_name: "));
    cr::Settings settings{.cookie_domain = "example.com"};
    settings.cookie_domain = not_set;
    CHECK(settings.cookie_domain.empty());
    CHECK(settings.cookie_domain == not_set);
}

TEST_CASE("a text that is too long for a setting is refused by the setting's name")
{
    CHECK(cr::settings_problem({.cookie_name = std::string(128, 'x')}).empty());
    CHECK_THAT(std::string{cr::settings_problem({.cookie_name = std::string(129, 'x')})},
               catch_::StartsWith("cookie_name: "));
    CHECK_THAT(std::string{cr::settings_problem({.cookie_path = "/" + std::string(255, 'x')})},
               catch_::StartsWith("cookie_path: "));
    CHECK_THAT(std::string{cr::settings_problem({.cookie_domain = std::string(256, 'x')})},
               catch_::StartsWith("cookie_domain: "));
}

TEST_CASE("settings that no clock can reckon with are refused")
{
    CHECK(cr::settings_problem({.cookie_age = std::chrono::years{100}}).empty());
    CHECK(cr::settings_problem({.cookie_age = -60s})
              .empty()); // Django takes it: sessions that are over at once
    for (auto const age : {std::chrono::seconds::max(), std::chrono::seconds::min(),
                           std::chrono::seconds{std::chrono::years{-10'001}}})
        CHECK(cr::settings_problem({.cookie_age = age}) ==
              "cookie_age: more than 10,000 years, forwards or backwards");
    CHECK_THAT(std::string{cr::settings_problem({.commit_deadline = std::chrono::milliseconds::max()})},
               catch_::StartsWith("commit_deadline: "));
    CHECK_THAT(std::string{cr::settings_problem({.cookie_domain = "a b"})},
               catch_::StartsWith("cookie_domain: "));
}
