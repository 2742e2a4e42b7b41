// SPDX-License-Identifier: MIT
#include <cloakroom/core/base64url.hpp>
#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/signer/cookie_key.hpp>
#include <cloakroom/signer/signing.hpp>

#include "support/catch.hpp"
#include "support/signing_vectors.hpp"
#include "support/vectors.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

namespace cr = cloakroom;
namespace signing = cloakroom::signing;
using cr::Rejection;
using std::chrono::seconds;

cr::Dict const& dict_of(cr::Value const& value)
{
    return *value.get_if<cr::Dict>();
}

bool has(cr::Value const& entry, std::string_view name)
{
    return dict_of(entry).contains(name);
}

std::string text_or(cr::Value const& entry, std::string_view name, std::string_view otherwise)
{
    return has(entry, name) ? text_at(entry, name) : std::string{otherwise};
}

/// A vector's max_age: seconds, whole or not, or none.
std::optional<cr::Duration> max_age_of(cr::Value const& entry)
{
    if (!has(entry, "max_age") || dict_of(entry).at("max_age").is_null())
        return std::nullopt;
    return cr::Duration{std::llround(dict_of(entry).at("max_age").as<double>() * 1e6)};
}

/// What Django's exception is here; none for one that is the serializer's matter.
std::optional<Rejection> rejection_of(std::string_view error)
{
    if (error == "django.core.signing.BadSignature")
        return Rejection::bad_signature;
    if (error == "django.core.signing.SignatureExpired")
        return Rejection::expired;
    if (error == "json.decoder.JSONDecodeError")
        return std::nullopt;
    return Rejection::malformed; // zlib.error, binascii.Error, ValueError, IndexError
}

void check(cr::Result<std::string, Rejection> const& result, cr::Value const& expected)
{
    if (has(expected, "ok")) {
        REQUIRE(result.has_value());
        CHECK(*result == text_at(expected, "ok"));
    } else {
        REQUIRE_FALSE(result.has_value());
        CHECK(result.reason() == rejection_of(text_at(expected, "error")));
    }
}

/// Calls `f` with the algorithm of a name of hashlib's.
template <class F>
void with_algorithm(std::string_view name, F f)
{
    if (name == "sha1")
        f(signing::Sha1{});
    else if (name == "sha256")
        f(signing::Sha256{});
    else if (name == "sha384")
        f(signing::Sha384{});
    else if (name == "sha512")
        f(signing::Sha512{});
    else if (name == "md5")
        f(signing::Md5{});
    else if (name == "blake2b")
        f(signing::Blake2b{});
    else if (name == "sha3_256")
        f(signing::Sha3_256{});
    else
        FAIL("unknown algorithm " << name);
}

} // namespace

TEST_CASE("a secret that was moved elsewhere makes no key that everybody knows")
{
    cr::Secret secret{"a secret"};
    CHECK_NOTHROW(cr::signing::cookie_key(secret));
    CHECK_NOTHROW(cr::signing::base64_hmac("salt", "value", secret));
    cr::Secret const kept = std::move(secret);
    // NOLINTBEGIN(bugprone-use-after-move)
    CHECK_THROWS_AS(cr::signing::cookie_key(secret), cr::ImproperlyConfigured);
    CHECK_THROWS_AS(cr::signing::base64_hmac("salt", "value", secret), cr::ImproperlyConfigured);
    // NOLINTEND(bugprone-use-after-move)
}

TEST_CASE("salted_hmac is Django's with every algorithm (S-400)")
{
    for (auto const& entry : vectors({"salted_hmac", "cases"}).as<cr::Array>())
        with_algorithm(text_at(entry, "algorithm"), [&]<class Algorithm>(Algorithm) {
            auto const salt = from_hex(text_at(entry, "key_salt_hex"));
            auto const value = from_hex(text_at(entry, "value_hex"));
            cr::Secret const secret{from_hex(text_at(entry, "secret_hex"))};
            auto const digest = signing::salted_hmac<Algorithm>(salt, value, secret);
            std::string const bytes(digest.begin(), digest.end());
            CHECK(bytes == from_hex(text_at(entry, "hex")));
            CHECK(signing::base64_hmac<Algorithm>(salt, value, secret) == cr::base64url_encode(bytes));
        });
    auto const& with_default = vectors({"salted_hmac", "secret_default"});
    auto const digest =
        signing::salted_hmac(text_at(with_default, "key_salt"), text_at(with_default, "value"), secret_key());
    CHECK(std::string(digest.begin(), digest.end()) == from_hex(text_at(with_default, "hex")));
}

TEST_CASE("Signer signs as Django's (S-403 to S-407, S-422)")
{
    for (auto const& entry : vectors({"signer", "sign"}).as<cr::Array>()) {
        auto const& args = dict_of(entry).at("args");
        auto const value = text_at(entry, "value");
        CAPTURE(value.substr(0, 40));
        with_algorithm(text_or(args, "algorithm", "sha256"), [&]<class Algorithm>(Algorithm) {
            signing::BasicSigner<Algorithm> const signer{
                has(args, "key") ? cr::Secret{text_at(args, "key")} : secret_key(),
                {.salt = text_or(args, "salt", ""), .separator = text_or(args, "sep", ":")}};
            auto const text = signer.sign(value);
            CHECK(text == text_at(entry, "signed"));
            CHECK(text.ends_with(signer.signature(value)));
            auto const unsigned_value = signer.unsign(text);
            REQUIRE(unsigned_value.has_value());
            CHECK(*unsigned_value == value);
        });
    }
    auto const& binary = vectors({"signer", "sign_binary_key"});
    CHECK(signing::Signer{from_hex(text_at(binary, "key_hex"))}.sign(text_at(binary, "value")) ==
          text_at(binary, "signed"));
    CHECK(signing::Signer::default_salt == text_at(vectors({"signer", "default_salts"}), "Signer"));
    CHECK(signing::TimestampSigner::default_salt ==
          text_at(vectors({"signer", "default_salts"}), "TimestampSigner"));
}

TEST_CASE("a number is signed as its text is, which Django makes of it (S-407)")
{
    for (auto const& entry : vectors({"signer", "non_string_values"}).as<cr::Array>())
        CHECK(signing::Signer{"k"}.sign(text_at(entry, "python")) == text_at(entry, "signed"));
}

TEST_CASE("Signer accepts and refuses what Django's does (S-409, S-808)")
{
    for (auto const& entry : vectors({"signer", "unsign"}).as<cr::Array>()) {
        CAPTURE(text_at(entry, "name"));
        signing::Signer const signer{text_at(entry, "key"),
                                     {.fallback_keys = secrets_at(entry, "fallback_keys")}};
        check(signer.unsign(text_at(entry, "input")), entry);
    }
    auto const& wrong_salt = vectors({"signer", "wrong_salt"});
    check(signing::Signer{"k", {.salt = "one"}}.unsign(signing::Signer{"k", {.salt = "two"}}.sign("v")),
          wrong_salt);
}

TEST_CASE("another spelling of a good signature is a bad one (S-410)")
{
    auto const& entry = vectors({"signer", "noncanonical_base64_tail"});
    auto const twin = text_at(entry, "input");
    signing::Signer const signer{"predictable-secret"};
    check(signer.unsign(twin), entry);

    auto const good = signer.sign(twin.substr(0, twin.rfind(':')));
    CHECK(signer.unsign(good).has_value());
    CHECK(twin != good);
    CHECK(cr::base64url_decode(twin.substr(twin.rfind(':') + 1)) ==
          cr::base64url_decode(good.substr(good.rfind(':') + 1)));
}

TEST_CASE("a separator that signatures may contain is refused (S-408)")
{
    for (auto const& entry : vectors({"signer", "separators"}).as<cr::Array>()) {
        auto const pair = entry.as<cr::Array>();
        auto const separator = pair[0].as<std::string>();
        CAPTURE(separator);
        if (has(pair[1], "ok")) {
            CHECK_NOTHROW(signing::Signer{secret_key(), {.separator = separator}});
            CHECK_NOTHROW(signing::TimestampSigner{secret_key(), {.separator = separator}});
        } else {
            CHECK_THROWS_AS((signing::Signer{secret_key(), {.separator = separator}}),
                            cr::ImproperlyConfigured);
            CHECK_THROWS_AS((signing::TimestampSigner{secret_key(), {.separator = separator}}),
                            cr::ImproperlyConfigured);
        }
    }
    CHECK_THROWS_AS((signing::Signer{"key", {.separator = "abc\n"}}), cr::ImproperlyConfigured);
    CHECK_NOTHROW(signing::Signer{"key", {.separator = "\n\n"}});
}

TEST_CASE("TimestampSigner signs as Django's (S-412)")
{
    for (auto const& entry : vectors({"timestamp_signer", "sign"}).as<cr::Array>()) {
        signing::TimestampSigner const signer{text_at(entry, "key")};
        auto const text = signer.sign(text_at(entry, "value"), epoch(dict_of(entry).at("at").as<double>()));
        CHECK(text == text_at(entry, "signed"));
        CHECK(signer.unsign(text).has_value());
    }
}

TEST_CASE("TimestampSigner accepts and refuses what Django's does (S-413 to S-415)")
{
    signing::TimestampSigner const signer{"predictable-key"};
    for (auto const& entry : vectors({"timestamp_signer", "unsign"}).as<cr::Array>())
        check(signer.unsign(text_at(entry, "signed"), max_age_of(entry),
                            epoch(dict_of(entry).at("at").as<double>())),
              entry);

    for (auto const& [name, odd] : dict_of(vectors({"timestamp_signer", "validly_signed_but_odd"}))) {
        CAPTURE(name);
        auto const text = text_at(odd, "signed");
        check(signer.unsign(text, std::nullopt, vector_clock()), dict_of(odd).at("no_age"));
        check(signer.unsign(text, seconds{10}, vector_clock()), dict_of(odd).at("age_10_at_clock"));
    }

    auto const text = signer.sign("hello", epoch(1'000'000));
    auto const later = epoch(1'000'011);
    check(signer.unsign(text, seconds{11}, later), vectors({"timestamp_signer", "timedelta_ok"}));
    check(signer.unsign(text, seconds{10}, later), vectors({"timestamp_signer", "timedelta_expired"}));

    auto const& sha1 = vectors({"timestamp_signer", "sha1_signature_under_sha256_signer"});
    check(signer.unsign(text_at(sha1, "signed")), sha1);
    CHECK(signing::BasicTimestampSigner<signing::Sha1>{"predictable-key"}
              .unsign(text_at(sha1, "signed"))
              .has_value());
}

TEST_CASE("dumps writes what Django's writes, compressed or not (S-417, S-418, S-421)")
{
    for (auto const& entry : vectors({"dumps", "dumps"}).as<cr::Array>()) {
        auto const payload = text_at(entry, "text");
        auto const expected = text_at(entry, "signed");
        CAPTURE(payload.substr(0, 60));
        auto const compress = dict_of(entry).at("compress").as<bool>();
        auto const text =
            signing::dumps(payload, secret_key(), signing::default_dumps_salt, compress, vector_clock());
        CHECK(text.starts_with('.') == dict_of(entry).at("compressed").as<bool>());
        if (text != expected && text.starts_with('.'))
            WARN("this build of zlib compresses in another way than the vectors' one; comparing what is "
                 "inside");
        else
            CHECK(text == expected);
        for (auto const& readable : {text, expected}) {
            auto const bytes = signing::loads(readable, secret_key());
            REQUIRE(bytes.has_value());
            CHECK(*bytes == payload);
        }
    }
    for (auto const& entry : vectors({"dumps", "other_salts"}).as<cr::Array>())
        CHECK(signing::dumps(R"({"a":1})", secret_key(), text_at(entry, "salt"), false, vector_clock()) ==
              text_at(entry, "signed"));
    auto const& other_key = vectors({"dumps", "other_key"});
    CHECK(signing::dumps(R"({"a":1})", text_at(other_key, "key"), signing::default_dumps_salt, false,
                         vector_clock()) == text_at(other_key, "signed"));
}

TEST_CASE("the compressed form is taken from exactly the size that Django takes it from (S-417)")
{
    for (auto const& entry : vectors({"dumps", "threshold"}).as<cr::Array>()) {
        auto const payload = text_at(entry, "text");
        CAPTURE(payload);
        auto const text =
            signing::dumps(payload, secret_key(), signing::default_dumps_salt, true, vector_clock());
        CHECK(text.starts_with('.') == dict_of(entry).at("compressed").as<bool>());
    }
}

TEST_CASE("loads accepts and refuses what Django's does (S-419 to S-421)")
{
    for (auto const& entry : vectors({"dumps", "loads"}).as<cr::Array>()) {
        CAPTURE(text_at(entry, "name"));
        auto const bytes = signing::loads(text_at(entry, "signed"), secret_key(), signing::default_dumps_salt,
                                          std::nullopt, secrets_at(entry, "fallback_keys"), vector_clock());
        if (auto const error = text_or(entry, "error", ""); !error.empty() && rejection_of(error)) {
            REQUIRE_FALSE(bytes.has_value());
            CHECK(bytes.reason() == rejection_of(error));
        } else {
            REQUIRE(bytes.has_value());
            auto const value = cr::serializer::Json::load_value(*bytes);
            CHECK(value.has_value() == error.empty());
            if (value)
                CHECK(cr::serializer::Json::dump_value(*value) == text_at(entry, "ok"));
        }
    }
    for (auto const& entry : vectors({"dumps", "max_age"}).as<cr::Array>())
        check(signing::loads(text_at(entry, "signed"), secret_key(), signing::default_dumps_salt,
                             max_age_of(entry), {}, epoch(dict_of(entry).at("at").as<double>())),
              entry);
}

TEST_CASE("Django's signed cookies can be written and read with a TimestampSigner (S-424 to S-426)")
{
    auto const key = "django.http.cookies" + text_at(vectors({"meta"}), "secret_key");
    auto const signer = [&](std::string const& salt) {
        return signing::TimestampSigner{key, {.salt = salt}};
    };
    for (auto const& entry : vectors({"signed_http_cookies", "set"}).as<cr::Array>())
        if (has(entry, "ok"))
            CHECK(signer(text_at(entry, "signer_salt")).sign("hello", vector_clock()) ==
                  text_at(entry, "ok"));

    for (auto const& entry : vectors({"signed_http_cookies", "get"}).as<cr::Array>()) {
        CAPTURE(text_at(entry, "name"));
        auto const salt = text_at(entry, "salt");
        auto const later = has(entry, "seconds_later")
                               ? seconds{dict_of(entry).at("seconds_later").as<std::int64_t>()}
                               : seconds{0};
        auto const read = [&](std::string const& signer_salt) {
            return signer(signer_salt)
                .unsign(text_at(entry, "cookie"), max_age_of(entry), vector_clock() + later);
        };
        auto result = read("django.http.cookies.v2:" + std::to_string(salt.size()) + ":" + salt + "c");
        if (!result && result.reason() == Rejection::bad_signature &&
            dict_of(entry).at("legacy_allowed").as<bool>())
            result = read("c" + salt);
        check(result, entry);
    }
    CHECK(signer(text_at(vectors({"signed_http_cookies"}), "default_salt")).sign("hello", vector_clock()) ==
          text_at(vectors({"signed_http_cookies"}), "default_signed"));
}

TEST_CASE("signers serve many threads at once")
{
    signing::TimestampSigner const signer{"key", {.fallback_keys = {"old key"}}};
    auto const old = signing::TimestampSigner{"old key"}.sign("old", vector_clock());
    std::vector<int> good(8);
    std::vector<std::thread> threads;
    for (auto& count : good)
        threads.emplace_back([&] {
            for (int i = 0; i < 300; ++i) {
                auto const value = std::to_string(i);
                auto const mine = signer.unsign(signer.sign(value));
                count += mine.has_value() && *mine == value && signer.unsign(old).has_value();
            }
        });
    for (auto& thread : threads)
        thread.join();
    CHECK(std::all_of(good.begin(), good.end(), [](int count) { return count == 300; }));
}
