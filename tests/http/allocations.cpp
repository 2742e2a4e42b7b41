// SPDX-License-Identifier: MIT
// Counts the allocations of the calling thread, in the whole program of these tests.
#include <cloakroom/http/cookie_parser.hpp>

#include "support/allocations.hpp"
#include "support/catch.hpp"

#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/unsigned.hpp>
#include <cloakroom/storage/memory.hpp>

#include <cstddef>
#include <string>

namespace {

/// How many allocations looking for `sid` makes.
std::size_t allocations_of_search(std::string const& header, std::size_t wanted_count)
{
    auto const before = allocations;
    auto const found = cloakroom::http::find_cookie(header, "sid");
    auto const made = allocations - before;
    REQUIRE(found.count() == wanted_count);
    return made;
}

std::string repeated(std::string const& unit, std::size_t size)
{
    std::string text;
    while (text.size() < size)
        text += unit;
    return text;
}

} // namespace

TEST_CASE("looking for a cookie allocates nothing, however large and odd the header is")
{
    CHECK(allocations_of_search("a=1; sid=abcdefghijklmnopqrstuvwxyz012345; b=\"2\"", 1) == 0);
    CHECK(allocations_of_search("sid=\"abcdefghijklmnopqrstuvwxyz012345\"", 1) == 0);
    CHECK(allocations_of_search(repeated("a=;", 1 << 20), 0) == 0);
    CHECK(allocations_of_search("sid=\"" + repeated("\\1", 1 << 20) + '"', 1) == 0);
    CHECK(allocations_of_search(repeated("sid=1;", 6000), 1000) == 0);
}

TEST_CASE("a value with backslash escapes is the one that allocates, once")
{
    CHECK(allocations_of_search("sid=\"abcdefghijklmnopqrstuvwxyz\\0410123456789\"", 1) == 1);
    CHECK(allocations_of_search(repeated("sid=\"abcdefghijklmnopqrstuvwxyz\\041\";", 3700), 100) == 1);
}

TEST_CASE("reading a field of a session that is loaded allocates nothing, where a place by name makes a path")
{
    using Session = cloakroom::Session<cloakroom::storage::Memory, cloakroom::serializer::Json,
                                       cloakroom::signer::Unsigned>;
    constexpr auto visits = cloakroom::field<"number of visits so far", int>;
    Session::Backend backend{cloakroom::storage::Memory{}};
    Session first{backend};
    first[visits] = 5;
    first["more"] = "a text that is longer than any string keeps within itself";
    first.save();
    Session session{backend, first.session_key()};
    session.ensure_loaded();
    auto const count = [&](auto const& read) {
        auto const before = allocations;
        auto const value = read();
        auto const made = allocations - before;
        REQUIRE(value == 5);
        return made;
    };
    CHECK(count([&] { return session[visits].value(); }) == 0);
    CHECK(count([&] { return session.at(visits); }) == 0);
    CHECK(count([&] { return *session.get(visits); }) == 0);
    CHECK(count([&] { return session.get(visits, 7); }) == 0);
    CHECK(count([&] { return session.at("number of visits so far").as<int>(); }) == 0);
    CHECK(count([&] { return session["number of visits so far"].as<int>(); }) > 0);
    session.items(); // the whole dictionary
    CHECK(count([&] { return session[visits].value(); }) == 0);
}
