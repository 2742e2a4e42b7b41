// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_CEREAL_CONTAINERS_HPP
#define CLOAKROOM_SERIALIZER_CEREAL_CONTAINERS_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/serializer/cereal_reader.hpp>
#include <cloakroom/serializer/cereal_writer.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace cloakroom::inline v0::serializer {

/// Where cereal has a form for archives of every kind, and JSON has a better one: pairs, tuples and arrays of
/// fixed size are arrays, maps from strings are objects, an optional is its value or null.

// What a pointer or an optional holds is written as it is, but for values that would be taken for something
// else: null for none, and the two dictionaries that begin with a mark.
inline constexpr std::string_view reference_mark = "$ref";
inline constexpr std::string_view value_mark = "$value";

inline Value const* marked(Value const& value, std::string_view mark)
{
    auto const* const dict = value.get_if<Dict>();
    return dict != nullptr && dict->size() == 1 ? dict->find(mark) : nullptr;
}

/// Writes what an optional or a pointer holds.
template <class T>
void write_held(ValueWriter& archive, T const& object)
{
    archive.write_here(object);
    auto& value = archive.value();
    if (!value.is_null() && marked(value, reference_mark) == nullptr && marked(value, value_mark) == nullptr)
        return;
    Dict wrapped;
    wrapped.insert_or_assign(value_mark, std::move(value));
    value = std::move(wrapped);
}

/// Reads it.
template <class T>
void read_held(ValueReader& archive, T& object)
{
    if (auto const* const inner = marked(archive.value(), value_mark))
        archive.read_at(*inner, Where{archive.where(), value_mark}, object);
    else
        archive.read_here(object);
}

template <class T>
void save(ValueWriter& archive, std::optional<T> const& object)
{
    if (object)
        write_held(archive, *object);
    else
        archive.set_null();
}

template <class T>
void load(ValueReader& archive, std::optional<T>& object)
{
    if (archive.value().is_null())
        object.reset();
    else
        read_held(archive, object.emplace());
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
    (void)archive.array();
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
    (void)archive.array();
    std::apply([&](auto&... parts) { archive(parts...); }, tuple);
}

template <class T>
void write_elements(ValueWriter& archive, T const& elements)
{
    archive.make_array();
    for (auto const& element : elements)
        archive(element);
}

template <class T>
void read_elements(ValueReader& archive, T& elements)
{
    (void)archive.array();
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

/// A container in which a string has one value.
template <class Map>
concept StringMap = std::same_as<typename Map::key_type, std::string> &&
                    requires(Map map, std::string key) { map.at(key) = typename Map::mapped_type{}; };

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

} // namespace cloakroom::inline v0::serializer

#endif
