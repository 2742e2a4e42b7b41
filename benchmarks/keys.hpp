// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_BENCHMARKS_KEYS_HPP
#define CLOAKROOM_BENCHMARKS_KEYS_HPP

#include <cloakroom/core/session_key.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

/// So many keys, the same ones at each call.
inline std::vector<cloakroom::SessionKey> const& keys(std::size_t count)
{
    static std::map<std::size_t, std::vector<cloakroom::SessionKey>> all;
    static std::mutex mutex;
    std::lock_guard const lock{mutex};
    auto& some = all[count];
    some.reserve(count);
    while (some.size() < count)
        some.push_back(cloakroom::SessionKey::generate());
    return some;
}

/// Visits keys(count) in an order without a pattern that the processor could guess.
class Walk {
public:
    explicit Walk(std::size_t count, int thread = 0)
        : keys_(keys(count)), random_(0x9e37'79b9'7f4a'7c15 * (static_cast<std::uint64_t>(thread) + 1))
    {
    }

    cloakroom::SessionKey const& next()
    {
        random_ ^= random_ << 13;
        random_ ^= random_ >> 7;
        random_ ^= random_ << 17;
        return keys_[(random_ >> 20) % keys_.size()];
    }

private:
    std::vector<cloakroom::SessionKey> const& keys_;
    std::uint64_t random_;
};

#endif
