// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_CEREAL_HPP
#define CLOAKROOM_SERIALIZER_CEREAL_HPP

#include <cloakroom/core/conversion.hpp>
#include <cloakroom/core/path.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/serializer/cereal_concepts.hpp>
#include <cloakroom/serializer/cereal_containers.hpp>
#include <cloakroom/serializer/cereal_held.hpp>
#include <cloakroom/serializer/cereal_pointers.hpp>
#include <cloakroom/serializer/cereal_reader.hpp>
#include <cloakroom/serializer/cereal_sequences.hpp>
#include <cloakroom/serializer/cereal_writer.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cloakroom::inline v0 {

/// With this header every type that cereal knows is a value of a session, kept as readable JSON:
/// `session["cart"] = cart`, `session["cart"].as<Cart>()`, `session.get<Cart>("cart")`.
///
/// Names given with CEREAL_NVP are the keys of an object. What is missing there, and what is wrong, stands at
/// cereal_reader.hpp; containers at cereal_containers.hpp, smart pointers at cereal_pointers.hpp. As
/// with cereal's own archives, a program includes <cereal/types/...> for the containers that it uses, and
/// this header before CEREAL_REGISTER_TYPE. A type with a conversion of its own keeps it, also within a
/// class that cereal writes; a struct that is adapted with Boost.Hana is read and written by that
/// (serializer/struct.hpp).
template <class T>
struct CerealConversion {
    using ThroughCereal = void;

    static Value to_value(T const& object) { return serializer::cereal_detail::ValueWriter::write(object); }
    static T from_value(Value const& value, Where const& where)
    {
        return serializer::cereal_detail::ValueReader::read<T>(value, where);
    }
};

template <class T>
requires serializer::cereal_detail::KnownToCereal<T>
struct Conversion<T> : CerealConversion<T> {};

// Containers that have a conversion already, of elements that have cereal's: one archive for the whole, so
// that elements can share what they point to.
template <ArrayElement T>
requires serializer::cereal_detail::ConvertedByCereal<T>
struct Conversion<std::vector<T>> : CerealConversion<std::vector<T>> {};

template <Convertible T>
requires serializer::cereal_detail::ConvertedByCereal<T>
struct Conversion<std::optional<T>> : CerealConversion<std::optional<T>> {};

template <Convertible T, class Compare>
requires serializer::cereal_detail::ConvertedByCereal<T>
struct Conversion<std::map<std::string, T, Compare>> : CerealConversion<std::map<std::string, T, Compare>> {};

} // namespace cloakroom::inline v0

#endif
