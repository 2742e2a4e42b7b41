// SPDX-License-Identifier: MIT
// expect: cookie_path_is_longer_than_255_bytes
#include <cloakroom/session/checked.hpp>

#include <array>
#include <cstddef>
#include <string_view>

namespace cr = cloakroom;

template <std::size_t Size>
constexpr auto slashes = [] {
    std::array<char, Size> text{};
    for (auto& c : text)
        c = '/';
    return text;
}();
template <std::size_t Size>
constexpr std::string_view long_path{slashes<Size>.data(), Size};

cr::Settings settings()
{
#ifdef WELL_FORMED
    return cr::checked({.cookie_path = long_path<255>});
#else
    return cr::checked({.cookie_path = long_path<256>});
#endif
}
