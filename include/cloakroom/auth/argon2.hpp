// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_ARGON2_HPP
#define CLOAKROOM_AUTH_ARGON2_HPP

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
#include <utility>

namespace cloakroom::inline v0::auth {

/// Django's `argon2$argon2id$v=19$m=102400,t=2,p=8$<salt>$<hash>`: the algorithm's name and the PHC string
/// (S-703). Fields of argon2i and argon2d are checked, too, and due for an update.
///
/// A check needs memory_cost KiB. A field that asks for more than 1 GiB, or for more than 4 GiB over all
/// passes (20 times the default work), or for more than 64 lanes, is a MalformedPassword; so is one of
/// argon2's version 16, which Botan cannot compute.
///
/// Botan computes the lanes on threads that it keeps, which a fork does not copy: a process whose children
/// check passwords does not itself check one before it forks.
struct Argon2 {
    static constexpr std::string_view algorithm = "argon2";

    std::uint32_t time_cost = 2;        ///< passes
    std::uint32_t memory_cost = 102400; ///< KiB; at least 8 for each lane
    std::uint32_t parallelism = 8;      ///< lanes

    std::string encode(std::string_view password) const
    {
        return encode(password, random_text(password_salt_size));
    }

    /// With a given salt of 8 to 64 bytes, which is not to be used twice. Throws ValueError for another one,
    /// and for costs out of range.
    std::string encode(std::string_view password, std::string_view salt) const
    {
        if (salt.size() < min_salt_size || salt.size() > max_size)
            throw ValueError{"argon2: a salt has 8 to 64 bytes"};
        if (!within_limits())
            throw ValueError{"argon2: the costs are not within the limits"};
        return encode(password, "id", salt, hash_size);
    }

    bool verify(std::string_view password, std::string_view encoded) const;

    bool must_update(std::string_view encoded) const;

    /// Beyond Django, which burns nothing here: as many passes as the field's costs are short of, to the
    /// nearest one.
    void harden_runtime(std::string_view encoded) const;

private:
    static constexpr std::size_t hash_size = 32;
    static constexpr std::size_t min_hash_size = 16;
    static constexpr std::size_t min_salt_size = 8;
    static constexpr std::size_t max_size = 64; // of salt and hash
    static constexpr std::uint32_t max_memory = 1U << 20;
    static constexpr std::uint32_t max_work = 1U << 22;
    static constexpr std::uint32_t max_lanes = 64;

    struct Stored;

    std::uint64_t work() const noexcept { return std::uint64_t{time_cost} * memory_cost; }

    bool within_limits() const noexcept
    {
        return time_cost >= 1 && parallelism >= 1 && parallelism <= max_lanes &&
               memory_cost >= 8 * parallelism && memory_cost <= max_memory && work() <= max_work;
    }

    /// `variety` is id, i or d.
    std::string encode(std::string_view password, std::string_view variety, std::string_view salt,
                       std::size_t size) const
    {
        auto const key = derive_key("Argon2" + std::string{variety}, {memory_cost, time_cost, parallelism},
                                    password, salt, size);
        return std::string{algorithm} + "$argon2" + std::string{variety} +
               "$v=19$m=" + std::to_string(memory_cost) + ",t=" + std::to_string(time_cost) +
               ",p=" + std::to_string(parallelism) + "$" + unpadded_base64(salt) + "$" +
               unpadded_base64({reinterpret_cast<char const*>(key.data()), key.size()});
    }

    static Stored read(std::string_view encoded);
};

struct Argon2::Stored {
    Argon2 costs;
    std::string_view variety;
    std::string salt;
    std::size_t hash_size = 0;
};

inline bool Argon2::verify(std::string_view password, std::string_view encoded) const
{
    auto const stored = read(encoded);
    return constant_time_equal(encoded,
                               stored.costs.encode(password, stored.variety, stored.salt, stored.hash_size));
}

inline bool Argon2::must_update(std::string_view encoded) const
{
    auto const stored = read(encoded);
    return stored.variety != "id" || stored.hash_size != hash_size || stored.costs.time_cost != time_cost ||
           stored.costs.memory_cost != memory_cost || stored.costs.parallelism != parallelism ||
           stored.salt.size() < password_salt_size;
}

inline void Argon2::harden_runtime(std::string_view encoded) const
{
    auto const stored = read(encoded);
    if (stored.costs.work() >= work())
        return;
    auto const missing = (work() - stored.costs.work() + memory_cost / 2) / memory_cost;
    if (missing > 0)
        Argon2{static_cast<std::uint32_t>(missing), memory_cost, parallelism}.encode("", stored.salt);
}

inline Argon2::Stored Argon2::read(std::string_view encoded)
{
    PasswordFields fields{algorithm, encoded};
    Stored stored;
    fields.skip("argon2", "variety of argon2");
    stored.variety = fields.text("variety");
    if (stored.variety != "id" && stored.variety != "i" && stored.variety != "d")
        fields.refuse("the variety is none of argon2's");
    fields.skip("v=", "version");
    fields.number("version", 19, 19);
    fields.skip("m=", "memory cost");
    stored.costs.memory_cost = fields.number("memory cost", 8, max_memory, ',');
    fields.skip("t=", "time cost");
    stored.costs.time_cost = fields.number("time cost", 1, max_work, ',');
    fields.skip("p=", "parallelism");
    stored.costs.parallelism = fields.number("parallelism", 1, max_lanes);
    if (!stored.costs.within_limits())
        fields.refuse("the costs together are not within the limits");

    auto salt = from_unpadded_base64(fields.text("salt"));
    if (!salt || salt->size() < min_salt_size || salt->size() > max_size)
        fields.refuse("the salt is no base64 of 8 to 64 bytes");
    stored.salt = *std::move(salt);
    auto const hash = from_unpadded_base64(fields.rest());
    if (!hash || hash->size() < min_hash_size || hash->size() > max_size)
        fields.refuse("the hash is no base64 of 16 to 64 bytes");
    stored.hash_size = hash->size();
    return stored;
}

static_assert(PasswordHasherPolicy<Argon2>);

} // namespace cloakroom::inline v0::auth

#endif
