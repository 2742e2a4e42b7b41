// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_USER_STORE_NEEDS_HPP
#define CLOAKROOM_TESTING_USER_STORE_NEEDS_HPP

#include <cloakroom/auth/user_store.hpp>
#include <cloakroom/testing/policy_needs.hpp>

#include <concepts>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

/// What auth::UserStorePolicy and auth::LastLoginPolicy require.
namespace cloakroom::inline v0::testing::needs {

struct UserType {
    static constexpr bool is_constant = false;
    static constexpr bool is_value = false;
    static constexpr std::string_view unfit = "User cannot be copied";
    static constexpr std::string_view wanted =
        "struct User; it can be copied; using User = auth::User will do";
    template <class S>
    using Given = typename std::remove_cvref_t<S>::User;
    template <class G, class S>
    static constexpr bool fits = std::copyable<G>;
    template <class T>
    using Found = decltype(&T::User);
    struct Namesake {
        int User; // NOLINT(readability-identifier-naming): the name that is looked for
    };
};

struct NoUser {};
template <class T>
struct UserOf {
    using Type = NoUser;
};
template <class T>
requires requires { typename T::User; }
struct UserOf<T> {
    using Type = typename T::User;
};

/// A member of the user's type that converts to this one.
template <class Type>
struct UserMember {
    static constexpr bool is_constant = false;
    static constexpr bool is_value = true;
    template <class S>
    using Lvalue = typename std::remove_cvref_t<S>::User const&;
    template <class T>
    using Owner = typename UserOf<T>::Type;
    template <class G, class S>
    static constexpr bool fits = std::convertible_to<G, Type>;
};

struct UserId : UserMember<std::string_view> {
    static constexpr std::string_view wanted = "std::string User::id; or another text";
    template <class S>
    using Given = decltype((std::declval<Lvalue<S>>().id));
    template <class T>
    using Found = decltype(&T::id);
    struct Namesake {
        int id;
    };
};

struct UserPassword : UserMember<std::string_view> {
    static constexpr std::string_view wanted = "std::string User::password; or another text";
    template <class S>
    using Given = decltype((std::declval<Lvalue<S>>().password));
    template <class T>
    using Found = decltype(&T::password);
    struct Namesake {
        int password;
    };
};

struct UserIsActive : UserMember<bool> {
    static constexpr std::string_view wanted = "bool User::is_active";
    template <class S>
    using Given = decltype((std::declval<Lvalue<S>>().is_active));
    template <class T>
    using Found = decltype(&T::is_active);
    struct Namesake {
        int is_active;
    };
};

/// A function that gives a user of the store, or none.
struct GivesUser : Arguments {
    template <class G, class S>
    static constexpr bool fits =
        requires { requires std::same_as<G, std::optional<typename std::remove_cvref_t<S>::User>>; };
};

struct FindUser : GivesUser {
    static constexpr std::string_view wanted = "std::optional<User> find(std::string_view id)";
    template <class S>
    using Given = decltype(std::declval<S>().find(text));
    template <class T>
    using Found = decltype(&T::find);
    struct Namesake {
        int find;
    };
};

struct FindUserByName : GivesUser {
    static constexpr std::string_view wanted = "std::optional<User> find_by_name(std::string_view name)";
    template <class S>
    using Given = decltype(std::declval<S>().find_by_name(text));
    template <class T>
    using Found = decltype(&T::find_by_name);
    struct Namesake {
        int find_by_name;
    };
};

struct SetPassword : Gives<bool> {
    static constexpr std::string_view wanted =
        "bool set_password(std::string_view id, std::string_view expected, std::string_view field)";
    template <class S>
    using Given = decltype(std::declval<S>().set_password(text, text, text));
    template <class T>
    using Found = decltype(&T::set_password);
    struct Namesake {
        int set_password;
    };
};

struct SetLastLogin : Does {
    static constexpr std::string_view wanted = "void set_last_login(std::string_view id, TimePoint now)";
    template <class S>
    using Given = decltype(std::declval<S>().set_last_login(text, now));
    template <class T>
    using Found = decltype(&T::set_last_login);
    struct Namesake {
        int set_last_login;
    };
};

using UserStore = List<UserType, UserId, UserPassword, UserIsActive, FindUser, FindUserByName, SetPassword>;

} // namespace cloakroom::inline v0::testing::needs

#endif
