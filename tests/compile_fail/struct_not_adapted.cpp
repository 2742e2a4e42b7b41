// SPDX-License-Identifier: MIT
// expect: as and assign want a struct whose members are known; adapt it with BOOST_HANA_DEFINE_STRUCT
#include <cloakroom.hpp>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;

struct Shop {
    int visits;
};

#ifdef WELL_FORMED
BOOST_HANA_ADAPT_STRUCT(Shop, visits);
#endif

int visits(Session& session)
{
    return session.as<Shop>().visits;
}
