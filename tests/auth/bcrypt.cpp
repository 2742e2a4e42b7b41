// SPDX-License-Identifier: MIT
#include <cloakroom/auth/bcrypt.hpp>
#include <cloakroom/auth/key_derivation.hpp>
#include <cloakroom/core/error.hpp>

#include "support/catch.hpp"
#include "support/fixed_random.hpp"
#include "support/passwords.hpp"
#include "support/vectors.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace {

namespace cr = cloakroom;
using cr::auth::Bcrypt;
using cr::auth::BcryptSha256;

/// The bytes of `$2b$04$<22 characters>`.
std::string salt_bytes(std::string_view salt)
{
    constexpr std::string_view theirs = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    constexpr std::string_view standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text{salt.substr(7)};
    for (auto& c : text)
        c = standard.at(theirs.find(c));
    return cr::auth::from_unpadded_base64(text).value();
}

template <class Hasher>
void check_vectors()
{
    for (auto const& entry : password_vectors(Hasher::algorithm)) {
        auto const salt = text_at(entry, "salt");
        Hasher const hasher{static_cast<std::uint32_t>(std::stoul(salt.substr(4, 2)))};
        FixedRandom random{salt_bytes(salt)};
        auto const password = text_at(entry, "password");
        CAPTURE(password, salt);
        if (has(entry, "ok"))
            CHECK(hasher.encode(password, random) == text_at(entry, "ok"));
        else
            CHECK_THROWS_AS(hasher.encode(password, random), cr::ValueError);
    }
}

} // namespace

TEST_CASE("bcrypt_sha256 writes what Django writes (S-704)")
{
    check_vectors<BcryptSha256>();
}

TEST_CASE("bcrypt writes what Django writes, and refuses what it refuses (S-704)")
{
    check_vectors<Bcrypt>();
}

TEST_CASE("bcrypt reads its own fields and no changed ones")
{
    check_hasher(BcryptSha256{.rounds = 4});
    check_hasher(Bcrypt{.rounds = 4});
}

TEST_CASE("bcrypt_sha256 has Django's costs and asks for an update when Django does (S-704, S-710)")
{
    check_must_update_vectors(BcryptSha256{});
}

TEST_CASE("bcrypt takes 72 bytes of a password and no more; bcrypt_sha256 takes all (S-704)")
{
    Bcrypt const plain{.rounds = 4};
    auto const longest = std::string(72, 'x');
    auto const encoded = plain.encode(longest);
    CHECK(plain.verify(longest, encoded));
    CHECK_FALSE(plain.verify(longest.substr(1), encoded));
    CHECK_FALSE(plain.verify(longest + "y", encoded));
    CHECK_THROWS_AS(plain.encode(longest + "y"), cr::ValueError);

    BcryptSha256 const hashed{.rounds = 4};
    CHECK(hashed.verify(longest + "y", hashed.encode(longest + "y")));
    CHECK_FALSE(hashed.verify(longest + "z", hashed.encode(longest + "y")));
}

TEST_CASE("bcrypt reads the versions 2a, 2b and 2y")
{
    Bcrypt const plain{.rounds = 4};
    for (auto const* version : {"2a", "2b", "2y"}) {
        auto const encoded =
            "bcrypt$$" + std::string{version} + "$04$abcdefghijklmnopqrstuuPT0cs.zGMMB9aUG3xKmxLeI//6s0m5C";
        CHECK(plain.verify("letmein", encoded));
        CHECK_FALSE(plain.verify("letmeout", encoded));
    }
}

TEST_CASE("bcrypt refuses rounds and texts that a hostile row may have")
{
    Bcrypt const hasher{.rounds = 4};
    using catch_::ContainsSubstring;
    std::string const good_tail = "$abcdefghijklmnopqrstuuPT0cs.zGMMB9aUG3xKmxLeI//6s0m5C";
    CHECK(hasher.verify("letmein", "bcrypt$$2b$04" + good_tail));
    for (auto const* rounds : {"00", "03", "17", "31", "99"})
        CHECK_THAT(complaint(hasher, std::string{"bcrypt$$2b$"} + rounds + good_tail),
                   ContainsSubstring("between"));
    for (auto const* rounds : {"", "4", "004"})
        CHECK_THAT(complaint(hasher, std::string{"bcrypt$$2b$"} + rounds + good_tail),
                   ContainsSubstring("two digits"));
    CHECK_THAT(complaint(hasher, "bcrypt$$2b$xx" + good_tail), ContainsSubstring("no number"));
    for (auto const* version : {"$2x$04", "$2$04", "$3b$04", "2b$04", "$2bb$04"})
        CHECK_THAT(complaint(hasher, std::string{"bcrypt$"} + version + good_tail),
                   ContainsSubstring("version"));
    for (auto const* tail :
         {"$", "$abcdefghijklmnopqrstuu", "$abcdefghijklmnopqrstuuPT0cs.zGMMB9aUG3xKmxLeI//6s0m5+",
          "$ab!defghijklmnopqrstuuPT0cs.zGMMB9aUG3xKmxLeI//6s0m5C",
          "$abcdefghijklmnopqrstuuPT0cs.zGMMB9aUG3xKmxLeI//6s0m5CC"})
        CHECK_THAT(complaint(hasher, std::string{"bcrypt$$2b$04"} + tail),
                   ContainsSubstring("53 characters"));
    CHECK_THROWS_AS(Bcrypt{.rounds = 3}.encode("letmein"), cr::ValueError);
    CHECK_THROWS_AS(Bcrypt{.rounds = 17}.encode("letmein"), cr::ValueError);
}

TEST_CASE("bcrypt takes as long for a wrong password at fewer rounds (S-710)")
{
    check_runtime_is_hardened(BcryptSha256{.rounds = 4}, BcryptSha256{.rounds = 8});
}
