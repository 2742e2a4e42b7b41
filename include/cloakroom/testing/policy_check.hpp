// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_POLICY_CHECK_HPP
#define CLOAKROOM_TESTING_POLICY_CHECK_HPP

#include <cloakroom/testing/policy_needs.hpp>

#include <type_traits>

/// Whether a type has what a need asks for, and what it has instead. S is a reference, as in the concept.
namespace cloakroom::inline v0::testing::explain_detail {

/// The class in which the needed name is looked for.
template <class Need, class T>
struct OwnerOf {
    using Type = T;
};
template <class Need, class T>
requires requires { typename Need::template Owner<T>; }
struct OwnerOf<Need, T> {
    using Type = typename Need::template Owner<T>;
};
template <class Need, class T>
using Owner = typename OwnerOf<Need, T>::Type;

template <class Need, class S>
inline constexpr bool is_given = requires { typename Need::template Given<S>; };
template <class Need, class T>
inline constexpr bool is_found = requires { typename Need::template Found<Owner<Need, T>>; };

/// Whether each object has its own.
template <class Need, class T>
inline constexpr bool is_member =
    requires { requires std::is_member_object_pointer_v<typename Need::template Found<T>>; };

/// Whether a constant is wanted and something else is there.
template <class Need, class S>
inline constexpr bool is_variable = Need::is_constant && !requires { typename Need::template Constant<S>; };

template <class Need, class S>
inline constexpr bool has = false;
template <class Need, class S>
requires is_given<Need, S>
inline constexpr bool has<Need, S> =
    Need::template fits<typename Need::template Given<S>, S> && !is_variable<Need, S>;

/// Whether a class has anything of the needed name, if it may be asked: then the name is ambiguous in what
/// derives from both.
template <class T, class Namesake>
struct WithNamesake : T, Namesake {};
template <class Need, class T>
inline constexpr bool may_be_named = std::is_class_v<T>;
template <class Need, class T>
requires(std::is_class_v<T> && !std::is_final_v<T>)
inline constexpr bool may_be_named<Need, T> =
    !requires { typename Need::template Found<WithNamesake<T, typename Need::Namesake>>; };

/// Whether T has something of the needed name for sure: an operation that nobody has to have is then checked.
template <class Need, class T>
inline constexpr bool is_named = is_given<Need, T&> || is_found<Need, T>;
template <class Need, class T>
requires(!is_given<Need, T&> && !is_found<Need, T> && !std::is_final_v<T>)
inline constexpr bool is_named<Need, T> = may_be_named<Need, T>;

template <class T, class... Needs>
consteval int count(needs::List<Needs...>)
{
    return (0 + ... + (is_given<Needs, T&> || is_found<Needs, T> ? 1 : 0));
}

} // namespace cloakroom::inline v0::testing::explain_detail

#endif
