// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_CEREAL_DICTIONARY_HPP
#define CLOAKROOM_SERIALIZER_CEREAL_DICTIONARY_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/core/limits.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/serializer/cereal_streams.hpp>
#include <cloakroom/serializer/concept.hpp>

#include <cereal/details/helpers.hpp>
#include <concepts>
#include <cstddef>
#include <streambuf>
#include <string>
#include <string_view>

namespace cloakroom::inline v0::serializer {

/// A form that one of cereal's archives gives the whole dictionary. Ready ones: PortableBinary
/// (serializer/cereal_portable_binary.hpp) and Xml (serializer/cereal_xml.hpp).
template <class Format>
concept CerealFormat = requires(Dict const& dict, std::string_view bytes, std::streambuf& out) {
    // Writes it. TypeError for what nests too deep; what cereal throws may pass through.
    { Format::write(dict, out) } -> std::same_as<void>;
    // Reads it, or says why not. What cereal throws may pass through.
    { Format::read(bytes) } -> std::same_as<Result<Dict, DecodeError>>;
    { Format::output } -> std::convertible_to<Content>;
};

/// The session in a form of cereal: `cr::serializer::Cereal<cr::serializer::PortableBinary>`. Brings back
/// everything that Json does; Django does not read it. Up to 512 levels deep and 16 MiB long
/// (core/limits.hpp); past that a TypeError when writing, a DecodeError when reading. Whatever the bytes,
/// less than 50 times their number is asked of memory, and a fixed amount; a name comes once in each
/// dictionary.
template <CerealFormat Format>
struct Cereal {
    static constexpr Content output = Format::output;

    std::string dump(Dict const& dict) const;
    Result<Dict, DecodeError> load(std::string_view bytes) const
    {
        if (bytes.size() > max_payload_size)
            return DecodeError{"more than 16 MiB", 0};
        try {
            return Format::read(bytes);
        } catch (cereal::Exception const&) {
            return DecodeError{"not what cereal has written", 0};
        }
    }
};

template <CerealFormat Format>
std::string Cereal<Format>::dump(Dict const& dict) const
{
    cereal_detail::StringSink sink;
    try {
        Format::write(dict, sink);
    } catch (cereal::Exception const&) {
        sink.rethrow_failure();
        throw TypeError{"cereal cannot write the session's data"};
    }
    return sink.take();
}

} // namespace cloakroom::inline v0::serializer

#endif
