// SPDX-License-Identifier: MIT
#ifndef TESTS_SUPPORT_SIGNING_VECTORS_HPP
#define TESTS_SUPPORT_SIGNING_VECTORS_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/secret.hpp>

#include "support/vectors.hpp"

#include <chrono>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <vector>

/// A Python number of seconds since 1970.
inline cloakroom::TimePoint epoch(double at)
{
    return cloakroom::TimePoint{cloakroom::Duration{std::llround(at * 1e6)}};
}

/// The moment at which the vectors were made, unless they say otherwise.
inline cloakroom::TimePoint vector_clock()
{
    return epoch(vectors({"meta", "clock"}).as<double>());
}

inline cloakroom::Secret secret_key()
{
    return text_at(vectors({"meta"}), "secret_key");
}

inline std::vector<cloakroom::Secret> secrets(cloakroom::Value const& array)
{
    std::vector<cloakroom::Secret> keys;
    for (auto const& key : array.as<cloakroom::Array>())
        keys.emplace_back(key.as<std::string>());
    return keys;
}

/// The keys of a case's list; none when it has no such item.
inline std::vector<cloakroom::Secret> secrets_at(cloakroom::Value const& entry, std::string_view name)
{
    auto const& dict = *entry.get_if<cloakroom::Dict>();
    return dict.contains(name) ? secrets(dict.at(name)) : std::vector<cloakroom::Secret>{};
}

inline std::vector<cloakroom::Secret> fallback_keys()
{
    return secrets(vectors({"meta", "fallback_keys_used_where_said"}));
}

#endif
