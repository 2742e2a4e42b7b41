// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_STRUCT_HPP
#define CLOAKROOM_SERIALIZER_STRUCT_HPP

#include <cloakroom/core/conversion.hpp>
#include <cloakroom/core/dict.hpp>
#include <cloakroom/core/path.hpp>
#include <cloakroom/core/value.hpp>

#include <boost/hana/accessors.hpp>
#include <boost/hana/adapt_struct.hpp>
#include <boost/hana/concept/struct.hpp>
#include <boost/hana/define_struct.hpp>
#include <boost/hana/first.hpp>
#include <boost/hana/second.hpp>
#include <boost/hana/tuple.hpp>
#include <boost/hana/unpack.hpp>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cloakroom::inline v0 {

/// A struct whose members Boost.Hana knows, by BOOST_HANA_DEFINE_STRUCT or BOOST_HANA_ADAPT_STRUCT.
template <class T>
concept HanaStruct = std::is_class_v<T> && boost::hana::Struct<T>::value;

/// A struct is an object: each member under its name, as the member's type converts. A member that the object
/// lacks has the value that T's default constructor gives it; what the object has besides is not looked at.
/// Structs nest, in containers and optionals too. A specialization of Conversion for T itself goes before
/// this. Of a type derived from one with BOOST_HANA_DEFINE_STRUCT, Hana knows the base's members alone.
template <HanaStruct T>
struct Conversion<T> {
    static Value to_value(T const& object)
    {
        Dict dict;
        for_each_member(
            [&]<class Member>(std::string_view name, Member const& member) {
                dict.insert_or_assign(name, Conversion<Member>::to_value(member));
            },
            object);
        return Value{std::move(dict)};
    }

    static T from_value(Value const& value, Where const& where)
    {
        auto const* const dict = value.get_if<Dict>();
        if (dict == nullptr)
            type_mismatch(where, value, "an object");
        return read_members<T>([&](std::string_view name) { return dict->find(name); }, where);
    }

    template <class Visit, class... Objects>
    static void for_each_member(Visit&& visit, Objects&... objects)
    {
        constexpr auto members = boost::hana::accessors<T>();
        if constexpr (check_members(members))
            boost::hana::unpack(members, [&](auto const&... member) {
                (visit_member(visit, boost::hana::first(member).c_str(), boost::hana::second(member),
                              objects...),
                 ...);
            });
    }

private:
    template <class Visit, class Get, class... Objects>
    static void visit_member(Visit& visit, char const* name, Get const& get, Objects&... objects)
    {
        visit(std::string_view{name}, get(objects)...);
    }

    template <class... Members>
    static constexpr bool check_members(boost::hana::tuple<Members...> const&)
    {
        return (check_member<decltype(boost::hana::second(std::declval<Members>())(std::declval<T&>()))>() &&
                ...);
    }

    template <class Reference>
    static constexpr bool check_member()
    {
        using Member = std::remove_cvref_t<Reference>;
        constexpr auto is_member = std::is_lvalue_reference_v<Reference>;
        constexpr auto is_variable = !std::is_const_v<std::remove_reference_t<Reference>>;
        constexpr auto converts = Convertible<Member>;
        static_assert(is_member,
                      "cloakroom: this struct is adapted with functions that return copies, which a "
                      "session cannot fill; adapt its data members with BOOST_HANA_ADAPT_STRUCT");
        static_assert(is_variable,
                      "cloakroom: a member of this struct is const, so a session cannot fill it; make "
                      "it one that can be assigned");
        static_assert(converts || !is_member || !std::is_enum_v<Member>,
                      "cloakroom: an enumeration in a struct has no conversion to a session value; keep its "
                      "number in the struct or specialize cloakroom::Conversion for the enumeration");
        static_assert(
            converts || !is_member || std::is_enum_v<Member>,
            "cloakroom: a member of this struct has no conversion to a session value; adapt its "
            "type with BOOST_HANA_ADAPT_STRUCT, include <cloakroom/serializer/cereal.hpp> for one that "
            "cereal knows, such as std::set, or specialize cloakroom::Conversion for it");
        return is_member && is_variable && converts;
    }
};

} // namespace cloakroom::inline v0

#endif
