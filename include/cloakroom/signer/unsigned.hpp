// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SIGNER_UNSIGNED_HPP
#define CLOAKROOM_SIGNER_UNSIGNED_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/result.hpp>
#include <cloakroom/signer/concept.hpp>

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cloakroom::inline v0::signer {

/// Leaves payloads as they are: no key, no purpose, no timestamp, so no age either, and unsign accepts
/// everything. For a store that nobody else can write to, such as Memory, or a cache that is shared with
/// Django. Never for what a browser keeps.
class Unsigned {
public:
    static constexpr std::string_view display_name = "Unsigned";
    static constexpr Content output = Content::unchanged;

    class Bound {
    public:
        std::string sign(std::string_view payload, TimePoint) const { return std::string{payload}; }
        /// The same without a copy.
        std::string sign(std::same_as<std::string> auto&& payload, TimePoint) const
        {
            return std::forward<decltype(payload)>(payload);
        }

        /// The text itself, whatever it is, and however old: `max_age` is ignored.
        Result<std::string, Rejection> unsign(std::string_view text, TimePoint, std::optional<Duration>) const
        {
            return std::string{text};
        }
    };

    Bound bind(std::string_view) const noexcept { return {}; }
};

static_assert(SignerPolicy<Unsigned>);

} // namespace cloakroom::inline v0::signer

#endif
