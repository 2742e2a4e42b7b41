// SPDX-License-Identifier: MIT
// expect: as and assign want a struct whose members are known; adapt it with BOOST_HANA_DEFINE_STRUCT
#include <cloakroom.hpp>

#include <map>
#include <string>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;

void set(Session& session, std::map<std::string, int> const& numbers)
{
#ifdef WELL_FORMED
    session["numbers"] = numbers;
#else
    session.assign(numbers);
#endif
}
