// SPDX-License-Identifier: MIT
#include <cloakroom/auth/csrf_token.hpp>

#include "support/catch.hpp"
#include "support/vectors.hpp"

#include <cstddef>
#include <map>
#include <set>
#include <string>

namespace auth = cloakroom::auth;
using auth::CsrfFormat;

TEST_CASE("the alphabet has Django's characters in Django's order (S-600)")
{
    auto const alphabet = text_at(vectors({"csrf"}), "alphabet");
    REQUIRE(alphabet.size() == 62);
    CHECK(vectors({"csrf", "secret_length"}).as<std::size_t>() == auth::csrf_secret_length);
    for (int i = 0; i < 62; ++i) {
        CHECK(auth::csrf_detail::character_at(i) == alphabet[static_cast<std::size_t>(i)]);
        CHECK(auth::csrf_detail::index_of(alphabet[static_cast<std::size_t>(i)]) == i);
    }
    for (int c = -128; c < 128; ++c)
        CHECK((auth::csrf_detail::index_of(static_cast<char>(c)) >= 0) ==
              (alphabet.find(static_cast<char>(c)) != std::string::npos));
}

TEST_CASE("a masked secret is Django's token, and Django's token gives the secret (S-601, S-602)")
{
    auto const& cases = *vectors({"csrf", "mask"}).get_if<cloakroom::Array>();
    REQUIRE(cases.size() == 16);
    for (auto const& entry : cases) {
        CHECK(auth::mask_csrf_secret(text_at(entry, "secret"), text_at(entry, "mask")) ==
              text_at(entry, "token"));
        CHECK(auth::unmask_csrf_token(text_at(entry, "token")) == text_at(entry, "unmasked"));
    }
}

TEST_CASE("a token's format is judged as Django judges it (S-603)")
{
    auto const& cases = *vectors({"csrf", "format"}).get_if<cloakroom::Array>();
    REQUIRE(cases.size() == 10);
    for (auto const& entry : cases) {
        auto const& fields = *entry.get_if<cloakroom::Array>();
        auto const text = fields[0].as<std::string>();
        auto const expected = fields[2].is_null() ? CsrfFormat::good
                              : fields[2] == cloakroom::Value{"has incorrect length"}
                                  ? CsrfFormat::bad_length
                                  : CsrfFormat::bad_characters;
        CAPTURE(text);
        CHECK(auth::csrf_format(text) == expected);
    }
    CHECK(auth::csrf_format(std::string(32, '\x80')) == CsrfFormat::bad_length); // no code point at all
}

TEST_CASE("a token matches the secret masked or not, and no other secret's does (S-604)")
{
    auto const& cases = *vectors({"csrf", "match"}).get_if<cloakroom::Array>();
    REQUIRE(cases.size() == 6);
    for (auto const& entry : cases) {
        auto const expected = entry.get_if<cloakroom::Dict>()->at("match").as<bool>();
        CHECK(auth::csrf_token_matches(text_at(entry, "token"), text_at(entry, "secret")) == expected);
    }
    CHECK_FALSE(auth::csrf_token_matches(std::string(32, 'a'), "a"));
}

TEST_CASE("secrets are of the alphabet, all different, and no character is rare (S-600)")
{
    std::set<std::string> secrets;
    std::map<char, int> counts;
    constexpr int count = 2000;
    for (int i = 0; i < count; ++i) {
        auto const secret = auth::new_csrf_secret();
        CHECK(secret.size() == auth::csrf_secret_length);
        CHECK(auth::csrf_format(secret) == CsrfFormat::good);
        for (char const c : secret)
            ++counts[c];
        secrets.insert(secret);
    }
    CHECK(secrets.size() == count);
    CHECK(counts.size() == 62);
    int first_eight = 0;                            // what a byte's remainder would favour
    for (auto const& [character, times] : counts) { // 1032 each, give or take 32
        CHECK((times > 780 && times < 1290));
        first_eight += character >= 'a' && character <= 'h' ? times : 0;
    }
    CHECK((first_eight > 7650 && first_eight < 8870)); // 8258, give or take 85
}

TEST_CASE("each token of a secret is another text, and each gives the secret back (S-601, S-602)")
{
    auto const secret = auth::new_csrf_secret();
    std::set<std::string> tokens;
    for (int i = 0; i < 100; ++i) {
        auto const token = auth::mask_csrf_secret(secret);
        CHECK(token.size() == auth::csrf_token_length);
        CHECK(auth::unmask_csrf_token(token) == secret);
        tokens.insert(token);
    }
    CHECK(tokens.size() == 100);
}
