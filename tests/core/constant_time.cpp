// SPDX-License-Identifier: MIT
#include <cloakroom/core/constant_time.hpp>

#include "support/catch.hpp"

#include <cstddef>
#include <string>

TEST_CASE("two texts are equal when every byte is, whatever their length")
{
    for (std::size_t size = 0; size < 70; ++size) {
        std::string const text(size, 'x');
        CHECK(cloakroom::constant_time_equal(text, std::string(size, 'x')));
        CHECK_FALSE(cloakroom::constant_time_equal(text, text + 'x'));
        CHECK_FALSE(cloakroom::constant_time_equal(text + '\0', text));
        for (std::size_t i = 0; i < size; ++i)
            for (int bit = 0; bit < 8; ++bit) {
                auto other = text;
                other[i] = static_cast<char>(static_cast<unsigned char>(other[i]) ^ (1U << bit));
                CHECK_FALSE(cloakroom::constant_time_equal(text, other));
            }
    }
}
