// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/vectors.hpp"

#include <cloakroom/auth/check.hpp>
#include <cloakroom/session/checked.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace cr = cloakroom;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> ids_of(cr::CheckMessages const& messages)
{
    std::vector<std::string> ids;
    for (auto const& message : messages)
        ids.emplace_back(message.id);
    return ids;
}

/// Django's alone.
cr::Value django_ids(cr::CheckMessages const& messages)
{
    cr::Array ids;
    for (auto const& id : ids_of(messages))
        if (id.starts_with("security."))
            ids.emplace_back(id);
    return ids;
}

bool says(cr::CheckMessages const& messages, std::string_view id)
{
    return std::count_if(messages.begin(), messages.end(),
                         [&](auto const& message) { return message.id == id; }) == 1;
}

cr::auth::CsrfSettings const safe_csrf{.csrf_cookie_secure = true};
cr::Secret const good_key{"0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijk"};

} // namespace

TEST_CASE("check says what Django's system checks say (S-780 to S-782)")
{
    int count = 0;
    for (auto const& entry : vectors({"checks", "cases"}).as<cr::Array>()) {
        auto const& fields = *entry.get_if<cr::Dict>();
        auto const& ids = fields.at("ids");
        if (auto const* const secure = fields.find("SESSION_COOKIE_SECURE")) {
            // Both at once is how sessions are used here; a value that is only as good as true does not
            // compile.
            if (!secure->is_bool() || fields.at("app_installed") != fields.at("middleware_installed") ||
                fields.at("app_installed") == cr::Value{false})
                continue;
            cr::Settings settings;
            settings.cookie_secure = secure->as<bool>();
            settings.cookie_httponly = fields.at("SESSION_COOKIE_HTTPONLY").as<bool>();
            CHECK(django_ids(cr::check(settings, safe_csrf)) == ids);
        } else if (auto const* const uses_sessions = fields.find("CSRF_USE_SESSIONS")) {
            cr::auth::CsrfSettings csrf;
            csrf.csrf_use_sessions = uses_sessions->as<bool>();
            csrf.csrf_cookie_secure = fields.at("CSRF_COOKIE_SECURE").as<bool>();
            auto const messages = fields.at("csrf_middleware").as<bool>()
                                      ? cr::check(cr::strict_settings, csrf)
                                      : cr::check(cr::strict_settings);
            CHECK(django_ids(messages) == ids);
        } else {
            cr::Secret const key{fields.at("SECRET_KEY").as<std::string>()};
            std::vector<cr::Secret> const fallback_keys{key};
            CHECK(django_ids(cr::check(cr::strict_settings, safe_csrf, key, fallback_keys)) == ids);
        }
        ++count;
    }
    CHECK(count == 2 + 8 + 5);
}

TEST_CASE("R9 R21 R24 R26: check finds nothing in the strict settings with a good key")
{
    CHECK(cr::check(cr::strict_settings, safe_csrf, good_key).empty());
    CHECK(ids_of(cr::check(cr::strict_settings, good_key)) == std::vector<std::string>{"security.W003"});
}

TEST_CASE("R19: check finds each setting that is milder than strict_settings, alone")
{
    auto const found = [](auto change) {
        auto settings = cr::strict_settings;
        settings.cookie_name = "id";
        change(settings);
        auto messages = ids_of(cr::check(settings, safe_csrf));
        std::erase(messages, "cloakroom.W001");
        return messages;
    };
    using Ids = std::vector<std::string>;
    CHECK(found([](auto&) {}).empty());
    CHECK(found([](auto& it) { it.cookie_secure = false; }) == Ids{"security.W012"});
    CHECK(found([](auto& it) { it.cookie_httponly = false; }) == Ids{"security.W015"});
    CHECK(found([](auto& it) { it.absolute_age = 0s; }) == Ids{"cloakroom.W002"});
    CHECK(found([](auto& it) { it.cookie_samesite = cr::SameSite::none; }) == Ids{"cloakroom.W003"});
    CHECK(found([](auto& it) { it.cookie_samesite = cr::SameSite::omit; }) == Ids{"cloakroom.W003"});
    CHECK(found([](auto& it) { it.cookie_samesite = cr::SameSite::strict; }).empty());
    CHECK(found([](auto& it) { it.no_store = false; }) == Ids{"cloakroom.W004"});
    CHECK(found([](auto& it) { it.cookie_age = std::chrono::days{401}; }) == Ids{"cloakroom.W005"});
    CHECK(found([](auto& it) { it.cookie_domain = "example.com"; }) == Ids{"cloakroom.W006"});
    CHECK(found([](auto& it) { it.cookie_path = "nowhere"; }) == Ids{"cloakroom.E001"});

    CHECK(says(cr::check(cr::Settings{}), "cloakroom.W001"));
    CHECK(says(cr::check({.cookie_name = "__Secure-id", .cookie_secure = true}), "cloakroom.W001"));
    CHECK(ids_of(cr::check(cr::strict_settings, {.csrf_cookie_path = "x", .csrf_cookie_secure = true})) ==
          Ids{"cloakroom.E002"});
    auto same_name = safe_csrf;
    same_name.csrf_cookie_name = std::string{cr::strict_settings.cookie_name};
    CHECK(ids_of(cr::check(cr::strict_settings, same_name)) == Ids{"cloakroom.E003"});
    same_name.csrf_use_sessions = true; // then there is no such cookie
    CHECK(cr::check(cr::strict_settings, same_name).empty());
}

TEST_CASE("R41: no part of a key is in what check says of it")
{
    std::string const weak = "swordfish";
    std::vector<cr::Secret> const fallback_keys{good_key, cr::Secret{"anotherfish"}};
    auto const messages = cr::check(cr::strict_settings, safe_csrf, cr::Secret{weak}, fallback_keys);
    REQUIRE(ids_of(messages) == std::vector<std::string>{"security.W009", "security.W025"});
    for (auto const& message : messages) {
        CHECK(message.advice.find("fish") == std::string::npos);
        CHECK(message.advice.ends_with('.'));
    }
    CHECK(messages[1].advice.starts_with("Fallback key 1 "));
}
