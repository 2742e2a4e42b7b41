// SPDX-License-Identifier: MIT
// expect: PasswordHasherPolicy
// expect: verify
#include <cloakroom.hpp>

#include <string>
#include <string_view>

struct Hasher {
    static constexpr std::string_view algorithm = "mine";

    std::string encode(std::string_view password) const;
    bool must_update(std::string_view encoded) const;
    void harden_runtime(std::string_view encoded) const;
#ifdef WELL_FORMED
    bool verify(std::string_view password, std::string_view encoded) const;
#endif
};

bool use(cloakroom::auth::Passwords<cloakroom::auth::Scrypt, Hasher> const& passwords)
{
    return passwords.check_password("letmein", "mine$x").matches;
}
