// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_CEREAL_POINTERS_HPP
#define CLOAKROOM_SERIALIZER_CEREAL_POINTERS_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/serializer/cereal_concepts.hpp>
#include <cloakroom/serializer/cereal_construction.hpp>
#include <cloakroom/serializer/cereal_held.hpp>
#include <cloakroom/serializer/cereal_reader.hpp>
#include <cloakroom/serializer/cereal_reference.hpp>
#include <cloakroom/serializer/cereal_writer.hpp>

#include <cereal/types/memory.hpp>
#include <memory>
#include <string>
#include <type_traits>
#include <typeindex>
#include <utility>

namespace cloakroom::inline v0::serializer::cereal_detail {

/// A smart pointer is what it points to, or null. Of a shared object only the first pointer is; the others,
/// also from within the object itself, are `{"$ref": "#/where/the/first/is"}`, counted from the value that is
/// stored, and come back as pointers to one object again.
///
/// A pointer to a polymorphic class is a dictionary with the class's registered name, and the same under
/// "ptr_wrapper" (cereal's name for it).

template <class T>
ValueWriter::SharedObjects::key_type shared_key(std::shared_ptr<T> const& pointer)
{
    return {pointer.get(), typeid(T)};
}

template <class T>
void write_pointer(ValueWriter& archive, std::shared_ptr<T> const& pointer)
{
    if (!pointer) {
        archive.set_null();
        return;
    }
    auto const [known, is_first] =
        archive.shared().try_emplace(shared_key(pointer), ValueWriter::Shared{pointer, archive.place()});
    if (is_first)
        write_held(archive, *pointer);
    else
        archive.make_dict().insert_or_assign(reference_mark, known->second.place);
}

template <class T, class Deleter>
void write_pointer(ValueWriter& archive, std::unique_ptr<T, Deleter> const& pointer)
{
    if (pointer)
        write_held(archive, *pointer);
    else
        archive.set_null();
}

template <class T>
std::shared_ptr<T> read_shared_object(ValueReader& archive)
{
    auto const keep = [&](std::shared_ptr<T> const& object) {
        archive.shared().insert_or_assign({&archive.value(), typeid(T)}, object);
    };
    if constexpr (cereal::traits::has_load_and_construct<T, ValueReader>::value) {
        static_assert(!cereal::traits::has_shared_from_this<T>::value,
                      "cloakroom: a class with load_and_construct that derives from "
                      "std::enable_shared_from_this cannot be read from a session; give it a default "
                      "constructor");
        auto const site = std::make_shared<ConstructionSite<T>>();
        site->build(archive);
        std::shared_ptr<T> object{site, site->object()};
        keep(object);
        return object;
    } else {
        std::shared_ptr<T> object{cereal::access::construct<T>()};
        keep(object); // before what it holds is read, which may point back
        read_held(archive, *object);
        return object;
    }
}

template <class T>
void read_pointer(ValueReader& archive, std::shared_ptr<T>& pointer)
{
    using Object = std::remove_const_t<T>;
    auto const& value = archive.value();
    if (value.is_null()) {
        pointer.reset();
        return;
    }
    if (auto const known = archive.shared().find({&value, typeid(Object)}); known != archive.shared().end()) {
        pointer = std::static_pointer_cast<Object>(known->second);
        return;
    }
    if (auto const* const reference = marked(value, reference_mark)) {
        auto const* const text = reference->get_if<std::string>();
        auto const* const target = text != nullptr ? follow(archive.root(), *text) : nullptr;
        if (target == nullptr || target->is_null() || marked(*target, reference_mark) != nullptr)
            throw TypeError{archive.where().prefix() + "a reference to an object that is not there"};
        Where const where{archive.where(), reference_mark};
        ValueReader there{*target, where, archive};
        read_pointer(there, pointer);
        return;
    }
    pointer = read_shared_object<Object>(archive);
}

template <class T, class Deleter>
void read_pointer(ValueReader& archive, std::unique_ptr<T, Deleter>& pointer)
{
    using Object = std::remove_const_t<T>;
    if (archive.value().is_null()) {
        pointer.reset();
        return;
    }
    static_assert(!cereal::traits::has_load_and_construct<Object, ValueReader>::value,
                  "cloakroom: a unique_ptr to a class with load_and_construct cannot be read from a session; "
                  "use a shared_ptr, or give the class a default constructor");
    if constexpr (!cereal::traits::has_load_and_construct<Object, ValueReader>::value) {
        std::unique_ptr<Object, Deleter> object{cereal::access::construct<Object>()};
        read_held(archive, *object);
        pointer = std::move(object);
    }
}

template <class T>
concept Monomorphic = !std::is_polymorphic_v<T>;

template <Monomorphic T>
bool needs_mark(ValueWriter const& archive, std::shared_ptr<T> const& pointer)
{
    return !pointer || archive.shared().contains(shared_key(pointer)) || needs_mark(archive, *pointer);
}
template <Monomorphic T>
bool needs_mark(ValueWriter const& archive, std::weak_ptr<T> const& pointer)
{
    return needs_mark(archive, pointer.lock());
}
template <Monomorphic T, class Deleter>
bool needs_mark(ValueWriter const& archive, std::unique_ptr<T, Deleter> const& pointer)
{
    return !pointer || needs_mark(archive, *pointer);
}

template <Monomorphic T>
void save(ValueWriter& archive, std::shared_ptr<T> const& pointer)
{
    write_pointer(archive, pointer);
}
template <Monomorphic T>
void load(ValueReader& archive, std::shared_ptr<T>& pointer)
{
    read_pointer(archive, pointer);
}

template <Monomorphic T>
void save(ValueWriter& archive, std::weak_ptr<T> const& pointer)
{
    write_pointer(archive, pointer.lock());
}
template <Monomorphic T>
void load(ValueReader& archive, std::weak_ptr<T>& pointer)
{
    std::shared_ptr<T> locked;
    read_pointer(archive, locked);
    pointer = locked;
}

template <Monomorphic T, class Deleter>
void save(ValueWriter& archive, std::unique_ptr<T, Deleter> const& pointer)
{
    write_pointer(archive, pointer);
}
template <Monomorphic T, class Deleter>
void load(ValueReader& archive, std::unique_ptr<T, Deleter>& pointer)
{
    read_pointer(archive, pointer);
}

/// What cereal makes of a pointer to a polymorphic class.
template <class T>
void save(ValueWriter& archive, cereal::memory_detail::PtrWrapper<std::shared_ptr<T> const&> const& wrapper)
{
    write_pointer(archive, wrapper.ptr);
}
template <class T>
void load(ValueReader& archive, cereal::memory_detail::PtrWrapper<std::shared_ptr<T>&>& wrapper)
{
    read_pointer(archive, wrapper.ptr);
}

template <class T, class Deleter>
void save(ValueWriter& archive,
          cereal::memory_detail::PtrWrapper<std::unique_ptr<T, Deleter> const&> const& wrapper)
{
    write_pointer(archive, wrapper.ptr);
}
template <class T, class Deleter>
void load(ValueReader& archive, cereal::memory_detail::PtrWrapper<std::unique_ptr<T, Deleter>&>& wrapper)
{
    read_pointer(archive, wrapper.ptr);
}

} // namespace cloakroom::inline v0::serializer::cereal_detail

#endif
