// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_EXPIRY_HPP
#define CLOAKROOM_SESSION_EXPIRY_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/conversion.hpp>
#include <cloakroom/session/iso_time.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string_view>

namespace cloakroom::inline v0 {

/// set_expiry(browser_close): the cookie goes when the browser is closed; the record keeps its full age
/// (S-077).
struct BrowserClose {
    friend bool operator==(BrowserClose, BrowserClose) = default;
};
inline constexpr BrowserClose browser_close{};

/// set_expiry(global_policy): back to the settings (S-076).
struct GlobalPolicy {
    friend bool operator==(GlobalPolicy, GlobalPolicy) = default;
};
inline constexpr GlobalPolicy global_policy{};

/// When a session ends. As an item of the session it is `_session_expiry` (S-070).
class Expiry {
public:
    static constexpr std::string_view item_name = "_session_expiry";

    Expiry(GlobalPolicy = {}) {}
    Expiry(BrowserClose) : kind_{Kind::with_browser} {}
    /// So long after each save (S-071, S-079). Anything beyond 292,000 years is that long.
    template <class Rep, class Period>
    Expiry(std::chrono::duration<Rep, Period> age) : kind_{Kind::age}, length_{saturated(age)}
    {
    }
    /// At that moment, whatever is saved later (S-073). Held within the years 1 to 9999.
    template <class Length>
    Expiry(std::chrono::sys_time<Length> moment)
        : kind_{Kind::moment},
          length_{std::clamp(saturated(moment.time_since_epoch()), earliest_time.time_since_epoch(),
                             latest_time.time_since_epoch())}
    {
    }

    /// What an item holds, null for an absent one. ValueError for a text that is no moment in ISO 8601
    /// (S-084), TypeError for an array or an object.
    static Expiry from_value(Value const& item);

    /// The same for data that somebody else wrote: the global policy where from_value would throw.
    static Expiry from_stored(Value const* item) noexcept;

    /// The item to store: a number of seconds or ISO text (S-071 to S-074). Null for the global policy.
    Value to_value() const;

    bool is_global_policy() const noexcept { return kind_ == Kind::from_settings; }
    bool is_browser_close() const noexcept { return kind_ == Kind::with_browser; }
    bool is_moment() const noexcept { return kind_ == Kind::moment; }

    /// Time left at `modification`: an age as it is, a moment in whole seconds rounded down, else
    /// `cookie_age` (S-081).
    Duration age(TimePoint modification, Duration cookie_age) const;

    /// The moment of the end for a record saved at `modification` (S-083), between earliest_time and
    /// latest_time.
    TimePoint date(TimePoint modification, Duration cookie_age) const;

    /// Whether the end is at or before `now`, whenever the record was saved: a moment that has come, an age
    /// that is none. Django's files can be read after that (S-209).
    bool is_over(TimePoint now) const noexcept
    {
        return kind_ == Kind::moment ? TimePoint{length_} <= now
                                     : kind_ == Kind::age && length_ <= Duration::zero();
    }

    friend bool operator==(Expiry const&, Expiry const&) = default;

private:
    template <class Rep, class Period>
    static Duration saturated(std::chrono::duration<Rep, Period> length)
    {
        std::chrono::duration<double, Duration::period> const about{length};
        if (!(std::abs(about.count()) < 9.2e18)) // also not a number
            return about.count() < 0 ? Duration::min() : Duration::max();
        return std::chrono::floor<Duration>(length);
    }

    enum class Kind { from_settings, with_browser, age, moment };

    Kind kind_ = Kind::from_settings;
    Duration length_{}; // the age, or the moment since 1970
};

inline Expiry Expiry::from_value(Value const& item)
{
    constexpr double largest = 9.2e18; // microseconds in 64 bits
    if (item.is_null())
        return global_policy;
    if (auto const* const flag = item.get_if<bool>())
        return *flag ? Expiry{std::chrono::seconds{1}} : Expiry{browser_close};
    if (item.is_number()) {
        auto const* const big = item.get_if<BigInteger>();
        auto const seconds = big == nullptr                 ? item.as<double>()
                             : big->digits().front() == '-' ? -largest
                                                            : largest;
        if (std::isnan(seconds))
            throw ValueError{"_session_expiry is not a number"};
        if (seconds == 0)
            return browser_close;
        return Duration{static_cast<Duration::rep>(std::round(std::clamp(seconds * 1e6, -largest, largest)))};
    }
    if (auto const moment = parse_iso_time(item.as<std::string_view>(Where{Expiry::item_name})))
        return *moment;
    throw ValueError{"_session_expiry is not a moment in ISO 8601"};
}

inline Expiry Expiry::from_stored(Value const* item) noexcept
try {
    return item == nullptr ? Expiry{} : from_value(*item);
} catch (Error const&) {
    return {};
}

inline Value Expiry::to_value() const
{
    switch (kind_) {
    case Kind::from_settings:
        return {};
    case Kind::with_browser:
        return 0;
    case Kind::moment:
        return iso_time(TimePoint{length_});
    case Kind::age:
        break;
    }
    auto const seconds = std::chrono::floor<std::chrono::seconds>(length_);
    if (seconds == length_)
        return seconds.count();
    return std::chrono::duration<double>{length_}.count();
}

inline Duration Expiry::age(TimePoint modification, Duration cookie_age) const
{
    switch (kind_) {
    case Kind::age:
        return length_;
    case Kind::moment:
        return std::chrono::floor<std::chrono::seconds>(TimePoint{length_} - modification);
    default:
        return cookie_age;
    }
}

inline TimePoint Expiry::date(TimePoint modification, Duration cookie_age) const
{
    if (kind_ == Kind::moment)
        return TimePoint{length_};
    return saturating_add(modification, age(modification, cookie_age));
}

} // namespace cloakroom::inline v0

#endif
