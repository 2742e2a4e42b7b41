// SPDX-License-Identifier: MIT
#include <cloakroom/auth/scrypt.hpp>
#include <cloakroom/core/error.hpp>

#include "support/catch.hpp"
#include "support/passwords.hpp"
#include "support/vectors.hpp"

#include <string>

namespace {

namespace cr = cloakroom;
using cr::auth::Scrypt;

} // namespace

TEST_CASE("scrypt writes what Django writes (S-705)")
{
    for (auto const& entry : password_vectors("scrypt")) {
        Scrypt const hasher{number_at(entry, "n"), number_at(entry, "r"), number_at(entry, "p")};
        auto const password = text_at(entry, "password");
        CAPTURE(password, hasher.n);
        CHECK(hasher.encode(password, text_at(entry, "salt")) == text_at(entry, "ok"));
    }
}

TEST_CASE("scrypt reads its own fields and no changed ones")
{
    check_hasher(Scrypt{16, 8, 1});
}

TEST_CASE("scrypt has Django's costs and asks for an update when Django does (S-705, S-710)")
{
    check_must_update_vectors(Scrypt{});
}

TEST_CASE("scrypt refuses costs that a hostile row may ask for")
{
    Scrypt const hasher{16, 8, 1};
    using catch_::ContainsSubstring;
    CHECK_FALSE(hasher.verify("letmein", "scrypt$16$salt$8$1$hash"));
    for (auto const* field :
         {"scrypt$0$salt$8$1$h", "scrypt$1$salt$8$1$h", "scrypt$2097152$salt$8$1$h", "scrypt$16$salt$0$1$h",
          "scrypt$16$salt$8$0$h", "scrypt$16$salt$8$4294967297$h"})
        CHECK_THAT(complaint(hasher, field), ContainsSubstring("between"));
    for (auto const* field : {"scrypt$3$salt$8$1$h", "scrypt$1048576$salt$8$1$h",
                              "scrypt$2$salt$1048576$1048576$h", "scrypt$16384$salt$8$129$h"})
        CHECK_THAT(complaint(hasher, field), ContainsSubstring("power of two"));
    CHECK_THAT(complaint(hasher, "scrypt$16$$8$1$h"), ContainsSubstring("salt is empty"));
    CHECK_THAT(complaint(hasher, "scrypt$1"), ContainsSubstring("ends after"));
    CHECK_THROWS_AS((Scrypt{17, 8, 1}.encode("letmein")), cr::ValueError);
    CHECK_THROWS_AS((hasher.encode("letmein", "a$b")), cr::ValueError);
    CHECK_THROWS_AS((hasher.encode("letmein", "")), cr::ValueError);
}

TEST_CASE("scrypt takes as long for a wrong password at lower costs")
{
    check_runtime_is_hardened(Scrypt{512, 8, 1}, Scrypt{512, 8, 5});
    check_runtime_is_hardened(Scrypt{128, 8, 2}, Scrypt{512, 8, 4});
}
