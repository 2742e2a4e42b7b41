// SPDX-License-Identifier: MIT
#include <cloakroom/core/random_text.hpp>

#include "support/catch.hpp"

#include <cstddef>
#include <initializer_list>
#include <map>
#include <string>

TEST_CASE("random text has the length asked for, and only letters and digits")
{
    for (auto const size : std::initializer_list<std::size_t>{0, 1, 22, 32, 48, 49, 1000}) {
        auto const text = cloakroom::random_text(size);
        CHECK(text.size() == size);
        CHECK(text.find_first_not_of(cloakroom::letters_and_digits) == std::string::npos);
    }
    CHECK(cloakroom::letters_and_digits.size() == 62);
    CHECK(cloakroom::random_text(22) != cloakroom::random_text(22));
}

TEST_CASE("every letter and digit is equally likely in random text")
{
    constexpr std::size_t each = 2000;
    std::map<char, double> counts;
    for (auto const c : cloakroom::random_text(62 * each))
        counts[c] += 1;
    REQUIRE(counts.size() == 62);
    double chi_square = 0;
    for (auto const& [c, count] : counts)
        chi_square += (count - each) * (count - each) / each;
    CHECK(chi_square < 150); // 61 degrees of freedom: above 150 once in 10^9 times
}
