// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_PASSWORD_HASHER_HPP
#define CLOAKROOM_AUTH_PASSWORD_HASHER_HPP

#include <cloakroom/core/error.hpp>

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

namespace cloakroom::inline v0::auth {

/// The longest password in bytes. A longer one is refused when it is set, and is wrong when it is checked,
/// before any work is done for it.
inline constexpr std::size_t max_password_size = 4096;

/// The longest stored field in bytes that is looked at. Django's column has 128 characters (S-700).
inline constexpr std::size_t max_encoded_size = 1024;

/// A stored field names an algorithm that is known, and the rest of it cannot be read, or asks for more time
/// or memory than the algorithm's header allows (S-712). The field was not written by this library or by
/// Django: somebody should look at the user's row. The text names the algorithm and what is wrong, and
/// nothing of the field or the password.
class MalformedPassword : public ValueError {
public:
    using ValueError::ValueError;
};

/// One of Django's password hashers, or a site's own: how a password becomes the text that a user's row
/// keeps, `algorithm$...`. Thread-safe through a const object. Costs are members that its maker chooses; a
/// field carries the costs that it was made with.
template <class H>
concept PasswordHasherPolicy =
    requires(H const& hasher, std::string_view password, std::string_view encoded) {
        // What its fields begin with, up to their first '$': not empty, without '$', and not starting with
        // '!'.
        { H::algorithm } -> std::convertible_to<std::string_view>;

        // The field for a password, with a salt of its own: two calls give two texts. Throws ValueError for a
        // password that the algorithm cannot take.
        { hasher.encode(password) } -> std::same_as<std::string>;

        // Whether the field was made from this password, compared in constant time. Whatever the field says,
        // time and memory are bounded. Throws MalformedPassword for one that it cannot read.
        { hasher.verify(password, encoded) } -> std::same_as<bool>;

        // Whether encode would now choose other costs or a longer salt. Throws like verify.
        { hasher.must_update(encoded) } -> std::same_as<bool>;

        // Spends the time by which verifying the field is faster than encode, as far as the algorithm allows.
        // Called for fields that verify has read.
        { hasher.harden_runtime(encoded) } -> std::same_as<void>;
    };

/// Throws ValueError for a password above max_password_size, which hash functions would be kept busy with.
inline void refuse_long_password(std::string_view password)
{
    if (password.size() > max_password_size)
        throw ValueError{"a password has at most " + std::to_string(max_password_size) + " bytes"};
}

} // namespace cloakroom::inline v0::auth

#endif
