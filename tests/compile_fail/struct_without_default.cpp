// SPDX-License-Identifier: MIT
// expect: a struct that is read from a session needs a default constructor, for the members that are missing
#include <cloakroom.hpp>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;

struct Shop {
#ifdef WELL_FORMED
    Shop() = default;
#endif
    explicit Shop(int number) : visits{number} {}

    int visits = 0;
};
BOOST_HANA_ADAPT_STRUCT(Shop, visits);

void count(Session& session)
{
    auto shop = session.as<Shop>();
    ++shop.visits;
    session.assign(shop);
}
