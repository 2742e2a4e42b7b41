// SPDX-License-Identifier: MIT
// expect: CerealFormat
#include <cloakroom.hpp>
#include <cloakroom/serializer/cereal_xml.hpp>

namespace cr = cloakroom;

std::string dumped(cr::Dict const& dict)
{
#ifdef WELL_FORMED
    return cr::serializer::Cereal<cr::serializer::Xml>{}.dump(dict);
#else
    return cr::serializer::Cereal<cereal::XMLOutputArchive>{}.dump(dict);
#endif
}
