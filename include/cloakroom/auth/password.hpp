// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_PASSWORD_HPP
#define CLOAKROOM_AUTH_PASSWORD_HPP

#include <cloakroom/auth/argon2.hpp>
#include <cloakroom/auth/bcrypt.hpp>
#include <cloakroom/auth/password_hasher.hpp>
#include <cloakroom/auth/pbkdf2.hpp>
#include <cloakroom/auth/scrypt.hpp>
#include <cloakroom/core/random_text.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace cloakroom::inline v0::auth {

/// A field that no password opens, for users who log in by other means or not at all: `!` and 40 random
/// characters, so that a session's hash of it is nobody else's (S-708). Django's make_password(None).
inline std::string make_unusable_password()
{
    return "!" + random_text(40);
}

/// False for what make_unusable_password gives. An empty field counts as usable, as in Django; no password
/// opens that one either.
inline bool is_password_usable(std::string_view encoded) noexcept
{
    return !encoded.starts_with('!');
}

/// What check_password found out.
struct PasswordCheck {
    bool matches = false;

    /// The password is right, and its field weaker or other than make_password would make it now: store
    /// make_password's in its place. Never true for a wrong password.
    bool must_update = false;

    explicit operator bool() const noexcept { return matches; }
};

/// Django's PASSWORD_HASHERS as a type: passwords are encoded by the first hasher, and checked by the one
/// that their field names.
///
///     auth::DjangoPasswords passwords;
///     user.password = passwords.make_password(form.password);
///     ...
///     auto const check = passwords.check_password(form.password, user.password);
///     if (check.must_update)
///         users.set_password(user, passwords.make_password(form.password));
///
/// Any PasswordHasherPolicy may stand in the list, also with costs of its own:
/// `auth::Passwords passwords{auth::Argon2{}, auth::Pbkdf2Sha256{.iterations = 600'000}}`. Thread-safe
/// through a const object.
template <PasswordHasherPolicy Preferred, PasswordHasherPolicy... Others>
class Passwords {
public:
    Passwords() = default;
    explicit Passwords(Preferred preferred, Others... others)
        : hashers_(std::move(preferred), std::move(others)...)
    {
    }

    /// The field to store. Throws ValueError for a password above max_password_size, or one that the first
    /// hasher cannot take.
    std::string make_password(std::string_view password) const
    {
        refuse_long_password(password);
        return preferred().encode(password);
    }

    /// Whether this is the password of the field. A field that is unusable, or of no algorithm of the list,
    /// is opened by no password, and takes as long to say so as one of the first algorithm (S-700, S-708); so
    /// does a wrong password for a field of the first algorithm with lower costs (S-710). A password above
    /// max_password_size is wrong at once.
    ///
    /// Throws MalformedPassword when the field is of an algorithm of the list and cannot be read (S-712).
    PasswordCheck check_password(std::string_view password, std::string_view encoded) const;

    /// Takes as long as check_password for a user that exists: call it when there is no such user, or who
    /// watches the time learns who has an account.
    void check_nobody(std::string_view password) const
    {
        if (password.size() <= max_password_size)
            preferred().encode("");
    }

    /// The algorithm of the field, if it is one of the list (S-700).
    static std::optional<std::string_view> identify(std::string_view encoded) noexcept
    {
        auto const named = algorithm_of(encoded);
        auto const found = std::find(algorithms.begin(), algorithms.end(), named);
        return found == algorithms.end() ? std::nullopt : std::optional{*found};
    }

    /// Whether make_password would make the field in another way: by another algorithm, at other costs. False
    /// for a field that no password opens. Throws like check_password.
    bool must_update(std::string_view encoded) const
    {
        auto const algorithm = identify(encoded);
        if (!algorithm)
            return false;
        return *algorithm != Preferred::algorithm || preferred().must_update(encoded);
    }

    Preferred const& preferred() const noexcept { return std::get<0>(hashers_); }

private:
    static constexpr std::array<std::string_view, 1 + sizeof...(Others)> algorithms{Preferred::algorithm,
                                                                                    Others::algorithm...};

    static constexpr bool are_names(std::array<std::string_view, 1 + sizeof...(Others)> names) noexcept
    {
        return std::all_of(names.begin(), names.end(), [&](std::string_view name) {
            return !name.empty() && name.find('$') == name.npos && name.front() != '!' &&
                   std::count(names.begin(), names.end(), name) == 1;
        });
    }
    static_assert(
        are_names(algorithms),
        "each hasher of a list has an algorithm name of its own, without '$' and without '!' first");

    static std::string_view algorithm_of(std::string_view encoded) noexcept;
    bool verify(std::string_view password, std::string_view encoded, std::string_view algorithm) const;

    std::tuple<Preferred, Others...> hashers_;
};

/// Django's default list (S-711).
using DjangoPasswords = Passwords<Pbkdf2Sha256, Pbkdf2Sha1, Argon2, BcryptSha256, Scrypt>;

template <PasswordHasherPolicy Preferred, PasswordHasherPolicy... Others>
PasswordCheck Passwords<Preferred, Others...>::check_password(std::string_view password,
                                                              std::string_view encoded) const
{
    if (password.size() > max_password_size)
        return {};
    auto const algorithm = is_password_usable(encoded) ? identify(encoded) : std::nullopt;
    if (!algorithm) {
        check_nobody(password);
        return {};
    }
    if (encoded.size() > max_encoded_size)
        throw MalformedPassword{"a stored password of " + std::string{*algorithm} + " is too long"};
    if (verify(password, encoded, *algorithm))
        return {.matches = true, .must_update = must_update(encoded)};
    if (*algorithm == Preferred::algorithm && preferred().must_update(encoded))
        preferred().harden_runtime(encoded);
    return {};
}

template <PasswordHasherPolicy Preferred, PasswordHasherPolicy... Others>
bool Passwords<Preferred, Others...>::verify(std::string_view password, std::string_view encoded,
                                             std::string_view algorithm) const
{
    auto const one = [&](auto const& hasher) {
        return hasher.algorithm == algorithm && hasher.verify(password, encoded);
    };
    return std::apply([&](auto const&... hashers) { return (one(hashers) || ...); }, hashers_);
}

template <PasswordHasherPolicy Preferred, PasswordHasherPolicy... Others>
std::string_view Passwords<Preferred, Others...>::algorithm_of(std::string_view encoded) noexcept
{
    // The forms without a salt of very old Djangos look like those of other hashers (S-706).
    if ((encoded.size() == 37 && encoded.starts_with("md5$$")) ||
        (encoded.size() == 32 && encoded.find('$') == std::string_view::npos))
        return "unsalted_md5";
    if (encoded.size() == 46 && encoded.starts_with("sha1$$"))
        return "unsalted_sha1";
    return encoded.substr(0, encoded.find('$'));
}

} // namespace cloakroom::inline v0::auth

#endif
