// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_PBKDF2_HPP
#define CLOAKROOM_AUTH_PBKDF2_HPP

#include <cloakroom/auth/key_derivation.hpp>
#include <cloakroom/auth/password_fields.hpp>
#include <cloakroom/auth/password_hasher.hpp>
#include <cloakroom/core/constant_time.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/random_text.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cloakroom::inline v0::auth {

/// The iterations of Django 6.1. A site shared with Django sets the number of its own version, or each side
/// encodes a user's password anew after a login at the other (S-701, S-710): 3.2 260000, 4.0 320000,
/// 4.1 390000, 4.2 600000, 5.0 720000, 5.1 870000, 5.2 1000000, 6.0 1200000, 6.1 1500000.
inline constexpr std::uint32_t pbkdf2_iterations = 1'500'000;

/// A field that asks for more is a MalformedPassword. At this number a check takes some ten seconds.
inline constexpr std::uint32_t max_pbkdf2_iterations = 20'000'000;

/// Botan's name of the PBKDF2, the field's name, and the size of the key in bytes.
struct Pbkdf2WithSha256 {
    static constexpr std::string_view algorithm = "pbkdf2_sha256";
    static constexpr std::string_view name = "PBKDF2(SHA-256)";
    static constexpr std::size_t size = 32;
};

struct Pbkdf2WithSha1 {
    static constexpr std::string_view algorithm = "pbkdf2_sha1";
    static constexpr std::string_view name = "PBKDF2(SHA-1)";
    static constexpr std::size_t size = 20;
};

/// Django's `pbkdf2_sha256$<iterations>$<salt>$<base64>`, its default since 1.4, and the same with SHA-1
/// (S-701, S-702).
template <class Variant>
struct Pbkdf2 {
    static constexpr std::string_view algorithm = Variant::algorithm;

    std::uint32_t iterations = pbkdf2_iterations;

    std::string encode(std::string_view password) const
    {
        return encode(password, random_text(password_salt_size));
    }

    /// With a given salt, which is not to be used twice. Throws ValueError when it is empty or has a '$', and
    /// for iterations out of range.
    std::string encode(std::string_view password, std::string_view salt) const
    {
        refuse_bad_salt(salt);
        if (iterations == 0 || iterations > max_pbkdf2_iterations)
            throw ValueError{std::string{algorithm} + ": iterations must be between 1 and " +
                             std::to_string(max_pbkdf2_iterations)};
        auto const key =
            derive_key(std::string{Variant::name}, {iterations, 0, 0}, password, salt, Variant::size);
        return std::string{algorithm} + "$" + std::to_string(iterations) + "$" + std::string{salt} + "$" +
               password_base64(key);
    }

    bool verify(std::string_view password, std::string_view encoded) const
    {
        auto const stored = read(encoded);
        return constant_time_equal(encoded, Pbkdf2{stored.iterations}.encode(password, stored.salt));
    }

    /// Also for more iterations than these (S-710).
    bool must_update(std::string_view encoded) const
    {
        auto const stored = read(encoded);
        return stored.iterations != iterations || stored.salt.size() < password_salt_size;
    }

    void harden_runtime(std::string_view encoded) const
    {
        auto const stored = read(encoded);
        if (stored.iterations < iterations)
            Pbkdf2{iterations - stored.iterations}.encode("", stored.salt);
    }

private:
    struct Stored {
        std::uint32_t iterations;
        std::string_view salt;
    };

    static Stored read(std::string_view encoded)
    {
        PasswordFields fields{algorithm, encoded};
        auto const stored_iterations = fields.number("number of iterations", 1, max_pbkdf2_iterations);
        auto const salt = fields.text("salt");
        if (salt.empty())
            fields.refuse("the salt is empty");
        return {stored_iterations, salt};
    }
};

using Pbkdf2Sha256 = Pbkdf2<Pbkdf2WithSha256>;
using Pbkdf2Sha1 = Pbkdf2<Pbkdf2WithSha1>;

static_assert(PasswordHasherPolicy<Pbkdf2Sha256> && PasswordHasherPolicy<Pbkdf2Sha1>);

} // namespace cloakroom::inline v0::auth

#endif
