// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_CEREAL_PORTABLE_BINARY_HPP
#define CLOAKROOM_SERIALIZER_CEREAL_PORTABLE_BINARY_HPP

#include <cloakroom/core/record.hpp>
#include <cloakroom/core/result.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/serializer/cereal_dictionary.hpp>
#include <cloakroom/serializer/cereal_portable_binary_reader.hpp>
#include <cloakroom/serializer/cereal_portable_binary_writer.hpp>
#include <cloakroom/serializer/concept.hpp>

#include <streambuf>
#include <string_view>

namespace cloakroom::inline v0::serializer {

/// cereal's portable binary archive: for stores that take bytes, or behind a signer that writes text. The
/// first byte is cereal's, the byte order. A dictionary is the number of its entries, then names and values;
/// a value is a byte for its kind, then a number, or a length and what is that long.
struct PortableBinary {
    static constexpr Content output = Content::bytes;

    static void write(Dict const& dict, std::streambuf& out);
    static Result<Dict, DecodeError> read(std::string_view bytes);
};

inline void PortableBinary::write(Dict const& dict, std::streambuf& out)
{
    cereal_detail::PortableBinaryWriter{out}.write(dict);
}

inline Result<Dict, DecodeError> PortableBinary::read(std::string_view bytes)
{
    if (!bytes.starts_with('\1') && !bytes.starts_with('\0'))
        return DecodeError{"no byte order at the beginning", 0};
    return cereal_detail::PortableBinaryReader{bytes}.read();
}

static_assert(SerializerPolicy<Cereal<PortableBinary>>);

} // namespace cloakroom::inline v0::serializer

#endif
