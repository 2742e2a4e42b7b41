// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_USER_STORE_HPP
#define CLOAKROOM_AUTH_USER_STORE_HPP

#include <cloakroom/core/clock.hpp>

#include <concepts>
#include <optional>
#include <string>
#include <string_view>

namespace cloakroom::inline v0::auth {

/// A row of Django's table auth_user, without the permissions.
struct User {
    std::string id{}; ///< the primary key as text; the store gives it
    std::string username{};
    std::string password{}; ///< the encoded field: Passwords::make_password, make_unusable_password
    bool is_active = true;  ///< false: exists, and is nobody to those who ask who is logged in
    std::string email{};
    std::string first_name{};
    std::string last_name{};
    bool is_staff = false;
    bool is_superuser = false;
    TimePoint date_joined = system_now();
    std::optional<TimePoint> last_login{};

    friend bool operator==(User const&, User const&) = default;
};

/// Where users are kept. A site's own store brings its own type of user, which has what auth looks at.
///
/// A user that is not there is an answer, whatever text was asked for: names and ids come from requests.
/// Throws StorageError when the store is broken. Thread-safe. It outlives the auth::Backend that uses it.
template <class U>
concept UserStorePolicy =
    std::copyable<typename U::User> && requires(U& users, typename U::User const& user, std::string_view id,
                                                std::string_view name, std::string_view field) {
        // The primary key as a text that is not empty: what sessions keep, and what find() takes.
        { user.id } -> std::convertible_to<std::string_view>;

        // The encoded password, one of Passwords' fields.
        { user.password } -> std::convertible_to<std::string_view>;

        // Whether the user may log in and stay logged in (S-660).
        { user.is_active } -> std::convertible_to<bool>;

        // The user with this id, active or not. A text that is no id at all is nobody's.
        { users.find(id) } -> std::same_as<std::optional<typename U::User>>;

        // The user with exactly this name.
        { users.find_by_name(name) } -> std::same_as<std::optional<typename U::User>>;

        // Replaces the password field if it still is the one given first, in one step: whether it was.
        { users.set_password(id, field, field) } -> std::same_as<bool>;
    };

/// A store that notes when a user logged in last, as Django's does (S-652).
template <class U>
concept LastLoginPolicy = UserStorePolicy<U> && requires(U& users, std::string_view id, TimePoint now) {
    // Does nothing for an id that is nobody's.
    users.set_last_login(id, now);
};

namespace user_store_detail {

/// Whether U is written to note log-ins, well or not.
template <class U>
inline constexpr bool is_meant_to_note = LastLoginPolicy<U> || requires { &U::set_last_login; };

} // namespace user_store_detail

} // namespace cloakroom::inline v0::auth

#endif
