// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_BCRYPT_HPP
#define CLOAKROOM_AUTH_BCRYPT_HPP

#include <cloakroom/auth/password_fields.hpp>
#include <cloakroom/auth/password_hasher.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/hex.hpp>
#include <cloakroom/core/sha256.hpp>

#include <botan/bcrypt.h>
#include <botan/mem_ops.h>
#include <botan/system_rng.h>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cloakroom::inline v0::auth {

/// A field with more rounds is a MalformedPassword. Each round doubles the work; at 16 a check takes some
/// ten seconds.
inline constexpr std::uint32_t max_bcrypt_rounds = 16;

/// A text that is wiped from memory when the object goes.
struct WipedText {
    WipedText() = default;
    WipedText(WipedText const&) = delete;
    WipedText& operator=(WipedText const&) = delete;
    ~WipedText() { Botan::secure_scrub_memory(text.data(), text.size()); }

    std::string text;
};

/// bcrypt of the password itself, which reads no more than 72 bytes. A longer password is refused when it is
/// set and wrong when it is checked, as with Python's current library (S-704).
struct PlainBcrypt {
    static constexpr std::string_view algorithm = "bcrypt";
    static constexpr std::size_t max_size = 72;

    /// Makes of `text` what bcrypt is given.
    static void prepare(std::string_view password, std::string& text) { text.assign(password); }
};

/// bcrypt of the lower-case hexadecimal SHA-256 of the password, of which all counts (S-704).
struct PrehashedBcrypt {
    static constexpr std::string_view algorithm = "bcrypt_sha256";
    static constexpr std::size_t max_size = max_password_size;

    static void prepare(std::string_view password, std::string& text)
    {
        auto digest = sha256({password});
        text.clear();
        append_hex(text, digest);
        Botan::secure_scrub_memory(digest.data(), digest.size());
    }
};

/// Django's `bcrypt_sha256$$2b$12$<salt and hash>` and `bcrypt$$2b$12$<salt and hash>`. Fields of the
/// versions 2a and 2y are checked, too.
template <class Variant>
struct BcryptOf {
    static constexpr std::string_view algorithm = Variant::algorithm;

    std::uint32_t rounds = 12; ///< the work is 2 to this power

    std::string encode(std::string_view password) const { return encode(password, Botan::system_rng()); }

    /// The 16 bytes of the salt are the first that `rng` gives. Throws ValueError for a password that is too
    /// long, and for rounds out of range.
    std::string encode(std::string_view password, Botan::RandomNumberGenerator& rng) const
    {
        refuse_long_password(password);
        if (password.size() > Variant::max_size)
            throw ValueError{std::string{algorithm} + " takes passwords of at most " +
                             std::to_string(Variant::max_size) + " bytes"};
        if (rounds < min_rounds || rounds > max_bcrypt_rounds)
            throw ValueError{std::string{algorithm} + ": rounds must be between 4 and " +
                             std::to_string(max_bcrypt_rounds)};
        WipedText input;
        Variant::prepare(password, input.text);
        return std::string{algorithm} + "$" +
               Botan::generate_bcrypt(input.text, rng, static_cast<std::uint16_t>(rounds), 'b');
    }

    bool verify(std::string_view password, std::string_view encoded) const
    {
        constexpr std::string_view alphabet =
            "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        auto fields = read(encoded).fields;
        auto const tail = fields.rest();
        if (tail.size() != salt_and_hash_size || tail.find_first_not_of(alphabet) != std::string_view::npos)
            fields.refuse("salt and hash are not 53 characters of bcrypt's base64");
        refuse_long_password(password);
        // What is too long to have been set takes its time all the same.
        WipedText input;
        Variant::prepare(password.substr(0, Variant::max_size), input.text);
        return Botan::check_bcrypt(input.text, std::string{encoded.substr(algorithm.size() + 1)}) &&
               password.size() <= Variant::max_size;
    }

    bool must_update(std::string_view encoded) const { return read(encoded).rounds != rounds; }

    /// 2^12 - 2^10 is 2^10 + 2^11, and so on.
    void harden_runtime(std::string_view encoded) const
    {
        for (auto missing = read(encoded).rounds; missing < rounds; ++missing)
            BcryptOf{missing}.encode("");
    }

private:
    static constexpr std::uint32_t min_rounds = 4;
    static constexpr std::size_t salt_and_hash_size = 22 + 31;

    struct Stored {
        PasswordFields fields; ///< at the salt
        std::uint32_t rounds;
    };

    static Stored read(std::string_view encoded)
    {
        PasswordFields fields{algorithm, encoded};
        fields.skip("$2", "version");
        auto const version = fields.text("version");
        if (version != "b" && version != "a" && version != "y")
            fields.refuse("the version is none of 2a, 2b and 2y");
        if (fields.rest().find('$') != 2)
            fields.refuse("the rounds are not two digits");
        auto const rounds = fields.number("number of rounds", min_rounds, max_bcrypt_rounds);
        return {fields, rounds};
    }
};

using BcryptSha256 = BcryptOf<PrehashedBcrypt>;
using Bcrypt = BcryptOf<PlainBcrypt>;

static_assert(PasswordHasherPolicy<BcryptSha256> && PasswordHasherPolicy<Bcrypt>);

} // namespace cloakroom::inline v0::auth

#endif
