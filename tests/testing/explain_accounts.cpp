// SPDX-License-Identifier: MIT
// What explain says of user stores and revocations.
#include <cloakroom/testing/explain.hpp>

#include "support/catch.hpp"
#include "testing/one_fault.hpp"

#include <cloakroom/auth/memory_revocation.hpp>
#include <cloakroom/auth/memory_users.hpp>
#include <cloakroom/auth/sqlite_revocation.hpp>
#include <cloakroom/auth/sqlite_users.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cr = cloakroom;
namespace auth = cr::auth;
namespace testing = cr::testing;
using auth::Device;
using cr::TimePoint;
using namespace one_fault;

namespace {

// Models that have one fault in one operation.

template <bool has_it, class Type>
struct Id {
    Type id;
};
template <class Type>
struct Id<false, Type> {};
template <bool has_it, class Type>
struct Password {
    Type password;
};
template <class Type>
struct Password<false, Type> {};
template <bool has_it, class Type>
struct Activity {
    Type is_active;
};
template <class Type>
struct Activity<false, Type> {};

template <std::size_t at, Fault fault>
struct Users {
    template <class Right, std::size_t number>
    using Answer = Typed<Right, number == at && fault == Fault::other_type>;
    static constexpr bool has(std::size_t number) { return number != at || fault != Fault::missing; }

    struct User : Id<has(0), Answer<std::string, 0>>,
                  Password<has(1), Answer<std::string, 1>>,
                  Activity<has(2), Answer<bool, 2>> {};

    Answer<std::optional<User>, 3> find(std::string_view)
    requires(has(3));
    Answer<std::optional<User>, 4> find_by_name(std::string_view)
    requires(has(4));
    Answer<bool, 5> set_password(std::string_view, std::string_view, std::string_view)
    requires(has(5));
};

template <std::size_t at, Fault fault>
struct Epochs {
    template <class Right, std::size_t number>
    using Answer = Typed<Right, number == at && fault == Fault::other_type>;
    static constexpr bool has(std::size_t number) { return number != at || fault != Fault::missing; }

    Answer<std::int64_t, 0> epoch(std::string_view)
    requires(has(0));
    Answer<std::int64_t, 1> bump(std::string_view, TimePoint)
    requires(has(1));
    Answer<std::optional<std::int64_t>, 2> bump_if(std::string_view, std::int64_t, TimePoint)
    requires(has(2));
    void bump_all(TimePoint)
    requires(has(3));
};

template <std::size_t at, Fault fault>
struct Devices {
    template <class Right, std::size_t number>
    using Answer = Typed<Right, number == at && fault == Fault::other_type>;
    static constexpr bool has(std::size_t number) { return number != at || fault != Fault::missing; }

    Answer<std::int64_t, 0> epoch(std::string_view)
    requires(has(0));
    Answer<std::int64_t, 1> bump(std::string_view, TimePoint)
    requires(has(1));
    Answer<std::optional<std::int64_t>, 2> bump_if(std::string_view, std::int64_t, TimePoint)
    requires(has(2));
    Answer<bool, 3> add(std::string_view, Device const&, auth::DeviceLimit, TimePoint)
    requires(has(3));
    Answer<std::optional<Device>, 4> find(std::string_view, std::string_view, TimePoint)
    requires(has(4));
    Answer<bool, 5> touch(std::string_view, std::string_view, TimePoint, TimePoint)
    requires(has(5));
    Answer<bool, 6> remove(std::string_view, std::string_view)
    requires(has(6));
    Answer<std::vector<Device>, 7> list(std::string_view, TimePoint)
    requires(has(7));
    Answer<bool, 8> keep_only(std::string_view, std::string_view, std::string_view, TimePoint)
    requires(has(8));
    void bump_all(TimePoint)
    requires(has(9));
};

} // namespace

TEST_CASE(
    "explain tells the one operation of a user store or a revocation that is missing or of another type")
{
    check_all<Users, Family::user_store, 6, 6>(
        {"User::id", "User::password", "User::is_active", "find", "find_by_name", "set_password"});
    check_all<Epochs, Family::revocation, 4, 3>({"epoch", "bump", "bump_if", "bump_all"});
    check_all<Devices, Family::device_list, 10, 9>(
        {"epoch", "bump", "bump_if", "add", "find", "touch", "remove", "list", "keep_only", "bump_all"});
}

TEST_CASE("explain has nothing to say of the library's own user stores and revocations")
{
    STATIC_REQUIRE(testing::family_of<auth::MemoryUsers>() == Family::user_store);
    STATIC_REQUIRE(testing::family_of<auth::SqliteUsers>() == Family::user_store);
    STATIC_REQUIRE(testing::family_of<auth::MemoryRevocation>() == Family::device_list);
    STATIC_REQUIRE(testing::family_of<auth::SqliteRevocation>() == Family::device_list);
    STATIC_REQUIRE(testing::fits<auth::MemoryUsers>);
    STATIC_REQUIRE(testing::fits<auth::SqliteRevocation>);
    CHECK(explain<auth::MemoryUsers>().empty());
    CHECK(explain<auth::SqliteUsers>().empty());
    CHECK(explain<auth::MemoryRevocation>().empty());
    CHECK(explain<auth::SqliteRevocation>().empty());
}

namespace {

struct HastyUsers {
    struct User {
        int id;
        std::string password() const;

    private:
        bool is_active;
    };

    User find(std::string_view);
    std::optional<auth::User> find_by_name(std::string_view);
    bool set_password(std::string_view, std::string_view);
};

struct SingleUser {
    struct User : auth::User {
        User(User const&) = delete;
    };

    std::optional<User> find_by_name(std::string_view);
};

struct HastyDevices {
    int epoch(std::string_view);
    void bump(std::string_view, TimePoint);
    std::vector<std::string> list(std::string_view, TimePoint);

private:
    void bump_all(TimePoint);
};

struct Nothing {};

} // namespace

TEST_CASE("explain lists all gaps of a user store at once, with what is there instead")
{
    auto const text = explain<HastyUsers>();
    INFO(text);
    CHECK(wanted(text) == std::vector<std::string>{"User::id", "User::password", "User::is_active", "find",
                                                   "find_by_name", "set_password"});
    CHECK_THAT(text,
               catch_::StartsWith("HastyUsers is no user store yet; see docs/policies/user_store.md\n"));
    CHECK_THAT(text, catch_::ContainsSubstring("  User::id is int\n    wanted: std::string User::id"));
    CHECK_THAT(text,
               catch_::ContainsSubstring("  User::password is std::string (HastyUsers::User::*)() const"));
    CHECK_THAT(text, catch_::ContainsSubstring("  User::is_active is there, but"));
    CHECK_THAT(text, catch_::ContainsSubstring("  find gives HastyUsers::User\n"));
    CHECK_THAT(text, catch_::ContainsSubstring("  find_by_name gives std::optional<auth::User>\n"));
    CHECK_THAT(text, catch_::ContainsSubstring(
                         "  set_password is bool (HastyUsers::*)(std::string_view, std::string_view)\n"));
}

TEST_CASE("explain tells that there is no type of users, or that it cannot be copied")
{
    auto const single = explain<SingleUser>();
    CHECK(wanted(single) == std::vector<std::string>{"User", "find", "set_password"});
    CHECK_THAT(single, catch_::ContainsSubstring(
                           "  User cannot be copied\n    wanted: struct User; it can be copied"));

    auto const none = explain<Nothing, Family::user_store>();
    CHECK(wanted(none).size() == 7);
    CHECK_THAT(none, catch_::ContainsSubstring("  User is missing\n"));
    CHECK_THAT(none, catch_::ContainsSubstring("  User::id is missing\n"));
    CHECK(wanted(explain<int, Family::user_store>()).size() == 7);
}

TEST_CASE("explain checks set_last_login where it is there, and does not ask for it")
{
    struct Quiet : Users<99, Fault::none> {};
    struct Noting : Quiet {
        void set_last_login(std::string_view, TimePoint);
    };
    struct Timeless : Quiet {
        void set_last_login(std::string_view);
    };
    struct Private : Quiet {
    private:
        void set_last_login(std::string_view, TimePoint);
    };
    STATIC_REQUIRE(!auth::LastLoginPolicy<Quiet>);
    STATIC_REQUIRE(auth::LastLoginPolicy<Noting>);
    STATIC_REQUIRE(!auth::LastLoginPolicy<Timeless>);
    CHECK(explain<Quiet>().empty());
    CHECK(explain<Noting>().empty());
    CHECK(wanted(explain<Timeless>()) == std::vector<std::string>{"set_last_login"});
    CHECK_THAT(explain<Timeless>(), catch_::ContainsSubstring("  set_last_login is void ("));
    CHECK(wanted(explain<Private>()) == std::vector<std::string>{"set_last_login"});
}

TEST_CASE("explain lists all gaps of a revocation at once, those of its list as soon as it has one")
{
    auto const text = explain<HastyDevices>();
    INFO(text);
    CHECK(wanted(text) == std::vector<std::string>{"epoch", "bump", "bump_if", "bump_all", "add", "find",
                                                   "touch", "remove", "list", "keep_only"});
    CHECK_THAT(text, catch_::StartsWith("HastyDevices is no revocation with a list of devices yet; see "
                                        "docs/policies/revocation.md\n"));
    CHECK_THAT(text, catch_::ContainsSubstring("  epoch gives int\n"));
    CHECK_THAT(text, catch_::ContainsSubstring("  bump gives void\n    wanted: std::int64_t bump("));
    CHECK_THAT(text, catch_::ContainsSubstring("  bump_all is there, but"));
    CHECK_THAT(text, catch_::ContainsSubstring("  list gives std::vector<std::string>\n"));

    auto const alone = explain<HastyDevices, Family::revocation>();
    CHECK_THAT(alone, catch_::StartsWith("HastyDevices is no revocation yet; "));
    CHECK(wanted(alone) == std::vector<std::string>{"epoch", "bump", "bump_if", "bump_all"});
}

TEST_CASE("explain takes a half-written store for what it is meant to be")
{
    struct Half {
        using User = auth::User;
        std::optional<User> create(User const&);
        bool erase(std::string_view);
    };
    struct HalfList {
        std::int64_t epoch(std::string_view);
        bool touch(std::string_view, std::string_view, TimePoint, TimePoint);
        std::size_t clear_expired(TimePoint);
        bool keep_only(std::string_view, std::string_view, std::string_view, TimePoint);
    };
    STATIC_REQUIRE(testing::family_of<Half>() == Family::user_store);
    STATIC_REQUIRE(testing::family_of<HalfList>() == Family::device_list);
    STATIC_REQUIRE(testing::family_of<Epochs<0, Fault::missing>>() == Family::revocation);
    STATIC_REQUIRE(testing::family_of<Nothing>() == Family::unknown);
}
