// SPDX-License-Identifier: MIT
#include <cloakroom/auth/memory_users.hpp>

#include <cloakroom/testing/law.hpp>
#include <cloakroom/testing/user_store_laws.hpp>

#include "support/catch.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cr = cloakroom;
namespace auth = cr::auth;

namespace {

/// MemoryUsers with one fault.
struct Forgetful : auth::MemoryUsers {
    explicit Forgetful(std::vector<auth::User> const& given)
    {
        for (auto const& user : given)
            create(user);
    }
};

struct CaseBlind : Forgetful {
    using Forgetful::Forgetful;
    std::optional<auth::User> find_by_name(std::string_view name)
    {
        return auth::MemoryUsers::find_by_name(name == "ANN" ? "ann" : name);
    }
};

struct Overwriting : Forgetful {
    using Forgetful::Forgetful;
    bool set_password(std::string_view id, std::string_view, std::string_view field)
    {
        auto const user = find(id);
        return user && auth::MemoryUsers::set_password(id, user->password, field);
    }
};

struct Trimming : Forgetful {
    using Forgetful::Forgetful;
    std::optional<auth::User> find(std::string_view id)
    {
        return auth::MemoryUsers::find(id.ends_with(' ') ? id.substr(0, id.size() - 1) : id);
    }
};

} // namespace

TEST_CASE("users in memory keep the laws of a user store")
{
    cr::testing::user_store_laws([](auto const& users) { return Forgetful{users}; });
}

TEST_CASE("the laws of a user store find faults")
{
    using cr::testing::LawBroken;
    CHECK_THROWS_AS(cr::testing::user_store_laws([](auto const& users) { return CaseBlind{users}; }),
                    LawBroken);
    CHECK_THROWS_AS(cr::testing::user_store_laws([](auto const& users) { return Overwriting{users}; }),
                    LawBroken);
    CHECK_THROWS_AS(cr::testing::user_store_laws([](auto const& users) { return Trimming{users}; }),
                    LawBroken);
}

TEST_CASE("a user in memory is made once, changed and removed")
{
    auth::MemoryUsers users;
    auto const ann = users.create({.id = "mine", .username = "ann", .password = "x"});
    REQUIRE(ann);
    CHECK(ann->id == "1");
    CHECK_FALSE(users.create({.username = "ann"}));
    CHECK(users.create({.username = "bob"})->id == "2");
    CHECK(users.find("1") == ann);

    CHECK(users.set_active("1", false));
    CHECK_FALSE(users.find("1")->is_active);
    users.set_last_login("1", cr::TimePoint{cr::Duration{5}});
    CHECK(users.find("1")->last_login == cr::TimePoint{cr::Duration{5}});
    CHECK(users.erase("1"));
    CHECK_FALSE(users.find("1"));
    CHECK_FALSE(users.erase("1"));
    CHECK_FALSE(users.set_active("1", true));
    CHECK(users.create({.username = "ann"})->id == "3"); // nobody inherits an id
}
