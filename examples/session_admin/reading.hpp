// SPDX-License-Identifier: MIT
#ifndef EXAMPLES_SESSION_ADMIN_READING_HPP
#define EXAMPLES_SESSION_ADMIN_READING_HPP

// From a signed text to the data of a session.

#include "options.hpp"

#include <cloakroom.hpp>
#include <cloakroom/core/base62.hpp>
#include <cloakroom/signer/timestamp.hpp>

#include <concepts>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace session_admin {

namespace cr = cloakroom;

/// There is no such session, or nothing that can be read: exit code 1.
class NothingThere : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The word behind the command, or the first line of the standard input where that word is `-`.
inline std::string read_argument(Options const& options)
{
    if (*options.argument != "-")
        return *options.argument;
    std::string line;
    std::getline(std::cin, line);
    if (line.ends_with('\r'))
        line.pop_back();
    return line;
}

struct Reading {
    cr::Dict data;
    bool is_verified = false; ///< signed with the site's key
};

/// The data in a payload, or a sentence that says why there are none.
template <class Signer>
cr::Result<Reading, std::string_view> read(Signer const& signer, std::string_view purpose,
                                           std::string_view payload)
{
    auto const text = signer.bind(purpose).unsign(payload, cr::system_now(), std::nullopt);
    if (!text)
        return std::string_view{text.reason() == cr::Rejection::bad_signature
                                    ? "The text is not signed with this key, or not for a session."
                                    : "The text is no signed text."};
    auto data = cr::serializer::Json{}.load(*text);
    if (!data)
        return std::string_view{"The text holds no dictionary in JSON."};
    return Reading{*std::move(data), std::same_as<Signer, cr::signer::Hmac>};
}

/// What people have to know about data that nobody vouches for.
inline std::string note(Reading const& reading)
{
    return reading.is_verified ? "" : "\nnot verified: anybody can have written this";
}

/// Whether the data say themselves that they have expired.
inline bool is_over(cr::Dict const& data, cr::TimePoint now)
{
    return cr::Expiry::from_stored(data.find(cr::Expiry::item_name)).is_over(now);
}

/// The second in which a text was signed, as the text says.
inline std::optional<cr::TimePoint> signing_time(std::string_view text)
{
    auto const last = text.rfind(':');
    auto const first = text.find(':');
    if (first == last)
        return std::nullopt;
    auto const second = cr::Base62::decode(text.substr(first + 1, last - first - 1));
    if (!second)
        return std::nullopt;
    auto const now = cr::system_now();
    return now - cr::signing::age(*second, now);
}

} // namespace session_admin

#endif
