// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_CEREAL_CONTAINERS_HPP
#define CLOAKROOM_SERIALIZER_CEREAL_CONTAINERS_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/core/path.hpp>
#include <cloakroom/serializer/cereal_concepts.hpp>
#include <cloakroom/serializer/cereal_reader.hpp>
#include <cloakroom/serializer/cereal_sequences.hpp>
#include <cloakroom/serializer/cereal_writer.hpp>

#include <array>
#include <cereal/cereal.hpp>
#include <cstddef>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace cloakroom::inline v0::serializer::cereal_detail {

/// Where cereal has a form for archives of every kind, and JSON has a better one: pairs, tuples and arrays of
/// fixed size are arrays, maps from strings are objects.

inline void enter_array_of(ValueReader& archive, std::size_t size)
{
    if (archive.enter_array().size() != size)
        throw TypeError{archive.where().prefix() + "an array of another length than " + std::to_string(size)};
}

template <class First, class Second>
void serialize(ValueWriter& archive, std::pair<First, Second>& pair)
{
    archive.make_array();
    archive(pair.first, pair.second);
}

template <class First, class Second>
void serialize(ValueReader& archive, std::pair<First, Second>& pair)
{
    enter_array_of(archive, 2);
    archive(pair.first, pair.second);
}

template <class... Types>
void serialize(ValueWriter& archive, std::tuple<Types...>& tuple)
{
    archive.make_array();
    std::apply([&](auto&... parts) { archive(parts...); }, tuple);
}

template <class... Types>
void serialize(ValueReader& archive, std::tuple<Types...>& tuple)
{
    enter_array_of(archive, sizeof...(Types));
    std::apply([&](auto&... parts) { archive(parts...); }, tuple);
}

template <class T>
void read_elements(ValueReader& archive, T& elements)
{
    enter_array_of(archive, std::size(elements));
    for (auto& element : elements)
        archive(element);
}

template <class T, std::size_t size>
void save(ValueWriter& archive, std::array<T, size> const& array)
{
    write_elements(archive, array);
}

template <class T, std::size_t size>
void load(ValueReader& archive, std::array<T, size>& array)
{
    read_elements(archive, array);
}

template <class T, std::size_t size>
void serialize(ValueWriter& archive, T (&array)[size])
{
    write_elements(archive, array);
}

template <class T, std::size_t size>
void serialize(ValueReader& archive, T (&array)[size])
{
    read_elements(archive, array);
}

template <template <class...> class Map, class... Types, class = typename Map<Types...>::mapped_type>
requires StringMap<Map<Types...>>
void save(ValueWriter& archive, Map<Types...> const& map)
{
    archive.make_dict().reserve(map.size());
    for (auto const& [key, value] : map)
        archive.write_member(key, value);
}

template <template <class...> class Map, class... Types, class = typename Map<Types...>::mapped_type>
requires StringMap<Map<Types...>>
void load(ValueReader& archive, Map<Types...>& map)
{
    map.clear();
    for (auto const& [key, value] : archive.dict())
        archive.read_at(value, Where{archive.where(), key}, map[key]);
}

/// With equal keys in their order, which cereal turns round.
template <class Key, class T, class Compare, class Allocator>
void load(ValueReader& archive, std::multimap<Key, T, Compare, Allocator>& map)
{
    map.clear();
    for (auto left = archive.enter_array().size(); left != 0; --left) {
        Key key{};
        T value{};
        archive(cereal::make_map_item(key, value));
        map.emplace_hint(map.end(), std::move(key), std::move(value));
    }
}

template <class Key, class Compare, class Allocator>
void load(ValueReader& archive, std::multiset<Key, Compare, Allocator>& set)
{
    set.clear();
    for (auto left = archive.enter_array().size(); left != 0; --left) {
        Key key{};
        archive(key);
        set.emplace_hint(set.end(), std::move(key));
    }
}

} // namespace cloakroom::inline v0::serializer::cereal_detail

#endif
