// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_CEREAL_XML_HPP
#define CLOAKROOM_SERIALIZER_CEREAL_XML_HPP

#include <cloakroom/core/record.hpp>
#include <cloakroom/core/result.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/serializer/cereal_dictionary.hpp>
#include <cloakroom/serializer/cereal_xml_reader.hpp>
#include <cloakroom/serializer/cereal_xml_scanner.hpp>
#include <cloakroom/serializer/cereal_xml_writer.hpp>
#include <cloakroom/serializer/concept.hpp>

#include <streambuf>
#include <string_view>

namespace cloakroom::inline v0::serializer {

/// cereal's XML archive:
/// `<cereal><object><key>visit</key><integer>1</integer></object></cereal>` in one line.
///
/// Elements are named as Value::kind_name() has it, scalars and the characters of strings as in JSON. What
/// XML cannot hold or might change, `<`, `>`, `&`, quotes and spaces at the ends of a string, are escapes
/// such as `\u0020` as well, so that the text is printable ASCII without entities.
struct Xml {
    static constexpr Content output = Content::text;

    static void write(Dict const& dict, std::streambuf& out);
    static Result<Dict, DecodeError> read(std::string_view text);
};

inline void Xml::write(Dict const& dict, std::streambuf& out)
{
    cereal_detail::XmlWriter{out}.write(dict);
}

inline Result<Dict, DecodeError> Xml::read(std::string_view text)
{
    if (auto const refusal = cereal_detail::XmlScanner{text}.scan())
        return *refusal;
    return cereal_detail::XmlReader{text}.read();
}

static_assert(SerializerPolicy<Cereal<Xml>>);

} // namespace cloakroom::inline v0::serializer

#endif
