// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_CEREAL_WRITER_HPP
#define CLOAKROOM_SERIALIZER_CEREAL_WRITER_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/core/limits.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/core/wtf8.hpp>
#include <cloakroom/serializer/cereal_concepts.hpp>

#include <cereal/cereal.hpp>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeindex>
#include <utility>

namespace cloakroom::inline v0::serializer::cereal_detail {

/// cereal's output archive that makes a Value. Each object is written by an archive of its own, which stands
/// at the object's place: so every versioned object carries its version, and may be moved or removed alone.
///
/// An object of a class is a dictionary; members without a name are called value0, value1, ... A class that
/// says its size first is an array. Nesting past max_depth is a TypeError.
class ValueWriter : public cereal::OutputArchive<ValueWriter, cereal::AllowEmptyClassElision>,
                    public cereal::traits::TextArchive {
    using Base = cereal::OutputArchive<ValueWriter, cereal::AllowEmptyClassElision>;

public:
    /// Where the objects that are shared were written first. Keeps them, so that no other can take their
    /// address meanwhile.
    struct Shared {
        std::shared_ptr<void const> object;
        std::string place;
    };
    using SharedObjects = std::map<std::pair<void const*, std::type_index>, Shared>;

    /// Writes an object and all that it holds.
    template <class T>
    static Value write(T const& object)
    {
        Value value;
        SharedObjects shared;
        ValueWriter archive{value, shared};
        archive.write_here(object);
        return value;
    }

    ValueWriter(ValueWriter const&) = delete;
    ValueWriter& operator=(ValueWriter const&) = delete;
    ~ValueWriter() override = default;

    /// What serialize and save functions call.
    template <class... Parts>
    ValueWriter& operator()(Parts&&... parts)
    {
        (write_part(parts), ...);
        return *this;
    }
    template <class Part>
    ValueWriter& operator&(Part&& part)
    {
        return (*this)(part);
    }
    template <class Part>
    ValueWriter& operator<<(Part&& part)
    {
        return (*this)(part);
    }

    /// Each object names its registered class, for the reason above.
    static std::uint32_t registerPolymorphicType(char const*) // NOLINT(readability-identifier-naming)
    {
        return cereal::detail::msb_32bit | 1U;
    }

    /// The place that this archive fills.
    Value& value() { return value_; }
    Where const& where() const { return where_; }
    SharedObjects& shared() const { return shared_; }
    void set_null() { is_null_ = true; }
    Array& make_array()
    {
        auto* const array = value_.get_if<Array>();
        return array != nullptr ? *array : value_.emplace<Array>();
    }
    Dict& make_dict()
    {
        auto* const dict = value_.get_if<Dict>();
        return dict != nullptr ? *dict : value_.emplace<Dict>();
    }

    /// Writes an object to the place itself: it is what a pointer or an optional holds.
    template <class T>
    void write_here(T const& object)
    {
        if constexpr (std::same_as<T, std::string>) {
            if (!is_wtf8(object))
                throw TypeError{where_.prefix() + "a string that is not UTF-8 cannot be stored"};
            value_.emplace<std::string>(object);
        } else if constexpr (ConvertedOtherwise<T>) {
            value_ = Conversion<T>::to_value(object);
        } else if constexpr (std::is_arithmetic_v<T>) {
            value_ = static_cast<std::int64_t>(object); // the kinds of characters
        } else {
            write_class(object);
        }
        is_null_ = value_.is_null();
    }

    /// Writes an element of the array here, or a member of the dictionary.
    template <class T>
    void write_element(T const& object)
    {
        auto& array = make_array();
        auto const index = array.size();
        ValueWriter element{array.emplace_back(), Where{where_, index}, *this, {}, index};
        element.write_here(object);
    }
    template <class T>
    void write_member(std::string_view name, T const& object)
    {
        auto const [slot, inserted] = make_dict().try_insert(name, {});
        if (!inserted)
            throw TypeError{where_.prefix() + "two members of one class have the same name"};
        ValueWriter member{*slot, Where{where_, name}, *this, name, 0};
        member.write_here(object);
    }

    /// Where this is within the whole: "#/items/0", as JSON's references have it.
    std::string place() const
    {
        if (parent_ == nullptr)
            return "#";
        auto place = parent_->place() + '/';
        if (parent_->value_.is_array())
            return place + std::to_string(index_);
        for (auto const c : name_)
            place += c == '~' ? std::string{"~0"} : c == '/' ? std::string{"~1"} : std::string{c};
        return place;
    }

private:
    ValueWriter(Value& value, SharedObjects& shared) : Base{this}, value_{value}, shared_{shared} {}
    ValueWriter(Value& value, Where const& where, ValueWriter const& parent, std::string_view name,
                std::size_t index)
        : Base{this},
          value_{value},
          where_{where},
          shared_{parent.shared_},
          parent_{&parent},
          name_{name},
          index_{index},
          depth_{parent.depth_ + 1}
    {
        if (depth_ > max_depth)
            throw TypeError{"an object that nests deeper than 512 levels cannot be stored"};
    }

    template <class Part>
    void write_part(Part const& part)
    {
        if constexpr (is_named<Part>) {
            next_name_ = part.name;
            write_part(part.value);
        } else if constexpr (is_deferred<Part>) {
            write_part(part.value);
        } else if constexpr (is_size<Part>) {
            if (value_.is_dict())
                write_member("size", static_cast<std::uint64_t>(part.size));
            else
                make_array();
        } else if (value_.is_array()) {
            next_name_ = nullptr;
            write_element(part);
        } else if (next_name_ != nullptr) {
            write_member(std::exchange(next_name_, nullptr), part);
        } else {
            write_member("value" + std::to_string(unnamed_++), part);
        }
    }

    template <class T>
    void write_class(T const& object)
    {
        constexpr auto known = cereal_takes<T, cereal::traits::is_output_serializable<T, ValueWriter>::value>;
        static_assert(known, "cloakroom: a part of what is stored is a type that cereal does not know and "
                             "that has no cloakroom::Conversion; for a container include <cereal/types/...>, "
                             "for a class write a serialize function");
        is_null_ = false;
        try {
            if constexpr (known)
                Base::operator()(object);
        } catch (cereal::Exception const& exception) { // such as a class that is not registered
            throw TypeError{where_.prefix() + exception.what()};
        }
        if (value_.is_null() && !is_null_) // a class without members
            make_dict();
    }

    Value& value_;
    Where where_;
    SharedObjects& shared_;
    ValueWriter const* parent_ = nullptr;
    std::string_view name_;
    std::size_t index_ = 0;
    std::size_t depth_ = 1;
    std::size_t unnamed_ = 0;
    char const* next_name_ = nullptr;
    bool is_null_ = false; // null is meant, not only nothing written yet
};

/// What save_minimal functions give.
template <class T>
requires std::is_arithmetic_v<T> || std::same_as<T, std::string>
void save(ValueWriter& archive, T const& object)
{
    archive.write_here(object);
}

/// The version of a class, which cereal writes itself.
template <class T>
void save(ValueWriter& archive, cereal::NameValuePair<T> const& pair)
{
    archive(pair);
}

} // namespace cloakroom::inline v0::serializer::cereal_detail

CEREAL_REGISTER_ARCHIVE(cloakroom::serializer::cereal_detail::ValueWriter)

#endif
