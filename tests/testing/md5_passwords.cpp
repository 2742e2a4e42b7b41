// SPDX-License-Identifier: MIT
#include <cloakroom/core/error.hpp>
#include <cloakroom/testing/md5_passwords.hpp>

#include "support/catch.hpp"
#include "support/passwords.hpp"
#include "support/vectors.hpp"

TEST_CASE("md5 writes what Django writes, for tests (S-706)")
{
    cloakroom::testing::Md5Passwords const hasher;
    for (auto const& entry : password_vectors("md5"))
        CHECK(hasher.encode(text_at(entry, "password"), text_at(entry, "salt")) == text_at(entry, "ok"));
    CHECK_THROWS_AS(hasher.encode("letmein", "a$b"), cloakroom::ValueError);
    CHECK_THROWS_AS(hasher.encode("letmein", ""), cloakroom::ValueError);
}

TEST_CASE("md5 reads its own fields and no changed ones")
{
    check_hasher(cloakroom::testing::Md5Passwords{});
}
