// SPDX-License-Identifier: MIT
// The smallest user store that docs/policies/user_store.md shows, as a user writes and tests it.
#include "support/catch.hpp"

// [user_store_model]
#include <cloakroom.hpp>

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace cr = cloakroom;

class MapUsers {
public:
    struct User {
        std::string id;
        std::string password; // encoded: accounts.passwords().make_password("...")
        bool is_active = true;
    };

    bool create(User const& user)
    {
        std::scoped_lock const lock{mutex_};
        return users_.try_emplace(user.id, user).second;
    }

    std::optional<User> find(std::string_view id)
    {
        std::scoped_lock const lock{mutex_};
        auto const found = users_.find(id);
        return found == users_.end() ? std::nullopt : std::optional{found->second};
    }

    std::optional<User> find_by_name(std::string_view name) { return find(name); } // the name is the id here

    // Comparing and replacing is one step: nobody comes between.
    bool set_password(std::string_view id, std::string_view expected, std::string_view field)
    {
        std::scoped_lock const lock{mutex_};
        auto const found = users_.find(id);
        if (found == users_.end() || found->second.password != expected)
            return false;
        found->second.password = field;
        return true;
    }

private:
    std::mutex mutex_;
    std::map<std::string, User, std::less<>> users_;
};

static_assert(cr::auth::UserStorePolicy<MapUsers>);
// [/user_store_model]

// [user_store_tests]
#include <cloakroom/testing/explain.hpp>
#include <cloakroom/testing/user_store_laws.hpp>

TEST_CASE("MapUsers keeps the contract")
{
    CHECK(cr::testing::explain<MapUsers>() == ""); // which operations are missing, if any

    MapUsers store;
    cr::testing::user_store_laws([&](auto const& users) -> MapUsers& {
        for (auto const& user : users)
            store.create({user.username, user.password, user.is_active});
        return store;
    });
}
// [/user_store_tests]

namespace {

/// What the page warns of.
struct OverwritesPasswords : MapUsers {
    bool set_password(std::string_view id, std::string_view, std::string_view field)
    {
        auto const user = find(id);
        return user && MapUsers::set_password(id, user->password, field);
    }
};

} // namespace

TEST_CASE("The laws of a user store say what a store does that replaces every password field")
{
    OverwritesPasswords store;
    CHECK_THROWS_WITH(cr::testing::user_store_laws([&](auto const& users) -> OverwritesPasswords& {
                          for (auto const& user : users)
                              store.create({user.username, user.password, user.is_active});
                          return store;
                      }),
                      "a password field that was not expected stays");
}
