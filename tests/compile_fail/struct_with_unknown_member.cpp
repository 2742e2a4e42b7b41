// SPDX-License-Identifier: MIT
// expect: a member of this struct has no conversion to a session value; adapt its type
#include <cloakroom.hpp>

#include <string>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;

struct Item {
    std::string name;
};
#ifdef WELL_FORMED
BOOST_HANA_ADAPT_STRUCT(Item, name);
#endif

struct Shop {
    BOOST_HANA_DEFINE_STRUCT(Shop, (int, visits), (Item, item));
};

Shop read(Session& session)
{
    return session.as<Shop>();
}
