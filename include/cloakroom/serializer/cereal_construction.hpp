// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_CEREAL_CONSTRUCTION_HPP
#define CLOAKROOM_SERIALIZER_CEREAL_CONSTRUCTION_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/serializer/cereal_concepts.hpp>
#include <cloakroom/serializer/cereal_held.hpp>
#include <cloakroom/serializer/cereal_reader.hpp>

#include <cereal/types/memory.hpp>
#include <cstddef>
#include <memory>
#include <new>

namespace cloakroom::inline v0::serializer::cereal_detail {

// What a load_and_construct function reads into are variables.
template <class T>
inline constexpr bool
    members_may_be_missing<cereal::memory_detail::LoadAndConstructLoadWrapper<ValueReader, T>> = false;

/// Memory in which a load_and_construct function makes an object, destroyed with it.
template <class T>
class ConstructionSite {
public:
    ConstructionSite() = default;
    ConstructionSite(ConstructionSite const&) = delete;
    ConstructionSite& operator=(ConstructionSite const&) = delete;
    ~ConstructionSite()
    {
        if (is_built_)
            std::destroy_at(object());
    }

    T* object() { return std::launder(reinterpret_cast<T*>(&memory_)); }
    void build(ValueReader& archive)
    {
        cereal::memory_detail::LoadAndConstructLoadWrapper<ValueReader, T> builder{
            reinterpret_cast<T*>(&memory_), [this] { is_built_ = true; }};
        read_held(archive, builder);
        if (!is_built_)
            throw TypeError{archive.where().prefix() + "load_and_construct has not made the object"};
    }

private:
    alignas(T) std::byte memory_[sizeof(T)];
    bool is_built_ = false;
};

} // namespace cloakroom::inline v0::serializer::cereal_detail

#endif
