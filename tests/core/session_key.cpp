// SPDX-License-Identifier: MIT
#include <cloakroom/core/session_key.hpp>

#include "support/catch.hpp"
#include "support/vectors.hpp"

#include <array>
#include <cstddef>
#include <set>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace cr = cloakroom;

static_assert(cr::SessionKey::entropy_bits >= 128);

TEST_CASE("R1 S-100: 20,000 keys are all different, and each place has every character about equally often")
{
    constexpr std::size_t count = 20'000;
    constexpr auto kinds = cr::SessionKey::alphabet.size();
    std::set<std::string> keys;
    std::vector<std::array<std::size_t, 256>> seen(cr::SessionKey::generated_length);
    for (std::size_t i = 0; i < count; ++i) {
        std::string key{cr::SessionKey::generate().reveal()};
        if (key.size() != cr::SessionKey::generated_length ||
            key.find_first_not_of(cr::SessionKey::alphabet) != std::string::npos) // so no UUID
            FAIL("a key of other characters or another length");
        for (std::size_t place = 0; place < key.size(); ++place)
            ++seen[place][static_cast<unsigned char>(key[place])];
        keys.insert(std::move(key));
    }
    CHECK(keys.size() == count);
    CHECK(cr::SessionKey::alphabet == vectors({"db_rows", "key_alphabet"}).as<std::string>());
    CHECK(cr::SessionKey::generated_length == vectors({"db_rows", "key_length"}).as<std::size_t>());
    for (auto const& place : seen) {
        double chi_square = 0;
        for (char const c : cr::SessionKey::alphabet) {
            auto const expected = static_cast<double>(count) / kinds;
            auto const off = static_cast<double>(place[static_cast<unsigned char>(c)]) - expected;
            chi_square += off * off / expected;
        }
        // 35 degrees of freedom: more than 110 comes about once in 10^9 times.
        CHECK(chi_square < 110);
        CHECK(chi_square > 3);
    }
}

TEST_CASE("R3: after a fork parent and child make different keys")
{
    constexpr int count = 100;
    auto const make = [] {
        std::string keys;
        for (int i = 0; i < count; ++i)
            keys += cr::SessionKey::generate().reveal();
        return keys;
    };
    (void)make();
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    auto const child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        auto const keys = make();
        _exit(write(ends[1], keys.data(), keys.size()) == static_cast<ssize_t>(keys.size()) ? 0 : 1);
    }
    close(ends[1]);
    auto const ours = make();
    std::string theirs;
    std::array<char, 4096> buffer;
    for (ssize_t size; (size = read(ends[0], buffer.data(), buffer.size())) > 0;)
        theirs.append(buffer.data(), static_cast<std::size_t>(size));
    close(ends[0]);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(status == 0);
    REQUIRE(theirs.size() == ours.size());
    std::set<std::string> keys;
    for (auto const& text : {ours, theirs})
        for (std::size_t at = 0; at < text.size(); at += cr::SessionKey::generated_length)
            keys.insert(text.substr(at, cr::SessionKey::generated_length));
    CHECK(keys.size() == 2 * count);
}

TEST_CASE("R4 R37: what a key is shown as says nothing of it")
{
    auto const key = cr::SessionKey::generate();
    auto const text = std::string{key.reveal()};
    auto const handle = key.handle();
    CHECK(handle.size() == 16);
    CHECK(handle.find_first_not_of("0123456789abcdef") == std::string::npos);
    CHECK(handle == cr::SessionKey::parse(text)->handle());
    CHECK(handle != cr::SessionKey::generate().handle());
    for (std::size_t at = 0; at + 6 <= text.size(); ++at)
        CHECK(handle.find(text.substr(at, 6)) == std::string::npos);
}
