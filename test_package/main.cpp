// SPDX-License-Identifier: MIT
#include <cloakroom.hpp>

#include <iostream>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Hmac>;

int main()
{
    Session::Backend backend{cr::storage::Memory{}, {}, cr::signer::Hmac{"not-a-secret"}};

    Session first{backend};
    first["visit"] += 1;
    first.save();

    Session second{backend, *first.session_key()};
    second["visit"] += 1;
    second.save();

    auto const visit = second["visit"].as<int>();
    std::cout << "visit " << visit << '\n';
    return visit == 2 ? 0 : 1;
}
