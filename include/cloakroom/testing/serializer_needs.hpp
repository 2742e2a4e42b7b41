// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_SERIALIZER_NEEDS_HPP
#define CLOAKROOM_TESTING_SERIALIZER_NEEDS_HPP

#include <cloakroom/core/result.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/serializer/concept.hpp>
#include <cloakroom/testing/policy_needs.hpp>

#include <string>
#include <string_view>
#include <utility>

/// What SerializerPolicy requires.
namespace cloakroom::inline v0::testing::needs {

struct Dump : Gives<std::string> {
    static constexpr std::string_view wanted = "std::string dump(Dict const& dict) const";
    template <class S>
    using Given = decltype(std::declval<S>().dump(dict));
    template <class T>
    using Found = decltype(&T::dump);
    struct Namesake {
        int dump;
    };
};

struct LoadDict : Gives<Result<Dict, DecodeError>> {
    static constexpr std::string_view wanted = "Result<Dict, DecodeError> load(std::string_view bytes) const";
    template <class S>
    using Given = decltype(std::declval<S>().load(text));
    template <class T>
    using Found = decltype(&T::load);
    struct Namesake {
        int load;
    };
};

using Serializer = List<Dump, LoadDict, Output>;

} // namespace cloakroom::inline v0::testing::needs

#endif
