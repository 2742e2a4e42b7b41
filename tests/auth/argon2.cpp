// SPDX-License-Identifier: MIT
#include <cloakroom/auth/argon2.hpp>
#include <cloakroom/core/error.hpp>

#include "support/catch.hpp"
#include "support/passwords.hpp"
#include "support/vectors.hpp"

#include <string>

namespace {

namespace cr = cloakroom;
using cr::auth::Argon2;

Argon2 const cheap{.time_cost = 1, .memory_cost = 64, .parallelism = 1};

} // namespace

TEST_CASE("argon2 writes what Django writes (S-703)")
{
    for (auto const& entry : password_vectors("argon2")) {
        Argon2 const hasher{number_at(entry, "time_cost"), number_at(entry, "memory_cost"),
                            number_at(entry, "parallelism")};
        auto const password = text_at(entry, "password");
        CAPTURE(password, hasher.memory_cost);
        CHECK(hasher.encode(password, text_at(entry, "salt")) == text_at(entry, "ok"));
    }
}

TEST_CASE("argon2 reads its own fields and no changed ones")
{
    check_hasher(cheap);
    check_hasher(Argon2{.time_cost = 2, .memory_cost = 64, .parallelism = 4});
}

TEST_CASE("argon2 has Django's costs and asks for an update when Django does (S-703, S-710)")
{
    check_must_update_vectors(Argon2{});
}

TEST_CASE("argon2 reads the other varieties and sizes of hash, and asks for an update (S-703, S-710)")
{
    // Made with the reference implementation: the password "letmein", the salt "somesaltsomesaltsomesalt".
    for (auto const* encoded : {
             "argon2$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdHNvbWVzYWx0$lB0Z0qUjSo4v5B9+"
             "wzJp0Sp9vkR6GEB48SAuP3hnqrs",
             "argon2$argon2d$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdHNvbWVzYWx0$"
             "50C67p8oMYzUp865wf5DzwHv5xvJX2ulq7FiyESTg8M",
             "argon2$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdHNvbWVzYWx0$gw5lPsf0StfzBWOC0rsFLQ",
         }) {
        CAPTURE(encoded);
        CHECK(cheap.verify("letmein", encoded));
        CHECK_FALSE(cheap.verify("letmeout", encoded));
        CHECK(cheap.must_update(encoded));
    }
    CHECK_FALSE(cheap.must_update(cheap.encode("letmein", "somesaltsomesaltsomesalt")));
    CHECK(cheap.must_update(cheap.encode("letmein", "somesaltsomesalt"))); // 16 bytes hold too little
}

TEST_CASE("argon2 refuses costs that a hostile row may ask for")
{
    using catch_::ContainsSubstring;
    auto const with = [](std::string const& costs) {
        return "argon2$argon2id$" + costs +
               "$c29tZXNhbHRzb21lc2FsdA$3fUQ941rsmo3/Cpi+6K2zMNtfMLWcfukgfsepsnYCw4";
    };
    CHECK(cheap.verify("", with("v=19$m=64,t=1,p=1")));
    CHECK_FALSE(cheap.verify("", with("v=19$m=64,t=01,p=1")));
    for (auto const* costs :
         {"v=19$m=1048577,t=1,p=1", "v=19$m=4294967360,t=1,p=1", "v=19$m=7,t=1,p=1", "v=19$m=64,t=0,p=1",
          "v=19$m=64,t=1,p=0", "v=19$m=1024,t=1,p=65", "v=16$m=64,t=1,p=1"})
        CHECK_THAT(complaint(cheap, with(costs)), ContainsSubstring("between"));
    for (auto const* costs : {"v=19$m=64,t=1,p=9", "v=19$m=1048576,t=5,p=1", "v=19$m=8,t=4000000,p=1"})
        CHECK_THAT(complaint(cheap, with(costs)), ContainsSubstring("not within the limits"));
    for (auto const* costs : {"m=64,t=1,p=1", "v=19$t=1,m=64,p=1", "v=19$m=64,t=1",
                              "v=19$m=64,t=1,p=1,data=x", "v=19$m=,t=1,p=1", "v=19$m=64;t=1,p=1"})
        CHECK_FALSE(complaint(cheap, with(costs)).empty());
    CHECK_THAT(complaint(cheap, "argon2$argon2x$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$AAAA"),
               ContainsSubstring("variety"));
    for (auto const* tail :
         {"c29tZXM$AAAAAAAAAAAAAAAAAAAAAA", "c29tZXNhbHRzb21lc2FsdA==$AAAAAAAAAAAAAAAAAAAAAA",
          "c29tZXNhbHRzb21lc2FsdB$AAAAAAAAAAAAAAAAAAAAAA", "c29tZXNhbHRzb21lc2Fsd\n$AAAAAAAAAAAAAAAAAAAAAA",
          "c29tZXNhbHRzb21lc2FsdA$AAAA", "c29tZXNhbHRzb21lc2FsdA$",
          "c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAA-"})
        CHECK_THAT(complaint(cheap, std::string{"argon2$argon2id$v=19$m=64,t=1,p=1$"} + tail),
                   ContainsSubstring("base64"));
    CHECK_THROWS_AS(cheap.encode("letmein", "short"), cr::ValueError);
    CHECK_THROWS_AS((Argon2{.time_cost = 1, .memory_cost = 63, .parallelism = 8}.encode("letmein")),
                    cr::ValueError);
    CHECK_THROWS_AS(Argon2{.time_cost = 0}.encode("letmein"), cr::ValueError);
}

TEST_CASE("argon2 takes as long for a wrong password at lower costs")
{
    check_runtime_is_hardened(Argon2{.time_cost = 1, .memory_cost = 1024, .parallelism = 1},
                              Argon2{.time_cost = 5, .memory_cost = 1024, .parallelism = 1});
}
