// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_USER_STORE_LAWS_HPP
#define CLOAKROOM_TESTING_USER_STORE_LAWS_HPP

#include <cloakroom/auth/user_store.hpp>
#include <cloakroom/core/clock.hpp>
#include <cloakroom/testing/law.hpp>
#include <cloakroom/testing/threads.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace cloakroom::inline v0::testing {

/// Throws LawBroken unless a UserStorePolicy keeps these laws:
/// - a user is found by name and by id, with the password field and the activity as they were given;
/// - names are told apart to the last byte, and whatever else is asked for is nobody's;
/// - ids are told apart, and a text that is none of them is nobody's;
/// - set_password replaces exactly the field that was expected, of exactly that user, and of threads that
///   expect the same field one succeeds.
/// `make_store(users)` gives a store, by value or a reference to one that lives long enough, with these users
/// and no others; their ids are the store's business.
template <class MakeStore>
void user_store_laws(MakeStore make_store);

namespace user_store_laws_detail {

inline std::vector<auth::User> samples()
{
    std::vector<auth::User> users;
    for (auto const* const name :
         {"ann", "Ann", "bob", "o'hara", "zo\xc3\xab", "50%_off", "1", "a@b.example"})
        users.push_back({.username = name, .password = "md5$salt$" + std::string{name}});
    users[2].is_active = false;
    return users;
}

template <class Store>
std::vector<typename Store::User> finds_everybody(Store& store, std::vector<auth::User> const& given)
{
    std::vector<typename Store::User> found;
    for (auto const& each : given) {
        auto const user = store.find_by_name(each.username);
        require(user.has_value(), "a user is found by name: " + each.username);
        require(std::string_view{user->password} == each.password, "a user has the password field given");
        require(static_cast<bool>(user->is_active) == each.is_active,
                "a user is active or not, as given, and is found in either case");
        std::string const id{std::string_view{user->id}};
        require(!id.empty(), "an id is not an empty text");
        auto const again = store.find(id);
        require(again && std::string_view{again->id} == id &&
                    std::string_view{again->password} == each.password,
                "a user is found by id");
        for (auto const& other : found)
            require(std::string_view{other.id} != id, "two users have two ids");
        found.push_back(*user);
    }
    return found;
}

template <class Store>
void finds_nobody_else(Store& store, std::vector<typename Store::User> const& users)
{
    using namespace std::string_literals;
    for (auto const& name : {""s, "nobody"s, "ANN"s, "ann "s, " ann"s, "ann\0"s, "ann\0x"s, "an"s, "annn"s,
                             "%"s, "a%"s, "' OR '1'='1"s, "\xff\xfe"s, std::string(100'000, 'a')})
        require(!store.find_by_name(name), "a name that nobody has is nobody's");
    std::vector<std::string> ids{"",
                                 "nobody",
                                 " ",
                                 "-",
                                 "-1",
                                 "0",
                                 "1.0",
                                 "1e0",
                                 "0x1",
                                 "' OR '1'='1",
                                 "\xff",
                                 "18446744073709551617",
                                 "99999999",
                                 std::string(100'000, '1'),
                                 std::string(1, '\0')};
    for (auto const& user : users) {
        std::string const id{std::string_view{user.id}};
        for (auto const& changed : {id + " ", " " + id, id + '\0', "0" + id, "+" + id, id + ".0", id + "x"})
            ids.push_back(changed);
    }
    for (auto const& id : ids) {
        bool is_given = false;
        for (auto const& user : users)
            is_given = is_given || std::string_view{user.id} == id;
        require(is_given || !store.find(id), "a text that is no user's id is nobody's");
        require(is_given || !store.set_password(id, "", "md5$x$y"), "nobody's password cannot be set");
    }
}

template <class Store>
void replaces_what_was_expected(Store& store, std::vector<typename Store::User> const& users)
{
    std::string const id{std::string_view{users[0].id}};
    std::string const old{std::string_view{users[0].password}};
    auto const field = [&](std::string_view of) {
        auto const user = store.find(of);
        require(user.has_value(), "a user stays when the password is set");
        return std::string{std::string_view{user->password}};
    };
    require(!store.set_password(id, old + "x", "md5$salt$new") && field(id) == old,
            "a password field that was not expected stays");
    require(!store.set_password(id, "", "md5$salt$new") && field(id) == old,
            "a password field that was not expected stays, whatever was");
    require(store.set_password(id, old, "md5$salt$new") && field(id) == "md5$salt$new",
            "the password field that was expected is replaced");
    require(!store.set_password(id, old, "md5$salt$newer") && field(id) == "md5$salt$new",
            "a password field is replaced once");
    require(store.set_password(id, "md5$salt$new", "md5$salt$new"), "a field may be replaced by itself");
    auto const unusable = "!" + std::string(40, 'x');
    require(store.set_password(id, "md5$salt$new", unusable) && field(id) == unusable,
            "a field may be one that no password opens");
    for (std::size_t i = 1; i < users.size(); ++i)
        require(field(users[i].id) == std::string_view{users[i].password},
                "another user's password field stays");
    require(store.set_password(id, unusable, old), "a field may be what it was before");
}

template <class Store>
void lets_one_thread_win(Store& store, typename Store::User const& user)
{
    std::string const id{std::string_view{user.id}};
    std::string expected{std::string_view{user.password}};
    for (int round = 0; round < 10; ++round) {
        std::atomic<int> winners = 0;
        on_threads(4, [&](std::size_t t) {
            if (store.set_password(id, expected, "md5$salt$" + std::to_string(t)))
                ++winners;
        });
        require(winners == 1, "of threads that expect the same password field one sets it");
        expected = std::string_view{store.find(id)->password};
        store.set_password(id, expected, "md5$salt$next");
        expected = "md5$salt$next";
    }
}

} // namespace user_store_laws_detail

template <class MakeStore>
void user_store_laws(MakeStore make_store)
{
    namespace laws = user_store_laws_detail;
    auto const given = laws::samples();
    auto&& store = make_store(given);
    static_assert(auth::UserStorePolicy<std::remove_cvref_t<decltype(store)>>);

    auto const users = laws::finds_everybody(store, given);
    laws::finds_nobody_else(store, users);
    laws::replaces_what_was_expected(store, users);
    laws::lets_one_thread_win(store, users.back());
    if constexpr (auth::LastLoginPolicy<std::remove_cvref_t<decltype(store)>>) {
        TimePoint const moment{std::chrono::seconds{1'780'000'000}};
        store.set_last_login(users.front().id, moment);
        store.set_last_login("nobody", moment);
        require(std::string_view{store.find(users.front().id)->password} == given.front().password,
                "noting a log-in changes nothing else");
    }
}

} // namespace cloakroom::inline v0::testing

#endif
