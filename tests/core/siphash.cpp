// SPDX-License-Identifier: MIT
#include <cloakroom/core/siphash.hpp>

#include "support/catch.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

namespace cr = cloakroom;

constexpr std::array<std::uint64_t, 2> key{0x0706050403020100U, 0x0f0e0d0c0b0a0908U};
constexpr std::string_view text = "0123456789abcdefghijklmnopqrstuvwxyz";

constexpr auto of_prefixes = [] {
    std::array<std::uint64_t, text.size() + 1> hashes{};
    for (std::size_t size = 0; size <= text.size(); ++size)
        hashes[size] = cr::siphash13(text.substr(0, size), key);
    return hashes;
}();

} // namespace

TEST_CASE("SipHash-1-3 gives the numbers of its definition")
{
    CHECK(cr::siphash13("", key) == 0xabac'0158'050f'c4dcU);
    CHECK(cr::siphash13("abc", key) == 0x6fce'24e8'af81'46ebU);
    CHECK(cr::siphash13(text, key) == 0x1748'0358'0842'1966U);
}

TEST_CASE("SipHash gives the compiler and the program the same numbers")
{
    for (std::size_t size = 0; size <= text.size(); ++size) {
        std::string const prefix{text.substr(0, size)};
        CHECK(cr::siphash13(prefix, key) == of_prefixes[size]);
    }
    CHECK(cr::siphash13("abc", key) != cr::siphash13("abd", key));
}
