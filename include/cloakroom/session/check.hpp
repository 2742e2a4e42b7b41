// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_CHECK_HPP
#define CLOAKROOM_SESSION_CHECK_HPP

#include <cloakroom/core/cookie_prefix.hpp>
#include <cloakroom/core/secret.hpp>
#include <cloakroom/session/settings.hpp>

#include <algorithm>
#include <bitset>
#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cloakroom::inline v0 {

/// One thing that a site in production should look at.
struct CheckMessage {
    std::string_view id; ///< Django's where Django checks the same (S-780 to S-782), else `cloakroom.…`
    std::string advice;  ///< a sentence; no part of a secret is in it

    friend bool operator==(CheckMessage const&, CheckMessage const&) = default;
};

using CheckMessages = std::vector<CheckMessage>;

/// What Django's `check --deploy` says of a site's settings, and more of the kind: where they are milder than
/// a site with logins should have them. Print it when the program starts; filter out by id what is intended.
/// A site that protects its forms gives its CsrfSettings, too: auth/check.hpp.
inline CheckMessages check(Settings const& settings);

/// The same with the keys that the signer gets.
inline CheckMessages check(Settings const& settings, Secret const& secret_key,
                           std::span<Secret const> fallback_keys = {});

namespace check_detail {

/// Django's rule for keys (S-782).
inline bool is_weak(Secret const& secret)
{
    constexpr std::size_t least_size = 50;
    constexpr std::size_t least_characters = 5;
    auto const key = secret.reveal();
    std::bitset<256> seen;
    for (char const c : key)
        seen.set(static_cast<unsigned char>(c));
    return key.size() < least_size || seen.count() < least_characters || key.starts_with("django-insecure-");
}

inline void check_cookie(CheckMessages& messages, Settings const& settings)
{
    if (auto const problem = settings_problem(settings); !problem.empty())
        messages.push_back({"cloakroom.E001", "Settings::" + std::string{problem} + "."});
    if (!settings.cookie_secure)
        messages.push_back({"security.W012", "cookie_secure is off: the cookie is sent without TLS, too, and "
                                             "who listens to that has the session."});
    if (!settings.cookie_httponly)
        messages.push_back({"security.W015", "cookie_httponly is off: a script that somebody brings into a "
                                             "page can read the cookie and has the session."});
    auto const prefix = cookie_prefix(settings.cookie_name);
    if (!prefix || !prefix->needs_host)
        messages.push_back({"cloakroom.W001", "cookie_name has no prefix __Host-: another host of the same "
                                              "domain, or who answers without TLS, can set a cookie of this "
                                              "name."});
    if (settings.cookie_samesite != SameSite::lax && settings.cookie_samesite != SameSite::strict)
        messages.push_back({"cloakroom.W003", "cookie_samesite is neither lax nor strict: requests that "
                                              "other sites make their visitors send carry the session."});
    if (!settings.cookie_domain.empty())
        messages.push_back({"cloakroom.W006", "cookie_domain is set: every host of that domain gets the "
                                              "cookie."});
}

inline void check_session(CheckMessages& messages, Settings const& settings)
{
    check_cookie(messages, settings);
    if (settings.absolute_age <= std::chrono::seconds::zero())
        messages.push_back({"cloakroom.W002", "absolute_age is 0: a session that is used, or whose cookie "
                                              "was stolen, has no end."});
    if (settings.cookie_age > std::chrono::days{400})
        messages.push_back({"cloakroom.W005", "cookie_age is more than 400 days: browsers keep no cookie "
                                              "that long."});
    if (!settings.no_store)
        messages.push_back({"cloakroom.W004", "no_store is off: a cache may keep a response that sets the "
                                              "cookie."});
}

inline void check_keys(CheckMessages& messages, Secret const& secret_key,
                       std::span<Secret const> fallback_keys)
{
    constexpr std::string_view weak =
        " has fewer than 50 bytes or fewer than 5 different ones, or begins with django-insecure-: it may be "
        "guessed. Secret::load_or_create(file) makes a good one.";
    if (is_weak(secret_key))
        messages.push_back({"security.W009", "The secret key" + std::string{weak}});
    for (std::size_t i = 0; i < fallback_keys.size(); ++i)
        if (is_weak(fallback_keys[i]))
            messages.push_back({"security.W025", "Fallback key " + std::to_string(i) + std::string{weak}});
}

} // namespace check_detail

inline CheckMessages check(Settings const& settings)
{
    CheckMessages messages;
    check_detail::check_session(messages, settings);
    messages.push_back({"security.W003", "No CsrfSettings are given: nothing keeps other sites from sending "
                                         "this one's forms in a visitor's name."});
    return messages;
}

inline CheckMessages check(Settings const& settings, Secret const& secret_key,
                           std::span<Secret const> fallback_keys)
{
    auto messages = check(settings);
    check_detail::check_keys(messages, secret_key, fallback_keys);
    return messages;
}

} // namespace cloakroom::inline v0

#endif
