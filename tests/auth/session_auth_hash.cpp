// SPDX-License-Identifier: MIT
#include <cloakroom/auth/session_auth_hash.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/secret.hpp>

#include "support/catch.hpp"
#include "support/signing_vectors.hpp"
#include "support/vectors.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace cr = cloakroom;
using cr::auth::SessionAuth;
using cr::auth::SessionAuthHash;

} // namespace

TEST_CASE("the session auth hash is Django's (S-651)")
{
    CHECK(SessionAuthHash::purpose == text_at(vectors({"auth"}), "key_salt"));
    for (auto const& entry : vectors({"auth", "hash"}).as<cr::Array>()) {
        SessionAuthHash const hash{text_at(entry, "secret")};
        auto const field = text_at(entry, "password_field");
        CAPTURE(field);
        CHECK(hash(field) == text_at(entry, "hex"));
        CHECK(hash.verify(field, text_at(entry, "hex")) == SessionAuth::current);
        CHECK(hash.verify(field + "x", text_at(entry, "hex")) == SessionAuth::wrong);
    }
}

TEST_CASE("hashes under fallback keys are Django's, and are told from current ones (S-651, S-655)")
{
    auto const& entry = vectors({"auth", "fallback_hashes"});
    auto const field = text_at(entry, "password_field");
    auto const fallbacks = secrets_at(entry, "fallbacks");
    auto const expected = entry.get_if<cr::Dict>()->at("hex").as<cr::Array>();
    REQUIRE(fallbacks.size() == expected.size());

    SessionAuthHash const hash{secret_key(), fallbacks};
    SessionAuthHash const without{secret_key()};
    for (std::size_t i = 0; i < fallbacks.size(); ++i) {
        auto const old = expected[i].as<std::string>();
        CHECK(SessionAuthHash{fallbacks[i]}(field) == old);
        CHECK(hash.verify(field, old) == SessionAuth::fallback);
        CHECK(without.verify(field, old) == SessionAuth::wrong);
    }
    CHECK(hash(field) == without(field)); // a fallback key makes none
}

TEST_CASE("a session auth hash that is absent, cut or changed is wrong (S-655)")
{
    SessionAuthHash const hash{"key", std::vector<cr::Secret>{"old key"}};
    auto const good = hash("field");
    CHECK(good.size() == 64);
    CHECK(hash.verify("field", good) == SessionAuth::current);
    CHECK(hash.verify("field", "") == SessionAuth::wrong);
    CHECK(hash.verify("field", good + "0") == SessionAuth::wrong);
    for (std::size_t i = 0; i < good.size(); ++i) {
        auto changed = good;
        changed[i] = changed[i] == '0' ? '1' : '0';
        CHECK(hash.verify("field", changed) == SessionAuth::wrong);
        CHECK(hash.verify("field", good.substr(0, i)) == SessionAuth::wrong);
    }
}

TEST_CASE("a key that was moved away makes no session auth hash")
{
    cr::Secret key{"key"};
    CHECK_NOTHROW(SessionAuthHash{key});
    auto const moved = std::move(key);
    CHECK_THROWS_AS(SessionAuthHash{key}, cr::ImproperlyConfigured); // NOLINT(bugprone-use-after-move)
    CHECK_NOTHROW(SessionAuthHash{moved});
}
