// SPDX-License-Identifier: MIT
#include <cloakroom.hpp>
#include <cloakroom/serializer/cereal.hpp>
#include <cloakroom/serializer/cereal_portable_binary.hpp>

#include <cereal/types/set.hpp>
#include <set>

namespace cr = cloakroom;

int main()
{
    using Serializer = cr::serializer::Cereal<cr::serializer::PortableBinary>;
    using Session = cr::Session<cr::storage::Memory, Serializer, cr::signer::Hmac>;
    Session::Backend backend{cr::storage::Memory{}, {}, cr::signer::Hmac{"not-a-secret"}, cr::Settings{}};
    Session session{backend};
    session["seen"] = std::set{3, 1};
    session.save();
    Session later{backend, *session.session_key()};
    return later.get<std::set<int>>("seen") == std::set{1, 3} ? 0 : 1;
}
