// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_CEREAL_SEQUENCES_HPP
#define CLOAKROOM_SERIALIZER_CEREAL_SEQUENCES_HPP

#include <cloakroom/core/value.hpp>
#include <cloakroom/serializer/cereal_reader.hpp>
#include <cloakroom/serializer/cereal_writer.hpp>

#include <concepts>
#include <cstddef>
#include <deque>
#include <forward_list>
#include <list>
#include <vector>

namespace cloakroom::inline v0::serializer::cereal_detail {

/// Sequences are arrays, as cereal has them, but grow with what is read: cereal makes all the elements before
/// it reads the first. They are known without cereal's headers, so that a vector of what cereal knows means
/// the same in every source.

template <class Elements>
void write_elements(ValueWriter& archive, Elements const& elements)
{
    archive.make_array();
    for (auto const& element : elements)
        archive(element);
}

template <class Sequence>
void read_sequence(ValueReader& archive, Sequence& sequence)
{
    sequence.clear();
    auto const size = archive.enter_array().size();
    if constexpr (requires { sequence.reserve(size); } &&
                  sizeof(typename Sequence::value_type) <= sizeof(Value))
        sequence.reserve(size);
    for (std::size_t i = 0; i < size; ++i)
        archive(sequence.emplace_back());
}

// A vector of bool has no elements to read into.
template <class T, class Allocator>
requires(!std::same_as<T, bool>)
void save(ValueWriter& archive, std::vector<T, Allocator> const& vector)
{
    write_elements(archive, vector);
}
template <class T, class Allocator>
requires(!std::same_as<T, bool>)
void load(ValueReader& archive, std::vector<T, Allocator>& vector)
{
    read_sequence(archive, vector);
}

template <class T, class Allocator>
void save(ValueWriter& archive, std::deque<T, Allocator> const& deque)
{
    write_elements(archive, deque);
}
template <class T, class Allocator>
void load(ValueReader& archive, std::deque<T, Allocator>& deque)
{
    read_sequence(archive, deque);
}

template <class T, class Allocator>
void save(ValueWriter& archive, std::list<T, Allocator> const& list)
{
    write_elements(archive, list);
}
template <class T, class Allocator>
void load(ValueReader& archive, std::list<T, Allocator>& list)
{
    read_sequence(archive, list);
}

template <class T, class Allocator>
void save(ValueWriter& archive, std::forward_list<T, Allocator> const& list)
{
    write_elements(archive, list);
}
template <class T, class Allocator>
void load(ValueReader& archive, std::forward_list<T, Allocator>& list)
{
    list.clear();
    auto last = list.before_begin();
    for (auto left = archive.enter_array().size(); left != 0; --left) {
        last = list.emplace_after(last);
        archive(*last);
    }
}

} // namespace cloakroom::inline v0::serializer::cereal_detail

#endif
