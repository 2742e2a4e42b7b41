// SPDX-License-Identifier: MIT
// The smallest revocation that docs/policies/revocation.md shows, as a user writes and tests it.
#include "support/catch.hpp"

// [revocation_model]
#include <cloakroom.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace cr = cloakroom;

class MapEpochs {
public:
    std::int64_t epoch(std::string_view user)
    {
        std::scoped_lock const lock{mutex_};
        return current(user);
    }

    std::int64_t bump(std::string_view user, cr::TimePoint now)
    {
        std::scoped_lock const lock{mutex_};
        return epochs_[std::string{user}] = cr::auth::next_epoch(current(user), now);
    }

    // Comparing and changing is one step: nobody comes between.
    std::optional<std::int64_t> bump_if(std::string_view user, std::int64_t epoch, cr::TimePoint now)
    {
        std::scoped_lock const lock{mutex_};
        if (current(user) != epoch)
            return std::nullopt;
        return epochs_[std::string{user}] = cr::auth::next_epoch(epoch, now);
    }

    void bump_all(cr::TimePoint now)
    {
        std::scoped_lock const lock{mutex_};
        auto latest = everybodys_;
        for (auto const& [user, epoch] : epochs_)
            latest = std::max(latest, epoch);
        everybodys_ = cr::auth::next_epoch(latest, now);
        epochs_.clear(); // all of them were earlier
    }

private:
    std::int64_t current(std::string_view user) const
    {
        auto const own = epochs_.find(user);
        return own == epochs_.end() ? everybodys_ : own->second;
    }

    std::mutex mutex_;
    std::map<std::string, std::int64_t, std::less<>> epochs_; // of users whose sessions were ended since then
    std::int64_t everybodys_ = 0;
};

static_assert(cr::auth::RevocationPolicy<MapEpochs>);
// [/revocation_model]

// [revocation_tests]
#include <cloakroom/testing/auth_laws.hpp>
#include <cloakroom/testing/explain.hpp>
#include <cloakroom/testing/revocation_laws.hpp>

TEST_CASE("MapEpochs keeps the contract")
{
    CHECK(cr::testing::explain<MapEpochs>() == ""); // which operations are missing, if any

    cr::testing::revocation_laws([] { return MapEpochs{}; }); // each answer, and threads at once

    // Whole requests of two clients, in every order of their calls.
    auto const epochs = [] { return MapEpochs{}; };
    cr::testing::auth_laws([] { return cr::storage::SignedCookie{}; }, epochs);
    cr::testing::auth_laws([] { return cr::storage::Memory{}; }, epochs, {.limit = 20});
}
// [/revocation_tests]

namespace {

/// What the page warns of.
struct StandsStill : MapEpochs {
    std::int64_t bump(std::string_view user, cr::TimePoint now)
    {
        auto const moment = now.time_since_epoch().count();
        return epoch(user) < moment ? MapEpochs::bump(user, now) : epoch(user);
    }
};

} // namespace

TEST_CASE("The laws of a revocation say what one does whose epochs stand still with the clock")
{
    CHECK_THROWS_WITH(cr::testing::revocation_laws([] { return StandsStill{}; }),
                      "a bump makes the epoch larger when time stands still");
}
