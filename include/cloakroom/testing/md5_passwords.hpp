// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_MD5_PASSWORDS_HPP
#define CLOAKROOM_TESTING_MD5_PASSWORDS_HPP

#include <cloakroom/auth/password_fields.hpp>
#include <cloakroom/auth/password_hasher.hpp>
#include <cloakroom/core/constant_time.hpp>
#include <cloakroom/core/hex.hpp>
#include <cloakroom/core/random_text.hpp>

#include <array>
#include <botan/hash.h>
#include <cstdint>
#include <string>
#include <string_view>

namespace cloakroom::inline v0::testing {

/// Django's `md5$<salt>$<hex of md5(salt | password)>`, for tests that log many users in: it costs nothing,
/// to an attacker neither (S-706). `auth::Passwords<testing::Md5Passwords> passwords;`
struct Md5Passwords {
    static constexpr std::string_view algorithm = "md5";

    std::string encode(std::string_view password) const
    {
        return encode(password, random_text(auth::password_salt_size));
    }

    /// Throws ValueError for a salt that is empty or has a '$', and for a password that is too long.
    std::string encode(std::string_view password, std::string_view salt) const
    {
        auth::refuse_long_password(password);
        auth::refuse_bad_salt(salt);
        auto const hash = Botan::HashFunction::create_or_throw("MD5");
        for (auto const part : {salt, password})
            hash->update(reinterpret_cast<std::uint8_t const*>(part.data()), part.size());
        std::array<std::uint8_t, 16> digest{};
        hash->final(digest.data());

        auto text = std::string{algorithm} + "$" + std::string{salt} + "$";
        append_hex(text, digest);
        return text;
    }

    bool verify(std::string_view password, std::string_view encoded) const
    {
        return constant_time_equal(encoded, encode(password, salt_of(encoded)));
    }

    bool must_update(std::string_view encoded) const
    {
        return salt_of(encoded).size() < auth::password_salt_size;
    }

    void harden_runtime(std::string_view) const {}

private:
    static std::string_view salt_of(std::string_view encoded)
    {
        auth::PasswordFields fields{algorithm, encoded};
        auto const salt = fields.text("salt");
        if (salt.empty())
            fields.refuse("the salt is empty");
        return salt;
    }
};

static_assert(auth::PasswordHasherPolicy<Md5Passwords>);

} // namespace cloakroom::inline v0::testing

#endif
