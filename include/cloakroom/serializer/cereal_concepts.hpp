// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_CEREAL_CONCEPTS_HPP
#define CLOAKROOM_SERIALIZER_CEREAL_CONCEPTS_HPP

#include <cloakroom/core/conversion.hpp>
#include <cloakroom/core/value.hpp>

#include <boost/hana/concept/struct.hpp>
#include <cereal/cereal.hpp>
#include <cereal/types/common.hpp>
#include <concepts>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace cloakroom::inline v0::serializer::cereal_detail {

class ValueWriter;
class ValueReader;

/// A class or enumeration that cereal can write and read: serialize, save and load, or save_minimal and
/// load_minimal, within the class or beside it. Containers are known once their header, such as
/// <cereal/types/vector.hpp>, is included. Not the types that a Value holds itself, and not those that are
/// adapted with Boost.Hana, which is asked first.
template <class T>
concept KnownToCereal =
    (std::is_class_v<T> || std::is_enum_v<T>) && !HeldByValue<T> && !boost::hana::Struct<T>::value &&
    cereal::traits::is_output_serializable<T, ValueWriter>::value &&
    cereal::traits::is_input_serializable<T, ValueReader>::value && std::is_default_constructible_v<T>;

/// A type whose conversion goes through cereal.
template <class T>
concept ConvertedByCereal = Convertible<T> && requires { typename Conversion<T>::ThroughCereal; };

/// What one of the two archives can hand to cereal: what it knows in that direction, its wrappers for bases,
/// and classes without members.
template <class T, bool is_serializable>
inline constexpr bool cereal_takes =
    is_serializable || std::is_empty_v<T> || std::is_base_of_v<cereal::traits::detail::BaseCastBase, T>;

/// How a part is handed to an archive.
template <class T>
inline constexpr bool is_named = false;
template <class T>
inline constexpr bool is_named<cereal::NameValuePair<T>> = true;

template <class T>
inline constexpr bool is_size = false;
template <class T>
inline constexpr bool is_size<cereal::SizeTag<T>> = true;

template <class T>
inline constexpr bool is_deferred = false;
template <class T>
inline constexpr bool is_deferred<cereal::DeferredData<T>> = true;

/// Whether what the dictionary lacks stays as it is: of a class with serialize, which passes its own members.
/// A load function may pass a variable that holds nothing yet.
template <class T>
inline constexpr bool members_may_be_missing =
    std::disjunction_v<cereal::traits::has_member_serialize<T, ValueReader>,
                       cereal::traits::has_non_member_serialize<T, ValueReader>,
                       cereal::traits::has_member_versioned_serialize<T, ValueReader>,
                       cereal::traits::has_non_member_versioned_serialize<T, ValueReader>>;
template <class Key, class T>
inline constexpr bool members_may_be_missing<cereal::MapItem<Key, T>> = false;
template <class T>
inline constexpr bool members_may_be_missing<cereal::base_class<T>> = members_may_be_missing<T>;
template <class T>
inline constexpr bool members_may_be_missing<cereal::virtual_base_class<T>> = members_may_be_missing<T>;

/// Whether an object that is read would refer to the text in the session.
template <class T>
inline constexpr bool views_text = std::same_as<T, std::string_view>;
template <class T>
inline constexpr bool views_text<std::vector<T>> = views_text<T>;
template <class T, class Compare>
inline constexpr bool views_text<std::map<std::string, T, Compare>> = views_text<T>;

/// A type that has a conversion of its own, which goes before cereal's functions. Not an optional: within
/// another its conversion would lose which of the two is empty.
template <class T>
concept ConvertedOtherwise = Convertible<T> && !ConvertedByCereal<T> && !is_optional<T>;

/// A container in which a string has one value.
template <class Map>
concept StringMap = std::same_as<typename Map::key_type, std::string> &&
                    requires(Map map, std::string key) { map.at(key) = typename Map::mapped_type{}; };

} // namespace cloakroom::inline v0::serializer::cereal_detail

#endif
