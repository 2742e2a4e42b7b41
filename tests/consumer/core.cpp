// SPDX-License-Identifier: MIT
#include <cloakroom.hpp>

namespace cr = cloakroom;

int main()
{
    using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Hmac>;
    Session::Backend backend{cr::storage::Memory{}, {}, cr::signer::Hmac{"not-a-secret"}, cr::Settings{}};
    Session session{backend};
    session["visit"] += 1;
    session.save();
    return session.get<int>("visit") == 1 ? 0 : 1;
}
