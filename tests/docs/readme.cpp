// SPDX-License-Identifier: MIT
// The code of the README that no example has.
#include "support/catch.hpp"

#include <cloakroom.hpp>

#include <string>

namespace cr = cloakroom;

TEST_CASE("README: the same counter with the session in the cookie")
{
    cr::Secret const key{"a key for this test alone"};

    // [signed_cookie]
    using Session = cr::Session<cr::storage::SignedCookie, cr::serializer::Json, cr::signer::Hmac>;

    Session::Backend backend{cr::storage::SignedCookie{}, {}, cr::signer::Hmac{key}};
    // [/signed_cookie]

    cr::http::Middleware<Session> const middleware{backend};
    std::string cookie;
    for (int count = 1; count <= 2; ++count) {
        auto session = middleware.open(cookie);
        session["visit"] += 1;
        CHECK(session["visit"].as<int>() == count);
        std::string const line{middleware.close(session, 200).headers.at(0).value};
        cookie = line.substr(0, line.find(';'));
    }
}
