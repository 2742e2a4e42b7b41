// SPDX-License-Identifier: MIT
#include <cloakroom/auth/password.hpp>
#include <cloakroom/auth/password_hasher.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/random_text.hpp>
#include <cloakroom/testing/md5_passwords.hpp>

#include "support/catch.hpp"
#include "support/passwords.hpp"
#include "support/vectors.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace {

namespace cr = cloakroom;
using cr::auth::Argon2;
using cr::auth::BcryptSha256;
using cr::auth::MalformedPassword;
using cr::auth::Passwords;
using cr::auth::Pbkdf2Sha1;
using cr::auth::Pbkdf2Sha256;
using cr::auth::Scrypt;
using cr::testing::Md5Passwords;

static_assert(std::is_same_v<cr::auth::DjangoPasswords,
                             Passwords<Pbkdf2Sha256, Pbkdf2Sha1, Argon2, BcryptSha256, Scrypt>>);

/// A stranger's hasher, `<name>$<cost>$<password>`, that counts what it is asked to do.
template <std::size_t Number>
struct Counting {
    static constexpr std::string_view algorithm = Number == 0 ? "counting" : "other";

    struct Calls {
        int encoded = 0;
        int verified = 0;
        int hardened = 0;
    };

    std::string cost = "2";
    std::shared_ptr<Calls> calls = std::make_shared<Calls>();

    std::string encode(std::string_view password) const
    {
        ++calls->encoded;
        return std::string{algorithm} + "$" + cost + "$" + std::string{password};
    }
    bool verify(std::string_view password, std::string_view encoded) const
    {
        ++calls->verified;
        if (encoded.find('$') == encoded.npos)
            throw MalformedPassword{"no cost"};
        return encoded.substr(algorithm.size() + 3) == password;
    }
    bool must_update(std::string_view encoded) const
    {
        return encoded.substr(algorithm.size() + 1, 1) != cost;
    }
    void harden_runtime(std::string_view) const { ++calls->hardened; }
};

/// Whether the field would keep a processor busy for a while.
bool is_dear(std::string const& encoded)
{
    return encoded.starts_with("pbkdf2_sha256$260000$") || encoded.starts_with("scrypt$16384$") ||
           encoded.starts_with("bcrypt_sha256$$2b$12$") || encoded.find("$m=102400,") != std::string::npos;
}

void check_verify_vectors(bool dear)
{
    EveryHasher const passwords;
    auto count = 0;
    for (auto const& entry : vectors({"passwords", "verify"}).as<cr::Array>()) {
        auto const encoded = text_at(entry, "encoded");
        if (is_dear(encoded) != dear || entry.get_if<cr::Dict>()->at("password").is_null())
            continue; // a null password is no std::string_view
        ++count;
        auto const password = text_at(entry, "password");
        CAPTURE(password, encoded);
        if (has(entry, "ok"))
            CHECK(passwords.check_password(password, encoded).matches ==
                  entry.get_if<cr::Dict>()->at("ok").as<bool>());
        else
            CHECK_THROWS_AS(passwords.check_password(password, encoded), MalformedPassword);
    }
    CHECK(count > 5);
}

} // namespace

TEST_CASE("passwords are right, wrong or malformed as for Django (S-700, S-708, S-709, S-712)")
{
    check_verify_vectors(false);
}

TEST_CASE("passwords of Django's default costs are right or wrong as for Django")
{
    check_verify_vectors(true);
}

TEST_CASE("a field's algorithm is found as Django finds it (S-700, S-706)")
{
    for (auto const& entry : vectors({"passwords", "identify"}).as<cr::Array>()) {
        auto const pair = entry.as<cr::Array>();
        auto const encoded = pair.at(0).as<std::string>();
        CAPTURE(encoded);
        auto const found = EveryHasher::identify(encoded);
        if (has(pair.at(1), "ok")) {
            REQUIRE(found.has_value());
            CHECK(*found == text_at(pair.at(1), "ok"));
        } else {
            CHECK_FALSE(found.has_value());
        }
    }
    CHECK_FALSE(cr::auth::DjangoPasswords::identify("md5$salt$hash").has_value());
}

TEST_CASE("the default hashers are Django's, in its order (S-711)")
{
    std::vector<std::string> names;
    for (auto const& name : vectors({"passwords", "default_hashers"}).as<cr::Array>())
        names.push_back(
            name.as<std::string>().substr(std::string_view{"django.contrib.auth.hashers."}.size()));
    CHECK(names == std::vector<std::string>{"PBKDF2PasswordHasher", "PBKDF2SHA1PasswordHasher",
                                            "Argon2PasswordHasher", "BCryptSHA256PasswordHasher",
                                            "ScryptPasswordHasher"});
}

TEST_CASE("unusable passwords are Django's, and nothing opens them (S-708)")
{
    auto const& django = vectors({"passwords", "unusable"});
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        auto const encoded = cr::auth::make_unusable_password();
        CHECK(encoded.size() == text_at(django, "prefix").size() + number_at(django, "suffix_length"));
        CHECK(encoded.starts_with(text_at(django, "prefix")));
        CHECK(encoded.find_first_not_of(cr::letters_and_digits, 1) == encoded.npos);
        CHECK_FALSE(cr::auth::is_password_usable(encoded));
        CHECK(seen.insert(encoded).second);
    }
    for (auto const& entry : django.get_if<cr::Dict>()->at("usable").as<cr::Array>()) {
        auto const pair = entry.as<cr::Array>();
        auto const name = pair.at(0).as<std::string>(); // as Python prints it
        if (name == "None")
            continue; // no std::string_view is
        CHECK(cr::auth::is_password_usable(name.substr(1, name.size() - 2)) == pair.at(1).as<bool>());
    }
    Passwords<Md5Passwords> const passwords;
    for (auto const* password : {"", "!", "abc", "!abc"})
        CHECK_FALSE(passwords.check_password(password, "!abc").matches);
}

TEST_CASE("a password is made by the first hasher and checked by its field's")
{
    Passwords const passwords{Pbkdf2Sha256{.iterations = 10}, Argon2{1, 64, 1}, BcryptSha256{4},
                              Scrypt{16, 8, 1}};
    CHECK(passwords.make_password("letmein").starts_with("pbkdf2_sha256$10$"));
    CHECK(passwords.preferred().iterations == 10);
    for (auto const& [encoded, outdated] : {
             std::pair{passwords.make_password("letmein"), false},
             std::pair{Pbkdf2Sha256{.iterations = 9}.encode("letmein"), true},
             std::pair{Pbkdf2Sha256{.iterations = 11}.encode("letmein"), true},
             std::pair{Argon2{1, 64, 1}.encode("letmein"), true},
             std::pair{BcryptSha256{4}.encode("letmein"), true},
             std::pair{Scrypt{16, 8, 1}.encode("letmein"), true},
         }) {
        CAPTURE(encoded);
        auto const right = passwords.check_password("letmein", encoded);
        CHECK(right.matches);
        CHECK(static_cast<bool>(right));
        CHECK(right.must_update == outdated);
        CHECK(passwords.must_update(encoded) == outdated);
        auto const wrong = passwords.check_password("letmeout", encoded);
        CHECK_FALSE(wrong.matches);
        CHECK_FALSE(static_cast<bool>(wrong));
        CHECK_FALSE(wrong.must_update); // or a login that forgets to ask would store the wrong password
    }
    // What has no hasher in the list is opened by nothing.
    CHECK_FALSE(passwords.check_password("letmein", Pbkdf2Sha1{10}.encode("letmein")).matches);
    for (auto const* field : {"!abc", "", "nonsense", "unknown$1$2"})
        CHECK_FALSE(passwords.must_update(field));
}

TEST_CASE("a login moves a weak field to the preferred hasher (S-710)")
{
    Passwords const passwords{Pbkdf2Sha256{.iterations = 10}, Md5Passwords{}};
    auto field = Md5Passwords{}.encode("letmein", "seasalt");
    auto const login = [&](std::string_view password) {
        auto const check = passwords.check_password(password, field);
        if (check.must_update)
            field = passwords.make_password(password);
        return check.matches;
    };
    CHECK_FALSE(login("letmeout"));
    CHECK(field.starts_with("md5$"));
    CHECK(login("letmein"));
    CHECK(field.starts_with("pbkdf2_sha256$10$"));
    auto const moved = field;
    CHECK(login("letmein"));
    CHECK_FALSE(login("letmeout"));
    CHECK(field == moved);
}

TEST_CASE("a stranger's hasher is used like ours, and does constant work (S-700, S-710)")
{
    Counting<0> const first;
    Counting<1> const second;
    Passwords const passwords{first, second};
    using Calls = std::vector<int>;
    auto const calls = [&] {
        Calls const all{first.calls->encoded,  first.calls->verified,  first.calls->hardened,
                        second.calls->encoded, second.calls->verified, second.calls->hardened};
        *first.calls = {};
        *second.calls = {};
        return all;
    };

    CHECK(passwords.make_password("a") == "counting$2$a");
    CHECK(calls() == Calls{1, 0, 0, 0, 0, 0});
    CHECK(passwords.check_password("a", "counting$2$a").matches);
    CHECK(calls() == Calls{0, 1, 0, 0, 0, 0});
    CHECK_FALSE(passwords.check_password("b", "counting$2$a").matches);
    CHECK(calls() == Calls{0, 1, 0, 0, 0, 0});
    CHECK_FALSE(passwords.check_password("b", "counting$1$a").matches); // the missing work is done
    CHECK(calls() == Calls{0, 1, 1, 0, 0, 0});
    CHECK(passwords.check_password("a", "counting$1$a").must_update);
    CHECK(calls() == Calls{0, 1, 0, 0, 0, 0});
    CHECK_FALSE(passwords.check_password("b", "other$1$a").matches);
    CHECK(calls() == Calls{0, 0, 0, 0, 1, 0});
    CHECK(passwords.check_password("a", "other$2$a").must_update);
    CHECK(calls() == Calls{0, 0, 0, 0, 1, 0});

    // No password opens these; one dummy is encoded each time.
    for (auto const* field : {"!abc", "!counting$2$a", "", "nonsense", "unknown$2$a", "$counting$2$a"}) {
        CAPTURE(field);
        CHECK_FALSE(passwords.check_password("a", field).matches);
        CHECK(calls() == Calls{1, 0, 0, 0, 0, 0});
    }
    passwords.check_nobody("a");
    CHECK(calls() == Calls{1, 0, 0, 0, 0, 0});
    CHECK_THROWS_AS(passwords.check_password("a", "counting"), MalformedPassword);
}

TEST_CASE("a password too long, or a field too long, keeps nobody busy")
{
    Counting<0> const hasher;
    Passwords const passwords{hasher};
    auto const longest = std::string(cr::auth::max_password_size, 'x');
    auto const field = hasher.encode("a");
    CHECK_FALSE(passwords.check_password(longest, field).matches);
    CHECK(hasher.calls->verified == 1);
    *hasher.calls = {};

    CHECK_FALSE(passwords.check_password(longest + "x", field).matches);
    passwords.check_nobody(longest + "x");
    CHECK_THROWS_AS(passwords.make_password(longest + "x"), cr::ValueError);
    CHECK_THROWS_AS(passwords.check_password("a", field + std::string(cr::auth::max_encoded_size, 'x')),
                    MalformedPassword);
    CHECK(hasher.calls->verified + hasher.calls->encoded == 0);

    Passwords const real{Pbkdf2Sha256{.iterations = 1}, Argon2{1, 64, 1}, Scrypt{16, 8, 1}, BcryptSha256{4}};
    CHECK(real.check_password(longest, real.make_password(longest)).matches);
    CHECK(real.check_password(longest, Argon2{1, 64, 1}.encode(longest)).matches);
    CHECK(real.check_password(longest, Scrypt{16, 8, 1}.encode(longest)).matches);
    CHECK(real.check_password(longest, BcryptSha256{4}.encode(longest)).matches);
}

TEST_CASE("nobody, an unusable field and an unknown algorithm take the time of a check (S-700)")
{
    Passwords const passwords{Pbkdf2Sha256{.iterations = 40'000}};
    auto const field = passwords.make_password("letmein");
    auto const full = cost_of([&] { CHECK_FALSE(passwords.check_password("wrong", field).matches); });
    auto const nobody = cost_of([&] { passwords.check_nobody("wrong"); });
    auto const unusable = cost_of([&] { CHECK_FALSE(passwords.check_password("wrong", "!abc").matches); });
    auto const unknown = cost_of([&] { CHECK_FALSE(passwords.check_password("wrong", "md5$a$b").matches); });
    CAPTURE(full, nobody, unusable, unknown);
    for (auto const cost : {nobody, unusable, unknown}) {
        CHECK(cost > 0.6 * full);
        CHECK(cost < 1.6 * full);
    }
}
