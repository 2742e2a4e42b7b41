// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTS_TESTING_ONE_FAULT_HPP
#define CLOAKROOM_TESTS_TESTING_ONE_FAULT_HPP

#include <cloakroom/auth/revocation.hpp>
#include <cloakroom/auth/user_store.hpp>
#include <cloakroom/serializer/concept.hpp>
#include <cloakroom/signer/concept.hpp>
#include <cloakroom/storage/concept.hpp>
#include <cloakroom/testing/explain.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// Models of a contract that have one fault in one operation: that the concept refuses each, and that explain
/// tells what is wrong with it.
namespace one_fault {

namespace cr = cloakroom;
using cr::testing::explain;
using cr::testing::Family;

enum class Fault { none, missing, other_type, not_const };

struct Other {};

/// The type of an operation that is right, or is not.
template <class Right, bool is_wrong>
using Typed = std::conditional_t<is_wrong, Other, Right>;

/// The names of the operations in an explanation, by the declarations that it wants.
inline std::vector<std::string> wanted(std::string const& text)
{
    std::vector<std::string> names;
    constexpr std::string_view mark = "wanted: ";
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
        auto const line = text.substr(at + mark.size(), text.find('\n', at) - at - mark.size());
        if (!line.starts_with("a move"))
            names.emplace_back(cr::testing::explain_detail::name_of(line));
    }
    return names;
}

template <class T, Family family>
constexpr bool fits_concept()
{
    if constexpr (family == Family::storage)
        return cr::StoragePolicy<T>;
    else if constexpr (family == Family::client_side_storage)
        return cr::ClientSidePolicy<T>;
    else if constexpr (family == Family::serializer)
        return cr::SerializerPolicy<T>;
    else if constexpr (family == Family::signer)
        return cr::SignerPolicy<T>;
    else if constexpr (family == Family::bound_signer)
        return cr::BoundSigner<T>;
    else if constexpr (family == Family::user_store)
        return cr::auth::UserStorePolicy<T>;
    else if constexpr (family == Family::revocation)
        return cr::auth::RevocationPolicy<T>;
    else
        return cr::auth::DeviceListPolicy<T>;
}

/// With this fault in operation `at`: the concept does not hold, and explain tells that operation alone.
template <template <std::size_t, Fault> class Model, Family family, std::size_t at, Fault fault>
void check_fault(char const* name)
{
    auto const text = explain<Model<at, fault>, family>();
    INFO(name << ", fault " << static_cast<int>(fault) << '\n' << text);
    static_assert(!fits_concept<Model<at, fault>, family>());
    REQUIRE(!text.empty());
    CHECK(wanted(text).front() == name);
    if (fault != Fault::other_type ||
        std::string_view{name} != "bind") // what another type lacks is told, too
        CHECK(wanted(text).size() == 1);
}

template <template <std::size_t, Fault> class Model, Family family, Fault fault, std::size_t... at>
void check_faults(std::vector<char const*> const& names, std::index_sequence<at...>)
{
    (check_fault<Model, family, at, fault>(names[at]), ...);
}

/// The first operations, which are `functions`, may be missing, and the first `typed` may be of another type.
template <template <std::size_t, Fault> class Model, Family family, std::size_t functions, std::size_t typed>
void check_all(std::vector<char const*> const& names)
{
    using Whole = Model<0, Fault::none>;
    static_assert(fits_concept<Whole, family>());
    static_assert(cr::testing::fits<Whole>);
    CHECK(explain<Whole>().empty());
    CHECK(names.size() == std::max(functions, typed));
    check_faults<Model, family, Fault::missing>(names, std::make_index_sequence<functions>{});
    check_faults<Model, family, Fault::other_type>(names, std::make_index_sequence<typed>{});
    if constexpr (family == Family::client_side_storage || family == Family::serializer ||
                  family == Family::signer || family == Family::bound_signer)
        check_faults<Model, family, Fault::not_const>(names, std::make_index_sequence<functions>{});
}

} // namespace one_fault

#endif
