// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_SIGNER_NEEDS_HPP
#define CLOAKROOM_TESTING_SIGNER_NEEDS_HPP

#include <cloakroom/core/result.hpp>
#include <cloakroom/signer/concept.hpp>
#include <cloakroom/testing/policy_needs.hpp>

#include <string>
#include <string_view>
#include <utility>

/// What SignerPolicy and BoundSigner require.
namespace cloakroom::inline v0::testing::needs {

struct Bind : Arguments {
    static constexpr std::string_view wanted = "Bound bind(std::string_view purpose) const";
    template <class S>
    using Given = decltype(std::declval<S>().bind(text));
    template <class G, class S>
    static constexpr bool fits = cloakroom::BoundSigner<G>;
    template <class T>
    using Found = decltype(&T::bind);
    struct Namesake {
        int bind;
    };
};

struct Sign : Gives<std::string> {
    static constexpr std::string_view wanted =
        "std::string sign(std::string_view payload, TimePoint now) const";
    template <class S>
    using Given = decltype(std::declval<S>().sign(text, now));
    template <class T>
    using Found = decltype(&T::sign);
    struct Namesake {
        int sign;
    };
};

struct Unsign : Gives<Result<std::string, Rejection>> {
    static constexpr std::string_view wanted = "Result<std::string, Rejection> unsign(std::string_view text, "
                                               "TimePoint now, std::optional<Duration> max_age) const";
    template <class S>
    using Given = decltype(std::declval<S>().unsign(text, now, max_age));
    template <class T>
    using Found = decltype(&T::unsign);
    struct Namesake {
        int unsign;
    };
};

using Signer = List<Bind, Output>;
using BoundSigner = List<Sign, Unsign>;

} // namespace cloakroom::inline v0::testing::needs

#endif
