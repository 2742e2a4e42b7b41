// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_MEMCACHED_ENTRY_HPP
#define CLOAKROOM_STORAGE_MEMCACHED_ENTRY_HPP

#include <cloakroom/core/clock.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace cloakroom::inline v0::storage::detail {

/// What lies under a session's key: `cr1:`, the deadline in 18 digits of microseconds since 1970, a colon,
/// the payload. What is before 1970 becomes 1970, which is as dead; what is after latest_time becomes that.
inline constexpr std::size_t memcached_header_size = 23;

/// Such a value. `value` is where it is put, so that its memory serves again.
inline void make_memcached_value(std::string& value, TimePoint expires, std::string_view payload)
{
    // Two halves of nine digits, which are quick to take apart.
    auto const count = std::clamp(expires, TimePoint{}, latest_time).time_since_epoch().count();
    std::array<char, memcached_header_size> header{'c', 'r', '1', ':'};
    auto const put = [&](std::size_t end, std::int64_t half) {
        auto rest = static_cast<std::uint32_t>(half);
        for (auto place = end; place-- > end - 9; rest /= 10)
            header[place] = static_cast<char>('0' + rest % 10);
    };
    put(13, count / 1'000'000'000);
    put(22, count % 1'000'000'000);
    header.back() = ':';
    value.assign(header.data(), header.size()).append(payload);
}

/// The deadline of such a value; nothing for any other.
inline std::optional<TimePoint> memcached_deadline(std::string_view value)
{
    if (value.size() < memcached_header_size || !value.starts_with("cr1:") ||
        value[memcached_header_size - 1] != ':')
        return std::nullopt;
    bool is_number = true;
    auto const half = [&](std::size_t start) {
        std::uint32_t number = 0;
        for (auto const c : value.substr(start, 9)) {
            auto const digit = static_cast<std::uint32_t>(c) - '0';
            is_number &= digit <= 9;
            number = 10 * number + digit;
        }
        return std::int64_t{number};
    };
    auto const count = half(4) * 1'000'000'000 + half(13);
    if (!is_number)
        return std::nullopt;
    return TimePoint{Duration{count}};
}

/// A time, in seconds since 1970, that has passed for every server. One of up to 30 days would count from now
/// on.
inline constexpr std::time_t memcached_past = 2'592'001;

/// The server's own deadline for an entry: never before the exact one. Its clock ticks once a second; from
/// 2038 on, which it does not read, it is never (0).
inline std::time_t memcached_expiry(TimePoint expires)
{
    auto const seconds = std::chrono::ceil<std::chrono::seconds>(expires).time_since_epoch().count() + 1;
    if (seconds > std::numeric_limits<std::int32_t>::max())
        return 0;
    return std::max<std::time_t>(seconds, memcached_past);
}

} // namespace cloakroom::inline v0::storage::detail

#endif
