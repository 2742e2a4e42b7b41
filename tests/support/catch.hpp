// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTS_SUPPORT_CATCH_HPP
#define CLOAKROOM_TESTS_SUPPORT_CATCH_HPP

// Catch2, version 3 or 2, whichever is installed. Tests include this file and use what both share: the macros
// (TEST_CASE, SECTION, REQUIRE, TEMPLATE_TEST_CASE, GENERATE, ...), and the names that `catch_` unites below.
// Exception types that both know: REQUIRE_THROWS_AS. `main` comes from the library that the build links.

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>

namespace catch_ {
using Catch::Approx;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;
} // namespace catch_
#else
#include <catch2/catch.hpp>

namespace catch_ {
using Catch::Detail::Approx;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

inline auto ContainsSubstring(std::string const& text)
{
    return Catch::Matchers::Contains(text);
}
} // namespace catch_
#endif

namespace catch_ {
using Catch::Generators::range;
using Catch::Generators::values;
} // namespace catch_

#endif
