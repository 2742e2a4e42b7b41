// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_MEMBER_CHANGES_HPP
#define CLOAKROOM_SESSION_MEMBER_CHANGES_HPP

#include <cloakroom/core/conversion.hpp>
#include <cloakroom/core/dict.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/session/item_path.hpp>

#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace cloakroom::inline v0 {

/// What has to change in a session so that it reads as a struct, and nothing else: the members that read as
/// something else now. Structs within the struct, optional ones too, are compared member by member; any other
/// member that differs, a vector of structs as well, is set as a whole.
///
/// They are collected first and done then, because the struct may be a view of what is stored.
class MemberChanges {
public:
    /// `find(name)` is the stored item, or nullptr.
    template <Structured T, class Find>
    MemberChanges(T const& wanted, Find const& find)
    {
        compare_members(wanted, find, nullptr);
    }

    template <class Document>
    void apply_to(Document& document) &&
    {
        for (auto& [path, value, is_object_to_fill] : changes_)
            if (is_object_to_fill)
                document.make_object(path, std::move(value));
            else
                document.set(path, std::move(value));
    }

private:
    struct Change {
        ItemPath path;
        Value value;
        bool is_object_to_fill;
    };

    /// A chain on the stack, so that what stays as it is makes no path.
    struct Place {
        Place const* parent;
        std::string_view name;

        ItemPath path() const { return parent == nullptr ? ItemPath{name} : ItemPath{parent->path(), name}; }
    };

    template <class T>
    struct IsOptionalStruct : std::false_type {};
    template <Structured T>
    struct IsOptionalStruct<std::optional<T>> : std::true_type {};

    template <class T, class Find>
    void compare_members(T const& wanted, Find const& find, Place const* place)
    {
        auto const unset = make_default<T>();
        Conversion<T>::for_each_member(
            [&]<class Member>(std::string_view name, Member const& member, Member const& default_member) {
                compare(member, find(name), default_member, Place{place, name});
            },
            wanted, unset);
    }
    template <class T>
    void compare_members_in(Dict const& dict, T const& wanted, Place const& place)
    {
        compare_members(wanted, [&](std::string_view name) { return dict.find(name); }, &place);
    }

    /// A missing member reads as `unset`.
    template <class Member>
    void compare(Member const& wanted, Value const* stored, Member const& unset, Place const& place)
    {
        if constexpr (Structured<Member>) {
            if (stored != nullptr || !is_same(wanted, unset))
                compare_objects(wanted, stored, unset, place);
            return;
        } else if constexpr (IsOptionalStruct<Member>::value) {
            if (wanted && (stored != nullptr || !is_same(wanted, unset)))
                return compare_objects(*wanted, stored, make_default<typename Member::value_type>(), place);
        }
        auto value = Conversion<Member>::to_value(wanted);
        if (stored != nullptr ? !reads_as<Member>(*stored, value)
                              : !(value == Conversion<Member>::to_value(unset)))
            changes_.push_back({place.path(), std::move(value), false});
    }

    /// Where no object is stored, one of `first` is made, unless another request does so first; and then what
    /// differs in it is set, so that the members of both are kept.
    template <class T>
    void compare_objects(T const& wanted, Value const* stored, T const& first, Place const& place)
    {
        if (auto const* const dict = stored != nullptr ? stored->get_if<Dict>() : nullptr)
            return compare_members_in(*dict, wanted, place);
        Value const made = Conversion<T>::to_value(first);
        changes_.push_back({place.path(), made, true});
        compare_members_in(*made.get_if<Dict>(), wanted, place);
    }

    template <class T>
    static bool is_same(T const& a, T const& b)
    {
        return Conversion<T>::to_value(a) == Conversion<T>::to_value(b);
    }

    /// Whether what is stored, maybe in another way, 2 for 2.0, or with members that T does not have, is the
    /// value to a reader.
    template <class T>
    static bool reads_as(Value const& stored, Value const& value)
    {
        if (stored == value)
            return true;
        try {
            return Conversion<T>::to_value(Conversion<T>::from_value(stored, {})) == value;
        } catch (Error const&) {
            return false;
        }
    }

    std::vector<Change> changes_;
};

} // namespace cloakroom::inline v0

#endif
