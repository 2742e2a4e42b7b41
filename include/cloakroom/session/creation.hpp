// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_CREATION_HPP
#define CLOAKROOM_SESSION_CREATION_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/value.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cloakroom::inline v0 {

/// When a session began, which Settings::absolute_age counts from. As an item of the session it is
/// `_cloakroom_created`, whole seconds since 1970.
struct Creation {
    static constexpr std::string_view item_name = "_cloakroom_created";

    /// What an item says: nothing for one that is missing, no whole number, before 1970 or after `now`, which
    /// only a mistake can have brought there.
    static std::optional<TimePoint> from_stored(Value const* item, TimePoint now) noexcept
    {
        auto const* const seconds = item != nullptr ? item->get_if<std::int64_t>() : nullptr;
        if (seconds == nullptr || *seconds < 0 ||
            *seconds > std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count())
            return std::nullopt;
        return TimePoint{std::chrono::seconds{*seconds}};
    }

    /// The item to store.
    static Value to_value(TimePoint moment)
    {
        return std::int64_t{std::chrono::floor<std::chrono::seconds>(moment.time_since_epoch()).count()};
    }
};

} // namespace cloakroom::inline v0

#endif
