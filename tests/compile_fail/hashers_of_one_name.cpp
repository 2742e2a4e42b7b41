// SPDX-License-Identifier: MIT
// expect: each hasher of a list has an algorithm name of its own
#include <cloakroom.hpp>

#ifdef WELL_FORMED
using Second = cloakroom::auth::Argon2;
#else
using Second = cloakroom::auth::Scrypt;
#endif

bool use(cloakroom::auth::Passwords<cloakroom::auth::Scrypt, Second> const& passwords)
{
    return passwords.check_password("letmein", "scrypt$x").matches;
}
