// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_SIGNED_COOKIE_HPP
#define CLOAKROOM_STORAGE_SIGNED_COOKIE_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/storage/concept.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cloakroom::inline v0::storage {

/// Django's signed_cookies engine: the cookie holds the session itself, and no server keeps anything (S-240
/// to S-260). Whoever has the cookie can read the data but not change them.
///
/// A ticket is good until the signature is older than Settings::cookie_age. Nothing can take it back before
/// that: a copy of the cookie still opens the session after a logout, and two requests at once do not see
/// each other's changes. Where that matters, keep the session on a server.
class SignedCookie {
public:
    static constexpr std::string_view display_name = "SignedCookie";
    static constexpr std::string_view purpose = "django.contrib.sessions.backends.signed_cookies";
    static constexpr Content accepts = Content::text;
    /// What browsers keep; Django sets no limit (S-260), and the browser drops the cookie without a word.
    static constexpr std::size_t max_cookie_size = 4096;

    static std::string seal(Record record) noexcept { return std::move(record.payload); }

    /// The ticket has no deadline of its own; the signature's age is its age.
    static std::optional<Record> open(std::string_view ticket)
    {
        return Record{std::string{ticket}, latest_time};
    }
};

static_assert(ClientSidePolicy<SignedCookie>);

} // namespace cloakroom::inline v0::storage

#endif
