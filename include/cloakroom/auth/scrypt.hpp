// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_SCRYPT_HPP
#define CLOAKROOM_AUTH_SCRYPT_HPP

#include <cloakroom/auth/key_derivation.hpp>
#include <cloakroom/auth/password_fields.hpp>
#include <cloakroom/auth/password_hasher.hpp>
#include <cloakroom/core/constant_time.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/random_text.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cloakroom::inline v0::auth {

/// Django's `scrypt$<n>$<salt>$<r>$<p>$<base64 of 64 bytes>` with the costs of 5.1 and later; before, p was 1
/// (S-705). A check needs 128 * n * r bytes: 16 MiB.
///
/// n is a power of two from 2 to 2^20, n * r at most 2^21 (256 MiB) and n * r * p at most 2^24 (25 times the
/// default work); a field that asks for more is a MalformedPassword.
struct Scrypt {
    static constexpr std::string_view algorithm = "scrypt";

    std::uint32_t n = 16384;
    std::uint32_t r = 8;
    std::uint32_t p = 5;

    std::string encode(std::string_view password) const
    {
        return encode(password, random_text(password_salt_size));
    }

    /// With a given salt, which is not to be used twice. Throws ValueError when it is empty or has a '$', and
    /// for costs out of range.
    std::string encode(std::string_view password, std::string_view salt) const
    {
        refuse_bad_salt(salt);
        if (!within_limits())
            throw ValueError{"scrypt: n must be a power of two, and n, r and p within the limits"};
        return std::string{algorithm} + "$" + std::to_string(n) + "$" + std::string{salt} + "$" +
               std::to_string(r) + "$" + std::to_string(p) + "$" +
               password_base64(derive_key("Scrypt", {n, r, p}, password, salt, 64));
    }

    bool verify(std::string_view password, std::string_view encoded) const;

    /// Django does not ask for the salt's length here (S-710).
    bool must_update(std::string_view encoded) const;

    /// Beyond Django, which burns nothing here: as many rounds of p as the field's costs are short of.
    void harden_runtime(std::string_view encoded) const;

private:
    struct Stored;

    std::uint64_t work() const noexcept { return std::uint64_t{n} * r * p; }

    bool within_limits() const noexcept
    {
        constexpr std::uint32_t most = 1U << 20;
        return n >= 2 && n <= most && std::has_single_bit(n) && r >= 1 && r <= most && p >= 1 && p <= most &&
               std::uint64_t{n} * r <= std::uint64_t{1} << 21 && std::uint64_t{n} * r * p <= 1U << 24;
    }

    static Stored read(std::string_view encoded);
};

struct Scrypt::Stored {
    Scrypt costs;
    std::string_view salt;
};

inline bool Scrypt::verify(std::string_view password, std::string_view encoded) const
{
    auto const stored = read(encoded);
    return constant_time_equal(encoded, stored.costs.encode(password, stored.salt));
}

inline bool Scrypt::must_update(std::string_view encoded) const
{
    auto const costs = read(encoded).costs;
    return costs.n != n || costs.r != r || costs.p != p;
}

inline void Scrypt::harden_runtime(std::string_view encoded) const
{
    auto const stored = read(encoded);
    if (stored.costs.work() >= work())
        return;
    auto const missing = (work() - stored.costs.work()) / (std::uint64_t{n} * r);
    if (missing > 0)
        Scrypt{n, r, static_cast<std::uint32_t>(missing)}.encode("", stored.salt);
}

inline Scrypt::Stored Scrypt::read(std::string_view encoded)
{
    constexpr std::uint32_t most = 1U << 20;
    PasswordFields fields{algorithm, encoded};
    Stored stored;
    stored.costs.n = fields.number("n", 2, most);
    stored.salt = fields.text("salt");
    stored.costs.r = fields.number("r", 1, most);
    stored.costs.p = fields.number("p", 1, most);
    if (stored.salt.empty())
        fields.refuse("the salt is empty");
    if (!stored.costs.within_limits())
        fields.refuse("n is no power of two, or n, r and p together are above the limits");
    return stored;
}

static_assert(PasswordHasherPolicy<Scrypt>);

} // namespace cloakroom::inline v0::auth

#endif
