// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_CEREAL_READER_HPP
#define CLOAKROOM_SERIALIZER_CEREAL_READER_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/core/limits.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/serializer/cereal_concepts.hpp>
#include <cloakroom/serializer/cereal_writer.hpp>

#include <cereal/cereal.hpp>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeindex>
#include <utility>

namespace cloakroom::inline v0::serializer::cereal_detail {

/// cereal's input archive that reads what ValueWriter made. Each object is read by an archive of its own,
/// which stands at the object's place.
///
/// Members are looked up by name, whatever their order; what the dictionary has besides is not looked at. A
/// name that is missing leaves a member of a class with serialize as the class's constructor made it, empties
/// an optional, and is a TypeError in a class with load. A missing version is 0. TypeErrors name the path.
class ValueReader : public cereal::InputArchive<ValueReader, cereal::AllowEmptyClassElision>,
                    public cereal::traits::TextArchive {
    using Base = cereal::InputArchive<ValueReader, cereal::AllowEmptyClassElision>;

public:
    /// The objects that pointers share, by their place and type: a pointer stands where its object does.
    using SharedObjects = std::map<std::pair<Value const*, std::type_index>, std::shared_ptr<void>>;

    /// Reads an object and all that it holds.
    template <class T>
    static T read(Value const& value, Where const& where)
    {
        SharedObjects shared;
        ValueReader archive{value, where, shared};
        T object{};
        archive.read_here(object);
        return object;
    }

    /// The archive of a place within another's, or of where a reference leads. `where` and `parent` outlive
    /// it.
    ValueReader(Value const& value, Where const& where, ValueReader const& parent)
        : Base{this},
          value_{value},
          root_{parent.root_},
          where_{where},
          shared_{parent.shared_},
          depth_{parent.depth_ + 1}
    {
        if (depth_ > max_depth)
            throw TypeError{where.prefix() + "nested deeper than 512 levels"};
    }
    ValueReader(ValueReader const&) = delete;
    ValueReader& operator=(ValueReader const&) = delete;
    ~ValueReader() override = default;

    /// What serialize and load functions call.
    template <class... Parts>
    ValueReader& operator()(Parts&&... parts)
    {
        (read_part(parts), ...);
        return *this;
    }
    template <class Part>
    ValueReader& operator&(Part&& part)
    {
        return (*this)(part);
    }
    template <class Part>
    ValueReader& operator>>(Part&& part)
    {
        return (*this)(part);
    }

    /// The place that this archive reads.
    Value const& value() const { return value_; }
    Value const& root() const { return root_; }
    Where const& where() const { return where_; }
    SharedObjects& shared() { return shared_; }
    /// Reads elements from here on, no members.
    Array const& enter_array()
    {
        array_ = value_.get_if<Array>();
        if (array_ == nullptr)
            type_mismatch(where_, value_, "an array");
        return *array_;
    }
    Dict const& dict() const
    {
        if (auto const* const dict = value_.get_if<Dict>())
            return *dict;
        type_mismatch(where_, value_, "an object");
    }

    /// Reads an object from this place.
    template <class T>
    void read_here(T& object)
    {
        static_assert(!views_text<T>,
                      "cloakroom: a std::string_view that is read from a session would outlive the text; "
                      "use std::string");
        constexpr auto is_pointer = requires { typename T::element_type; };
        auto const refuse = [this] {
            throw TypeError{where_.prefix() + (is_pointer ? "its class is not registered, or" : "its class") +
                            " cannot be made of what is stored"};
        };
        try {
            read_unguarded(object);
        } catch (cereal::Exception const&) { // the texts of both may quote the session
            refuse();
        } catch (std::logic_error const&) { // such as the invalid_argument of a bitset
            refuse();
        }
    }
    /// Reads an object from a place within this one.
    template <class T>
    void read_at(Value const& value, Where const& where, T& object)
    {
        ValueReader{value, where, *this}.read_here(object);
    }

private:
    ValueReader(Value const& value, Where const& where, SharedObjects& shared)
        : Base{this}, value_{value}, root_{value}, where_{where}, shared_{shared}
    {
    }
    template <class T>
    void read_unguarded(T& object)
    {
        if constexpr (ConvertedOtherwise<T>) {
            object = Conversion<T>::from_value(value_, where_);
        } else if constexpr (std::is_arithmetic_v<T>) { // the kinds of characters
            auto const number = Conversion<std::int64_t>::from_value(value_, where_);
            object = static_cast<T>(number);
            if (static_cast<std::int64_t>(object) != number)
                integer_out_of_range(where_);
        } else {
            read_class(object);
        }
    }
    template <class Part>
    void read_part(Part& part)
    {
        if constexpr (is_named<Part>) {
            next_name_ = part.name;
            read_part(part.value);
        } else if constexpr (is_deferred<Part>) {
            read_part(part.value);
        } else if constexpr (is_size<Part>) {
            part.size = static_cast<std::remove_cvref_t<decltype(part.size)>>(read_size());
        } else if (array_ != nullptr) {
            next_name_ = nullptr;
            auto const index = index_++;
            if (index >= array_->size())
                throw TypeError{Where{where_, index}.text() + " is missing"};
            read_at((*array_)[index], Where{where_, index}, part);
        } else if (next_name_ != nullptr) {
            read_member(std::exchange(next_name_, nullptr), part);
        } else {
            read_member("value" + std::to_string(index_++), part);
        }
    }

    /// How many elements there are; a class that names members before its size has written the number. Never
    /// more than what is there, so that nobody makes room for more.
    std::size_t read_size()
    {
        if (!value_.is_dict())
            return enter_array().size();
        std::uint64_t size = dict().size();
        read_member("size", size);
        if (size > dict().size())
            throw TypeError{where_.prefix() + "fewer elements than it says"};
        return static_cast<std::size_t>(size);
    }

    template <class T>
    void read_member(std::string_view name, T& object)
    {
        if (auto const* const value = dict().find(name)) {
            read_at(*value, Where{where_, name}, object);
            return;
        }
        if constexpr (is_optional<T>)
            object.reset();
        else if constexpr (std::same_as<T, std::uint32_t>)
            if (name == "cereal_class_version") {
                object = 0;
                return;
            }
        if (!is_optional<T> && !members_may_be_missing_)
            throw TypeError{Where{where_, name}.text() + " is missing"};
    }

    template <class T>
    void read_class(T& object)
    {
        constexpr auto known = cereal_takes<T, cereal::traits::is_input_serializable<T, ValueReader>::value>;
        static_assert(known, "cloakroom: a part of what is read is a type that cereal does not know and "
                             "that has no cloakroom::Conversion; for a container include <cereal/types/...>, "
                             "for a class write a serialize function");
        members_may_be_missing_ = members_may_be_missing<T>;
        if constexpr (known)
            Base::operator()(object);
    }

    Value const& value_;
    Value const& root_;
    Where where_;
    SharedObjects& shared_;
    std::size_t depth_ = 1;
    Array const* array_ = nullptr; // whose elements are read; else it is members
    std::size_t index_ = 0;        // of the next element, or the next member without a name
    char const* next_name_ = nullptr;
    bool members_may_be_missing_ = false;
};

/// What load_minimal functions take.
template <class T>
requires std::is_arithmetic_v<T> || std::same_as<T, std::string>
void load(ValueReader& archive, T& object)
{
    archive.read_here(object);
}

/// The version of a class, which cereal reads itself.
template <class T>
void load(ValueReader& archive, cereal::NameValuePair<T>& pair)
{
    archive(pair);
}

} // namespace cloakroom::inline v0::serializer::cereal_detail

CEREAL_REGISTER_ARCHIVE(cloakroom::serializer::cereal_detail::ValueReader)
CEREAL_SETUP_ARCHIVE_TRAITS(cloakroom::serializer::cereal_detail::ValueReader,
                            cloakroom::serializer::cereal_detail::ValueWriter)

#endif
