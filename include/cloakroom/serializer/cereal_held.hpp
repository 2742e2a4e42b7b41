// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_CEREAL_HELD_HPP
#define CLOAKROOM_SERIALIZER_CEREAL_HELD_HPP

#include <cloakroom/core/conversion.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/path.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/serializer/cereal_concepts.hpp>
#include <cloakroom/serializer/cereal_reader.hpp>
#include <cloakroom/serializer/cereal_writer.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cloakroom::inline v0::serializer::cereal_detail {

/// What a pointer or an optional holds is written as it is, and none as null. Only what would be taken for
/// something else is `{"$value": ...}`: null, and the two dictionaries that begin with a mark.
inline constexpr std::string_view value_mark = "$value";
inline constexpr std::string_view reference_mark = "$ref";

inline Value const* marked(Value const& value, std::string_view mark)
{
    auto const* const dict = value.get_if<Dict>();
    return dict != nullptr && dict->size() == 1 ? dict->find(mark) : nullptr;
}

inline bool looks_marked(Value const& value)
{
    return value.is_null() || marked(value, value_mark) != nullptr ||
           marked(value, reference_mark) != nullptr;
}

/// Whether an object is taken for something else where it is held. Asked before the object is written, for
/// whoever stands within it says where it is. An overload for what else may be written as null or a reference
/// stands beside it.
template <class T>
bool needs_mark(ValueWriter const&, T const& object)
{
    if constexpr (ConvertedOtherwise<T>)
        return looks_marked(Conversion<T>::to_value(object));
    else if constexpr (StringMap<T>)
        return object.size() == 1 &&
               (object.begin()->first == value_mark || object.begin()->first == reference_mark);
    else
        return false;
}
template <class T>
bool needs_mark(ValueWriter const& archive, std::optional<T> const& object)
{
    return !object || needs_mark(archive, *object);
}

/// Writes what an optional or a pointer holds.
template <class T>
void write_held(ValueWriter& archive, T const& object)
{
    if constexpr (ConvertedOtherwise<T>) { // nobody within it says where it is
        archive.write_here(object);
        if (looks_marked(archive.value()))
            archive.value() = Dict{{std::string{value_mark}, std::exchange(archive.value(), {})}};
    } else if (needs_mark(archive, object)) {
        archive.write_member(value_mark, object);
    } else {
        archive.write_here(object);
        if (looks_marked(archive.value()))
            throw TypeError{archive.where().prefix() + "an object whose only member is called $value or $ref "
                                                       "cannot be stored in an optional or behind a pointer"};
    }
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

} // namespace cloakroom::inline v0::serializer::cereal_detail

#endif
