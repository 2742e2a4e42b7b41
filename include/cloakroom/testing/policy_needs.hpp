// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_POLICY_NEEDS_HPP
#define CLOAKROOM_TESTING_POLICY_NEEDS_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/known.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/core/value.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <string_view>
#include <type_traits>

/// The requirements of the policies' concepts one by one. A concept answers yes or no, and its compiler stops
/// where it likes; from these, explain() tells each of them. Here is what all families share;
/// storage_needs.hpp and its neighbours have the needs themselves.
///
/// A need says what is `wanted`, has `Given<S>`, the type of its expression for an S as the concept has it,
/// an lvalue and const or not, and `fits<G, S>`, whether that type is right. Where the concept wants a
/// constant, `Constant<S>` is a type if it is one. `Found<T>` is the type of what T has under that name,
/// whatever it is; `Namesake` has something under the same name. Some say in words of their own what is
/// `unfit`, or that it is looked for in the `Owner<T>`, another class than T.
namespace cloakroom::inline v0::testing::needs {

/// What the expressions of the concepts are made of. Never defined: nothing but types is looked at.
struct Arguments {
    static constexpr bool is_constant = false;
    static constexpr bool is_value = false;
    static SessionKey const& key;
    static SessionKey const& fresh;
    static Stored const& seen;
    static Record const& record;
    static TimePoint expires;
    static TimePoint now;
    static std::size_t budget;
    static std::string_view text;
    static Dict const& dict;
    static std::optional<Duration> max_age;
};

/// A function that gives exactly this.
template <class Answer>
struct Gives : Arguments {
    template <class G, class S>
    static constexpr bool fits = std::same_as<G, Answer>;
};

/// A function whose answer nobody looks at.
struct Does : Arguments {
    template <class G, class S>
    static constexpr bool fits = true;
};

/// A constant of about this type.
template <class Type>
struct Is {
    static constexpr bool is_constant = true;
    static constexpr bool is_value = true;
    template <class G, class S>
    static constexpr bool fits = std::convertible_to<G, Type>;
};

struct Movable {
    static constexpr bool is_constant = false;
    static constexpr bool is_value = false;
    static constexpr std::string_view unfit = "it cannot be moved";
    static constexpr std::string_view wanted = "a move constructor and move assignment; keep what cannot "
                                               "move, such as a mutex, in a std::unique_ptr";
    template <class S>
    using Given = std::remove_cvref_t<S>;
    template <class G, class S>
    static constexpr bool fits = std::movable<G>;
    template <class T>
    using Found = T;
};

/// Of serializers and signers.
struct Output : Is<Content> {
    static constexpr std::string_view wanted = "static constexpr Content output";
    template <class S>
    using Given = decltype((std::remove_cvref_t<S>::output));
    template <class S>
    using Constant = std::bool_constant<cloakroom::detail::is_known(*&std::remove_cvref_t<S>::output)>;
    template <class T>
    using Found = decltype(&T::output);
    struct Namesake {
        int output;
    };
};

template <class... Needs>
struct List {};

} // namespace cloakroom::inline v0::testing::needs

#endif
