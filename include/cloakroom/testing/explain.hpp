// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_EXPLAIN_HPP
#define CLOAKROOM_TESTING_EXPLAIN_HPP

#include <cloakroom/testing/policy_check.hpp>
#include <cloakroom/testing/policy_demands.hpp>
#include <cloakroom/testing/policy_family.hpp>
#include <cloakroom/testing/policy_needs.hpp>
#include <cloakroom/testing/revocation_needs.hpp>
#include <cloakroom/testing/serializer_needs.hpp>
#include <cloakroom/testing/signer_needs.hpp>
#include <cloakroom/testing/storage_needs.hpp>
#include <cloakroom/testing/type_name.hpp>
#include <cloakroom/testing/user_store_needs.hpp>

#include <string>
#include <string_view>
#include <type_traits>

namespace cloakroom::inline v0::testing {

/// Everything that T lacks of its contract: a line for each operation, with the declaration that is wanted
/// and what T has instead. An empty text if nothing: `CHECK(explain<MyStorage>() == "");` The family is the
/// one that T has most operations of.
template <class T, Family family = family_of<T>()>
std::string explain();

/// The same from the compiler: `static_assert(fits<MyStorage>);` is an error for each operation that is not
/// there as it is wanted, and says how it is wanted.
template <class T, Family family = family_of<T>()>
inline constexpr bool fits = explain_detail::demand<T, family>();

namespace explain_detail {

/// "load" of "std::optional<Stored> load(...)", "output" of "static constexpr Content output", "User" of
/// "struct User; it can be copied".
constexpr std::string_view name_of(std::string_view wanted)
{
    auto const declared = wanted.substr(0, wanted.find_first_of("(;"));
    return declared.substr(declared.rfind(' ') + 1);
}

template <class Need, class S>
std::string gap()
{
    using T = std::remove_cvref_t<S>;
    std::string const name{name_of(Need::wanted)};
    std::string instead;
    if constexpr (has<Need, S>)
        return "";
    else if constexpr (is_given<Need, S>) {
        using Given = typename Need::template Given<S>;
        constexpr auto is_fit = Need::template fits<Given, S>;
        if constexpr (!is_fit && requires { Need::unfit; })
            instead = Need::unfit;
        else if constexpr (!is_fit && Need::is_value)
            instead = name + " is " + type_name<std::remove_cvref_t<Given>>();
        else if constexpr (!is_fit)
            instead = name + " gives " + type_name<Given>();
        else if constexpr (is_member<Need, T>)
            instead = name + " is not static";
        else
            instead = name + " is no constant";
    } else if constexpr (is_given<Need, T&>)
        instead = name + " is not const";
    else if constexpr (is_found<Need, T>)
        instead = name + " is " + type_name<typename Need::template Found<Owner<Need, T>>>();
    else if constexpr (may_be_named<Need, Owner<Need, T>>)
        instead = name + " is there, but cannot be called like that: it is private, or overloaded for other "
                         "arguments";
    else
        instead = name + " is missing";
    return "  " + instead + "\n    wanted: " + std::string{Need::wanted} + "\n";
}

template <class S, class... Needs>
std::string gaps(needs::List<Needs...>)
{
    return (std::string{} + ... + gap<Needs, S>());
}

template <class T>
std::string report(char const* what, char const* page, std::string const& gaps)
{
    return gaps.empty()
               ? ""
               : type_name<T>() + " is no " + what + " yet; see docs/policies/" + page + ".md\n" + gaps;
}

} // namespace explain_detail

template <class T, Family family>
std::string explain()
{
    using namespace explain_detail;
    if constexpr (family == Family::storage) {
        return report<T>("storage", "storage", gaps<T&>(needs::Storage{}));
    } else if constexpr (family == Family::client_side_storage) {
        return report<T>("client-side storage", "storage", gaps<T const&>(needs::ClientSideStorage{}));
    } else if constexpr (family == Family::serializer) {
        return report<T>("serializer", "serializer", gaps<T const&>(needs::Serializer{}));
    } else if constexpr (family == Family::signer) {
        auto text = report<T>("signer", "signer", gaps<T const&>(needs::Signer{}));
        if constexpr (is_given<needs::Bind, T const&>)
            text += explain<std::remove_cvref_t<needs::Bind::Given<T const&>>, Family::bound_signer>();
        return text;
    } else if constexpr (family == Family::bound_signer) {
        return report<T>("bound signer", "signer", gaps<T const&>(needs::BoundSigner{}));
    } else if constexpr (family == Family::user_store) {
        auto all = gaps<T&>(needs::UserStore{});
        if constexpr (is_named<needs::SetLastLogin, T>) // nobody has to have it
            all += gap<needs::SetLastLogin, T&>();
        return report<T>("user store", "user_store", all);
    } else if constexpr (family == Family::revocation) {
        return report<T>("revocation", "revocation", gaps<T&>(needs::Revocation{}));
    } else if constexpr (family == Family::device_list) {
        return report<T>("revocation with a list of devices", "revocation", gaps<T&>(needs::DeviceList{}));
    } else {
        return type_name<T>() +
               " has no operation of a storage, a serializer, a signer, a user store or a revocation; "
               "explain<T, Family::storage>() tells what a storage needs\n";
    }
}

} // namespace cloakroom::inline v0::testing

#endif
