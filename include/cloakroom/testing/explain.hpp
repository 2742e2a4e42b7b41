// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_EXPLAIN_HPP
#define CLOAKROOM_TESTING_EXPLAIN_HPP

#include <cloakroom/testing/policy_needs.hpp>
#include <cloakroom/testing/type_name.hpp>

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cloakroom::inline v0::testing {

/// What a type is meant to be.
enum class Family {
    unknown,
    storage,             ///< StoragePolicy
    client_side_storage, ///< ClientSidePolicy
    serializer,          ///< SerializerPolicy
    signer,              ///< SignerPolicy
    bound_signer,        ///< BoundSigner
};

namespace explain_detail {
template <class T>
consteval Family family_of();
template <class T, Family family>
consteval bool demand();
} // namespace explain_detail

/// Everything that T lacks of its contract: a line for each operation, with the declaration that is wanted
/// and what T has instead. An empty text if nothing: `CHECK(explain<MyStorage>() == "");` The family is the
/// one that T has most operations of.
template <class T, Family family = explain_detail::family_of<T>()>
std::string explain();

/// The same from the compiler: `static_assert(fits<MyStorage>);` is an error for each operation that is not
/// there as it is wanted, and says how it is wanted.
template <class T, Family family = explain_detail::family_of<T>()>
inline constexpr bool fits = explain_detail::demand<T, family>();

namespace explain_detail {

template <class Need, class S>
inline constexpr bool is_given = requires { typename Need::template Given<S>; };
template <class Need, class T>
inline constexpr bool is_found = requires { typename Need::template Found<T>; };

/// Whether each object has its own.
template <class Need, class T>
inline constexpr bool is_member =
    requires { requires std::is_member_object_pointer_v<typename Need::template Found<T>>; };

/// Whether a constant is wanted and something else is there.
template <class Need, class S>
inline constexpr bool is_variable = Need::is_constant && !requires { typename Need::template Constant<S>; };

/// Whether an S, which is a reference, has what is needed.
template <class Need, class S>
inline constexpr bool has = false;
template <class Need, class S>
requires is_given<Need, S>
inline constexpr bool has<Need, S> =
    Need::template fits<typename Need::template Given<S>> && !is_variable<Need, S>;

/// Whether T has anything of the needed name, if it may be asked: then the name is ambiguous in what derives
/// from both.
template <class T, class Namesake>
struct WithNamesake : T, Namesake {};
template <class Need, class T>
inline constexpr bool may_be_named = true;
template <class Need, class T>
requires(std::is_class_v<T> && !std::is_final_v<T>)
inline constexpr bool may_be_named<Need, T> = !is_found<Need, WithNamesake<T, typename Need::Namesake>>;

template <class T, class... Needs>
consteval int count(needs::List<Needs...>)
{
    return (0 + ... + (is_given<Needs, T&> || is_found<Needs, T> ? 1 : 0));
}

template <class T>
consteval Family family_of()
{
    using namespace needs;
    // `load`, `output` and `purpose` decide nothing: more than one family has them.
    struct {
        Family family;
        int operations;
    } const found[] = {
        {Family::storage, count<T>(List<Create, Commit, Touch, Rotate, Erase, ClearExpired>{})},
        {Family::client_side_storage, count<T>(List<Seal, Open, MaxCookieSize>{})},
        {Family::serializer, count<T>(List<Dump>{})},
        {Family::signer, count<T>(List<Bind>{})},
        {Family::bound_signer, count<T>(List<Sign, Unsign>{})},
    };
    auto best = found[0];
    for (auto const& each : found)
        if (each.operations > best.operations)
            best = each;
    return best.operations > 0                                   ? best.family
           : is_given<Load, T&> || count<T>(List<Accepts>{}) > 0 ? Family::storage
           : is_given<LoadDict, T&>                              ? Family::serializer
                                                                 : Family::unknown;
}

/// "load" of "std::optional<Stored> load(...)", "output" of "static constexpr Content output".
constexpr std::string_view name_of(std::string_view wanted)
{
    auto const declared = wanted.substr(0, wanted.find('('));
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
    else if constexpr (std::same_as<Need, needs::Movable>)
        instead = "it cannot be moved";
    else if constexpr (is_given<Need, S>) {
        using Given = typename Need::template Given<S>;
        if constexpr (!Need::template fits<Given>)
            instead = name + " gives " + type_name<Given>();
        else if constexpr (is_member<Need, T>)
            instead = name + " is not static";
        else
            instead = name + " is no constant";
    } else if constexpr (is_given<Need, T&>)
        instead = name + " is not const";
    else if constexpr (is_found<Need, T>)
        instead = name + " is " + type_name<typename Need::template Found<T>>();
    else if constexpr (may_be_named<Need, T>)
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

template <class T, Family family>
consteval bool demand()
{
    if constexpr (family == Family::storage) {
        static_assert(has<needs::Movable, T&>,
                      "cloakroom: a storage needs a move constructor and move assignment; keep what cannot "
                      "move, such as a mutex, in a std::unique_ptr");
        static_assert(
            has<needs::Load, T&>,
            "cloakroom: a storage needs std::optional<Stored> load(SessionKey const& key, TimePoint now)");
        static_assert(has<needs::Create, T&>, "cloakroom: a storage needs bool create(SessionKey const& key, "
                                              "Record const& record, TimePoint now)");
        static_assert(has<needs::Commit, T&>,
                      "cloakroom: a storage needs WriteResult commit(SessionKey const& key, Stored const& "
                      "seen, Record const& record, TimePoint now)");
        static_assert(has<needs::Touch, T&>, "cloakroom: a storage needs WriteResult touch(SessionKey const& "
                                             "key, Stored const& seen, TimePoint expires, TimePoint now)");
        static_assert(has<needs::Rotate, T&>,
                      "cloakroom: a storage needs WriteResult rotate(SessionKey const& key, Stored const& "
                      "seen, SessionKey const& fresh, Record const& record, TimePoint now)");
        static_assert(has<needs::Erase, T&>, "cloakroom: a storage needs bool erase(SessionKey const& key)");
        static_assert(
            has<needs::ClearExpired, T&>,
            "cloakroom: a storage needs std::size_t clear_expired(TimePoint now, std::size_t budget)");
        static_assert(has<needs::Purpose, T&>,
                      "cloakroom: a storage needs static constexpr std::string_view purpose");
        static_assert(has<needs::Accepts, T&>, "cloakroom: a storage needs static constexpr Content accepts");
    } else if constexpr (family == Family::client_side_storage) {
        static_assert(has<needs::Movable, T const&>,
                      "cloakroom: a client-side storage needs a move constructor and move assignment; keep "
                      "what cannot move, such as a mutex, in a std::unique_ptr");
        static_assert(has<needs::Seal, T const&>,
                      "cloakroom: a client-side storage needs std::string seal(Record record) const");
        static_assert(has<needs::Open, T const&>,
                      "cloakroom: a client-side storage needs std::optional<Record> open(std::string_view "
                      "ticket) const");
        static_assert(has<needs::MaxCookieSize, T const&>,
                      "cloakroom: a client-side storage needs static constexpr std::size_t max_cookie_size");
        static_assert(has<needs::Purpose, T const&>,
                      "cloakroom: a client-side storage needs static constexpr std::string_view purpose");
        static_assert(has<needs::Accepts, T const&>,
                      "cloakroom: a client-side storage needs static constexpr Content accepts");
    } else if constexpr (family == Family::serializer) {
        static_assert(has<needs::Dump, T const&>,
                      "cloakroom: a serializer needs std::string dump(Dict const& dict) const");
        static_assert(
            has<needs::LoadDict, T const&>,
            "cloakroom: a serializer needs Result<Dict, DecodeError> load(std::string_view bytes) const");
        static_assert(has<needs::Output, T const&>,
                      "cloakroom: a serializer needs static constexpr Content output");
    } else if constexpr (family == Family::signer) {
        static_assert(has<needs::Bind, T const&>,
                      "cloakroom: a signer needs Bound bind(std::string_view purpose) const");
        static_assert(has<needs::Output, T const&>,
                      "cloakroom: a signer needs static constexpr Content output");
        if constexpr (requires(T const& signer) { signer.bind(""); })
            return demand<decltype(std::declval<T const&>().bind("")), Family::bound_signer>();
    } else if constexpr (family == Family::bound_signer) {
        static_assert(has<needs::Sign, T const&>, "cloakroom: what bind gives needs std::string "
                                                  "sign(std::string_view payload, TimePoint now) const");
        static_assert(has<needs::Unsign, T const&>,
                      "cloakroom: what bind gives needs Result<std::string, Rejection> "
                      "unsign(std::string_view text, TimePoint now, std::optional<Duration> max_age) const");
    } else {
        static_assert(family != Family::unknown,
                      "cloakroom: this type has no operation of a storage, a serializer or a signer");
    }
    return true;
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
    } else {
        return type_name<T>() + " has no operation of a storage, a serializer or a signer; "
                                "explain<T, Family::storage>() tells what a storage needs\n";
    }
}

} // namespace cloakroom::inline v0::testing

#endif
