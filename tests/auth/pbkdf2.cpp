// SPDX-License-Identifier: MIT
#include <cloakroom/auth/password_hasher.hpp>
#include <cloakroom/auth/pbkdf2.hpp>
#include <cloakroom/core/error.hpp>

#include "support/catch.hpp"
#include "support/passwords.hpp"
#include "support/vectors.hpp"

#include <cstddef>
#include <string>

namespace {

namespace cr = cloakroom;
using cr::auth::Pbkdf2Sha1;
using cr::auth::Pbkdf2Sha256;

/// All but the costs of Django 4.2 and 5.2, or those alone.
template <class Hasher>
void check_vectors(bool dear = false)
{
    for (auto const& entry : password_vectors(Hasher::algorithm)) {
        Hasher hasher;
        if (has(entry, "iterations"))
            hasher.iterations = number_at(entry, "iterations");
        if (dear != (hasher.iterations == 600'000 || hasher.iterations == 1'000'000))
            continue;
        auto const password = text_at(entry, "password");
        auto const salt = text_at(entry, "salt");
        CAPTURE(password, salt, hasher.iterations);
        if (has(entry, "ok"))
            CHECK(hasher.encode(password, salt) == text_at(entry, "ok"));
        else
            CHECK_THROWS_AS(hasher.encode(password, salt), cr::ValueError);
    }
}

} // namespace

TEST_CASE("pbkdf2_sha256 writes what Django writes, at the costs of its versions (S-701, S-707)")
{
    check_vectors<Pbkdf2Sha256>();
    CHECK(cr::auth::password_salt_size == vectors({"passwords", "salt_length"}).as<std::size_t>());
    CHECK(Pbkdf2Sha256{}.iterations == number_at(vectors({"passwords", "parameters"}), "pbkdf2_iterations"));
}

TEST_CASE("pbkdf2_sha256 writes what Django 4.2 and 5.2 write")
{
    check_vectors<Pbkdf2Sha256>(true);
}

TEST_CASE("pbkdf2_sha1 writes what Django writes (S-702)")
{
    check_vectors<Pbkdf2Sha1>();
}

TEST_CASE("pbkdf2 reads its own fields and no changed ones")
{
    check_hasher(Pbkdf2Sha256{.iterations = 10});
    check_hasher(Pbkdf2Sha1{.iterations = 10});
}

TEST_CASE("pbkdf2 asks for an update when Django does (S-710)")
{
    check_must_update_vectors(Pbkdf2Sha256{});
}

TEST_CASE("pbkdf2 refuses costs and salts that a hostile row may ask for")
{
    Pbkdf2Sha256 const hasher{.iterations = 10};
    CHECK_FALSE(hasher.verify("letmein", "pbkdf2_sha256$1$a$b"));
    CHECK_FALSE(hasher.verify("letmein", "pbkdf2_sha256$007$a$b"));
    using catch_::ContainsSubstring;
    for (auto const* number : {"0", "20000001", "4294967297", "99999999999999999999999"})
        CHECK_THAT(complaint(hasher, std::string{"pbkdf2_sha256$"} + number + "$salt$hash"),
                   ContainsSubstring("between 1 and 20000000"));
    for (auto const* number : {"", "abc", "-1", "+1", " 1", "1 ", "0x10", "1e3"})
        CHECK_THAT(complaint(hasher, std::string{"pbkdf2_sha256$"} + number + "$salt$hash"),
                   ContainsSubstring("is no number"));
    CHECK_THAT(complaint(hasher, "pbkdf2_sha256$1$$hash"), ContainsSubstring("salt is empty"));
    CHECK_THAT(complaint(hasher, "pbkdf2_sha256$1$salt"), ContainsSubstring("ends after"));
    CHECK_THAT(complaint(hasher, "pbkdf2_sha1$1$salt$hash"), ContainsSubstring("another algorithm"));
    CHECK_THROWS_AS(Pbkdf2Sha256{.iterations = 0}.encode("letmein"), cr::ValueError);
    CHECK_THROWS_AS(Pbkdf2Sha256{.iterations = 20'000'001}.encode("letmein"), cr::ValueError);
}

TEST_CASE("pbkdf2 takes as long for a wrong password at fewer iterations (S-710)")
{
    check_runtime_is_hardened(Pbkdf2Sha256{.iterations = 1000}, Pbkdf2Sha256{.iterations = 40'000});
}
