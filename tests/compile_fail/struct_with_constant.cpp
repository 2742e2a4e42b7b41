// SPDX-License-Identifier: MIT
// expect: cloakroom: a member of this struct is const, so a session cannot fill it
#include <cloakroom.hpp>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;

#ifdef WELL_FORMED
using Floor = int;
#else
using Floor = int const;
#endif

struct Shop {
    int visits = 0;
    Floor floor = 1;
};
BOOST_HANA_ADAPT_STRUCT(Shop, visits, floor);

int use(Session& session)
{
    return session.as<Shop>().floor;
}
