// SPDX-License-Identifier: MIT
#ifndef EXAMPLES_SESSION_ADMIN_NAMES_HPP
#define EXAMPLES_SESSION_ADMIN_NAMES_HPP

// From a name that is known while the program runs to a type that is known while it is compiled, and back to
// a list of names for people. The map is a value without any bytes: all of it is in its type.

#include <boost/hana.hpp>
#include <string>
#include <string_view>

namespace session_admin {

namespace hana = boost::hana;

// [with_named]
/// Calls `use(value)` with what the Hana map has under the name; false when it has nothing there. `use` is
/// compiled once for each value of the map.
template <class Map, class Use>
bool with_named(Map const& map, std::string_view name, Use const& use)
{
    bool found = false;
    auto const compare = [&](auto known, auto const& value) {
        if (name == known.c_str()) {
            found = true;
            use(value);
        }
    };
    hana::for_each(map, hana::fuse(compare));
    return found;
}
// [/with_named]

/// The names in a Hana map, in its order: "sqlite, file, redis".
template <class Map>
std::string names_in(Map const& map)
{
    std::string names;
    hana::for_each(hana::keys(map), [&](auto name) {
        names += names.empty() ? "" : ", ";
        names += name.c_str();
    });
    return names;
}

} // namespace session_admin

#endif
