// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTS_AUTH_EPOCHS_ALONE_HPP
#define CLOAKROOM_TESTS_AUTH_EPOCHS_ALONE_HPP

#include <cloakroom/auth/memory_revocation.hpp>
#include <cloakroom/core/clock.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

/// A number for each user and nothing else: what the smallest revocation looks like.
class EpochsAlone {
public:
    std::int64_t epoch(std::string_view user) { return all_.epoch(user); }
    std::int64_t bump(std::string_view user, cloakroom::TimePoint now) { return all_.bump(user, now); }
    std::optional<std::int64_t> bump_if(std::string_view user, std::int64_t epoch, cloakroom::TimePoint now)
    {
        return all_.bump_if(user, epoch, now);
    }
    void bump_all(cloakroom::TimePoint now) { all_.bump_all(now); }

private:
    cloakroom::auth::MemoryRevocation all_;
};

#endif
