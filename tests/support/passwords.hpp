// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTS_SUPPORT_PASSWORDS_HPP
#define CLOAKROOM_TESTS_SUPPORT_PASSWORDS_HPP

#include <cloakroom/auth/password.hpp>
#include <cloakroom/auth/password_hasher.hpp>
#include <cloakroom/testing/md5_passwords.hpp>

#include "support/catch.hpp"
#include "support/vectors.hpp"

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

/// Every hasher that the vectors know. The first costs nothing, so that fields of the others are all that is
/// computed.
using EveryHasher = cloakroom::auth::Passwords<
    cloakroom::testing::Md5Passwords, cloakroom::auth::Pbkdf2Sha256, cloakroom::auth::Pbkdf2Sha1,
    cloakroom::auth::Argon2, cloakroom::auth::BcryptSha256, cloakroom::auth::Bcrypt, cloakroom::auth::Scrypt>;

/// The vectors of passwords/<list> for an algorithm: what it encodes, with which salt and costs.
inline std::vector<cloakroom::Value> password_vectors(std::string_view algorithm)
{
    std::vector<cloakroom::Value> found;
    for (auto const& entry : vectors({"passwords", "encoded"}).as<cloakroom::Array>())
        if (text_at(entry, "algorithm") == algorithm)
            found.push_back(entry);
    REQUIRE_FALSE(found.empty());
    return found;
}

inline bool has(cloakroom::Value const& entry, std::string_view name)
{
    return entry.get_if<cloakroom::Dict>()->contains(name);
}

inline std::uint32_t number_at(cloakroom::Value const& entry, std::string_view name)
{
    return entry.get_if<cloakroom::Dict>()->at(name).as<std::uint32_t>();
}

/// What Django's must_update says of fields that start so, checked with a hasher of Django's costs.
template <cloakroom::auth::PasswordHasherPolicy Hasher>
void check_must_update_vectors(Hasher const& hasher)
{
    auto const start = std::string{Hasher::algorithm} + "$";
    auto count = 0;
    for (auto const& entry : vectors({"passwords", "must_update"}).as<cloakroom::Array>()) {
        auto const pair = entry.as<cloakroom::Array>();
        auto const encoded = pair.at(0).as<std::string>();
        if (!encoded.starts_with(start))
            continue;
        ++count;
        CAPTURE(encoded);
        CHECK(hasher.must_update(encoded) == pair.at(1).get_if<cloakroom::Dict>()->at("ok").as<bool>());
    }
    CHECK(count > 0);
}

/// Why the hasher cannot read the field. Fails when it can.
template <cloakroom::auth::PasswordHasherPolicy Hasher>
std::string complaint(Hasher const& hasher, std::string const& encoded)
{
    CAPTURE(encoded);
    try {
        auto const matches = hasher.verify("letmein", encoded);
        CAPTURE(matches);
        FAIL("the field was read");
    } catch (cloakroom::auth::MalformedPassword const& malformed) {
        return malformed.what();
    }
    return {};
}

/// What every hasher does, at the low costs that it has here.
template <cloakroom::auth::PasswordHasherPolicy Hasher>
void check_hasher(Hasher const& hasher)
{
    using namespace std::string_literals;
    for (auto const& password :
         {""s, "letmein"s, "l\xc3\xa8tm\xc3\xa9in"s, "nul\0byte"s, "\xff\x80"s, "$"s}) {
        auto const encoded = hasher.encode(password);
        CAPTURE(encoded);
        CHECK(encoded.starts_with(std::string{Hasher::algorithm} + "$"));
        CHECK(encoded.size() <= 128); // Django's column (S-700)
        CHECK(encoded != hasher.encode(password));
        CHECK(hasher.verify(password, encoded));
        CHECK_FALSE(hasher.verify(password + "x", encoded));
        CHECK(hasher.verify("", encoded) == password.empty());
        CHECK_FALSE(hasher.must_update(encoded));
    }
    CHECK_FALSE(hasher.verify("nul", hasher.encode("nul\0byte"s)));

    // However a field is cut or changed, the password no longer opens it, and nothing worse happens.
    auto const encoded = hasher.encode("letmein");
    auto const opens = [&](std::string const& field) {
        try {
            return hasher.verify("letmein", field);
        } catch (cloakroom::auth::MalformedPassword const& malformed) {
            CHECK(std::string_view{malformed.what()}.find(encoded.substr(encoded.size() - 20)) ==
                  std::string_view::npos);
            return false;
        }
    };
    REQUIRE(opens(encoded));
    CHECK_FALSE(opens(encoded + "A"));
    CHECK_FALSE(opens(encoded + "="));
    CHECK_FALSE(opens(encoded + std::string(2000, 'A')));
    for (std::size_t i = 0; i < encoded.size(); ++i) {
        auto changed = encoded;
        changed[i] = static_cast<char>(changed[i] ^ 2);
        CAPTURE(changed);
        CHECK_FALSE(opens(changed));
        CHECK_FALSE(opens(encoded.substr(0, i)));
    }
    CHECK_FALSE(complaint(hasher, "another$algorithm").empty());
    CHECK_FALSE(complaint(hasher, std::string{Hasher::algorithm}).empty());

    CHECK_THROWS_AS(hasher.encode(std::string(cloakroom::auth::max_password_size + 1, 'x')),
                    cloakroom::ValueError);
}

/// The seconds of processor time that something took, the best of three times.
template <class F>
double cost_of(F const& something)
{
    double best = 1e9;
    for (int i = 0; i < 3; ++i) {
        auto const before = std::clock();
        something();
        best = std::min(best, static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC);
    }
    return best;
}

/// That a wrong password costs about as much for a field of `weak` as for one of `strong`, and a right one
/// much less (S-710).
template <cloakroom::auth::PasswordHasherPolicy Hasher>
void check_runtime_is_hardened(Hasher const& weak, Hasher const& strong)
{
    cloakroom::auth::Passwords<Hasher> const passwords{strong};
    auto const old = weak.encode("letmein");
    auto const fresh = strong.encode("letmein");
    auto const full = cost_of([&] { CHECK_FALSE(passwords.check_password("wrong", fresh).matches); });
    auto const wrong = cost_of([&] { CHECK_FALSE(passwords.check_password("wrong", old).matches); });
    auto const right = cost_of([&] { CHECK(passwords.check_password("letmein", old).must_update); });
    CAPTURE(full, wrong, right);
    CHECK(wrong > 0.6 * full);
    CHECK(wrong < 1.6 * full);
    CHECK(right < 0.6 * full);
}

#endif
