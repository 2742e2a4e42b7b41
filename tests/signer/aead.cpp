// SPDX-License-Identifier: MIT
#include <cloakroom/core/base64url.hpp>
#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/limits.hpp>
#include <cloakroom/core/zlib.hpp>
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/aead.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/storage/memory.hpp>
#include <cloakroom/storage/signed_cookie.hpp>
#include <cloakroom/storage/sqlite.hpp>
#include <cloakroom/testing/session_laws.hpp>
#include <cloakroom/testing/signer_laws.hpp>
#include <cloakroom/testing/ticket_laws.hpp>

#include "support/catch.hpp"
#include "support/in_child.hpp"
#include "support/temporary_folder.hpp"
#include "support/vectors.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

namespace cr = cloakroom;
namespace aead_detail = cr::signer::aead_detail;
using cr::Rejection;
using cr::signer::Aead;
using cr::signer::AeadChaCha20;
using std::chrono::seconds;

static_assert(cr::CookieSignerPolicy<Aead> && cr::CookieSignerPolicy<AeadChaCha20>);
static_assert(cr::SignerPolicy<cr::signer::Hmac> && !cr::CookieSignerPolicy<cr::signer::Hmac>);
static_assert(std::is_copy_constructible_v<Aead::Bound> && std::is_nothrow_move_constructible_v<Aead::Bound>);
static_assert(!std::is_same_v<Aead, AeadChaCha20>);

constexpr cr::TimePoint moment{seconds{1'780'000'000}};

std::string const one(32, '1');
std::string const two(32, '2');
std::string const three(32, '3');

template <class Bound>
std::optional<Rejection> refusal(Bound const& bound, std::string_view text,
                                 std::optional<cr::Duration> max_age = std::nullopt,
                                 cr::TimePoint now = moment)
{
    auto const result = bound.unsign(text, now, max_age);
    return result ? std::optional<Rejection>{} : std::optional{result.reason()};
}

template <class Bound>
std::string payload_of(Bound const& bound, std::string_view text)
{
    auto payload = bound.unsign(text, moment, std::nullopt);
    REQUIRE(payload.has_value());
    return *std::move(payload);
}

// Ciphers of a stranger's choice. The first is one that Aead can be built on.
struct Ocb {
    static constexpr std::string_view name = "AES-256-OCB";
    static constexpr std::string_view botan = "AES-256/OCB";
    static constexpr std::uint8_t code = 77;
    static constexpr std::size_t nonce_size = 12;
    static constexpr std::string_view limit = "2^32 texts";
};
struct UnknownToBotan : Ocb {
    static constexpr std::string_view botan = "AES-512/GCM";
};
struct ShortKey : Ocb {
    static constexpr std::string_view botan = "AES-128/GCM";
};
struct ShortTag : Ocb {
    static constexpr std::string_view botan = "AES-256/GCM(12)";
};
struct LongNonce : Ocb {
    static constexpr std::size_t nonce_size = 24;
};

struct GcmWithLongNonce : cr::signer::AesGcm {
    static constexpr std::size_t nonce_size = 100; // it takes any
};

/// What Python made: tests/vectors/aead.json.
cr::Dict python_vectors()
{
    std::string path = CLOAKROOM_TEST_VECTORS;
    path.replace(path.rfind('/') + 1, std::string::npos, "aead.json");
    std::ifstream file{path};
    std::stringstream text;
    text << file.rdbuf();
    return (*cr::serializer::Json::load_value(text.str())).as<cr::Dict>();
}

/// A text with any content, sealed with the key that bind("purpose", "cookie") derives.
template <std::size_t Size>
std::string well_sealed(std::array<char, Size> const& front, std::string_view rest)
{
    using Algorithm = cr::signer::AesGcm;
    aead_detail::KeyMaterial<Algorithm> const material{one, "purpose", "cookie"};
    return aead_detail::Sealer<Algorithm>{material}.seal(front, rest);
}

} // namespace

TEMPLATE_TEST_CASE("Aead keeps the laws of a signer, with and without compression", "", Aead, AeadChaCha20)
{
    for (auto const compress_from :
         {cr::signer::compress_like_django, std::size_t{1024}, cr::signer::never_compress})
        CHECK_NOTHROW(
            cr::testing::signer_laws(TestType{one, {.compress_from = compress_from}}, TestType{two}));
}

TEMPLATE_TEST_CASE("Aead in a cookie keeps the laws of sessions in the browser", "", Aead, AeadChaCha20)
{
    CHECK_NOTHROW(cr::testing::ticket_laws(
        [] { return cr::storage::SignedCookie{}; },
        cr::testing::TicketSigners<TestType>{.ours = TestType{one},
                                             .stranger = TestType{two},
                                             .successor = TestType{three, {.fallback_keys = {one}}}}));
}

TEST_CASE("Aead reads what another implementation of each of its primitives has sealed")
{
    auto const vectors = python_vectors();
    cr::TimePoint const sealed{cr::Duration{vectors.at("moment").as<std::int64_t>()}};
    std::size_t count = 0;
    auto const check = [&](auto const& signer, auto const& stranger, cr::Value const& entry) {
        auto const purpose = text_at(entry, "purpose");
        auto const cookie = text_at(entry, "cookie");
        auto const text = text_at(entry, "text");
        auto const bound = signer.bind(purpose, cookie);
        auto const result = bound.unsign(text, sealed, cr::Duration::zero());
        REQUIRE(result.has_value());
        CHECK(*result == text_at(entry, "payload"));
        CHECK(refusal(bound, text, cr::Duration::zero(), sealed + cr::Duration{1}) == Rejection::expired);
        CHECK(refusal(stranger.bind(purpose, cookie), text) == Rejection::bad_signature);
        CHECK(refusal(signer.bind(purpose, cookie + "x"), text) == Rejection::bad_signature);
        // What is sealed here begins as Python's does: with the format, the algorithm and the key's number.
        CHECK(bound.sign("", sealed).substr(0, 8) == text.substr(0, 8));
        ++count;
    };
    for (auto const& entry : vectors.at("entries").as<cr::Array>()) {
        auto const secret = text_at(entry, "secret");
        if (text_at(entry, "algorithm") == cr::signer::AesGcm::name)
            check(Aead{secret}, AeadChaCha20{secret}, entry);
        else
            check(AeadChaCha20{secret}, Aead{secret}, entry);
    }
    CHECK(count == 10);
}

TEST_CASE("the memory of one long session is given back with the next short one")
{
    using cr::signer::aead_detail::Buffer;
    cr::signer::aead_detail::Memory memory;
    Buffer{memory, 100};
    CHECK(memory.capacity() >= 100);
    auto const* const kept = memory.data();
    Buffer{memory, 90};
    CHECK(memory.data() == kept);
    Buffer{memory, Buffer::kept + 1};
    CHECK(memory.capacity() > Buffer::kept);
    Buffer{memory, 100};
    CHECK(memory.capacity() <= Buffer::kept);
}

TEST_CASE("keys are derived as RFC 5869 derives them (R36)")
{
    auto const bytes = [](int first, int count) {
        std::string text;
        for (int i = 0; i < count; ++i)
            text += static_cast<char>(first + i);
        return text;
    };
    auto const hex = [](auto const& derived) {
        std::string text;
        for (auto const byte : derived)
            for (auto const digit : {byte >> 4, byte & 15})
                text += "0123456789abcdef"[digit];
        return text;
    };
    // The first 64 bytes of its vectors A.1 to A.3, of which the first and the last have 42.
    CHECK_THAT(hex(aead_detail::hkdf(bytes(0, 13), std::string(22, '\x0b'), bytes(0xf0, 10))),
               catch_::StartsWith("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
                                  "34007208d5b887185865"));
    CHECK(hex(aead_detail::hkdf(bytes(0x60, 80), bytes(0, 80), bytes(0xb0, 80))) ==
          "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
          "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71");
    CHECK_THAT(hex(aead_detail::hkdf("", std::string(22, '\x0b'), "")),
               catch_::StartsWith("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
                                  "9d201395faa4b61a96c8"));
}

TEST_CASE("a text is bound to purpose and cookie, each with its length")
{
    Aead const signer{one};
    std::vector<std::pair<std::string, std::string>> const uses{
        {"ab", "c"}, {"a", "bc"}, {"abc", ""}, {"", "abc"}, {"ab", "d"}, {"ac", "c"}, {"ab", "C"}};
    for (auto const& made_for : uses) {
        auto const text = signer.bind(made_for.first, made_for.second).sign("payload", moment);
        for (auto const& [purpose, cookie] : uses) {
            auto const bound = signer.bind(purpose, cookie);
            if (std::pair{purpose, cookie} == made_for)
                CHECK(payload_of(bound, text) == "payload");
            else
                CHECK(refusal(bound, text) == Rejection::bad_signature);
        }
    }
    CHECK(payload_of(signer.bind("p", ""), signer.bind("p").sign("payload", moment)) == "payload");
    CHECK(aead_detail::length_prefixed({"ab", "c"}) != aead_detail::length_prefixed({"a", "bc"}));
    CHECK(aead_detail::length_prefixed({"ab", ""}) != aead_detail::length_prefixed({"ab"}));
}

TEST_CASE("a session's cookie under another cookie's name is refused, and under its own taken")
{
    using Session = cr::Session<cr::storage::SignedCookie, cr::serializer::Json, Aead>;
    auto const named = [](char const* name) { return cr::Settings{.cookie_name = name}; };
    Session::Backend shop{cr::storage::SignedCookie{}, {}, Aead{one}, named("shop")};
    Session::Backend also_shop{cr::storage::SignedCookie{}, {}, Aead{one}, named("shop")};
    Session::Backend admin{cr::storage::SignedCookie{}, {}, Aead{one}, named("admin")};
    Session session{shop};
    session["visit"] = 11;
    session.save();
    auto const ticket = session.session_key()->reveal();
    CHECK(Session{also_shop, ticket}.get("visit", 0) == 11);
    CHECK(Session{admin, ticket}.get("visit", 0) == 0);
}

TEMPLATE_TEST_CASE("Aead tells whoever can open a text when it was sealed", "", Aead, AeadChaCha20)
{
    auto const text = TestType{one}.bind("purpose").sign("payload", moment);
    CHECK(TestType{one}.bind("purpose").signed_at(text) == moment);
    CHECK(TestType{two, {.fallback_keys = {one}}}.bind("purpose").signed_at(text) == moment);
    CHECK_FALSE(TestType{one}.bind("another").signed_at(text).has_value());
    CHECK_FALSE(TestType{two}.bind("purpose").signed_at(text).has_value());
    CHECK_FALSE(TestType{one}.bind("purpose").signed_at("").has_value());
}

TEMPLATE_TEST_CASE("Aead tells whether a text is sealed with the current key", "", Aead, AeadChaCha20)
{
    auto const text = TestType{one}.bind("purpose").sign("payload", moment);
    CHECK(TestType{one}.bind("purpose").is_current(text));
    CHECK(TestType{one, {.fallback_keys = {two}}}.bind("purpose").is_current(text));
    CHECK_FALSE(TestType{two, {.fallback_keys = {one}}}.bind("purpose").is_current(text));
}

TEST_CASE("neither algorithm opens the other's texts, nor Hmac's")
{
    auto const gcm = Aead{one}.bind("p");
    auto const chacha = AeadChaCha20{one}.bind("p");
    auto const hmac = cr::signer::Hmac{one}.bind("p");
    auto const by_gcm = gcm.sign("payload", moment);
    auto const by_chacha = chacha.sign("payload", moment);
    auto const by_hmac = hmac.sign("payload", moment);
    CHECK(refusal(gcm, by_gcm) == std::nullopt);
    CHECK(refusal(gcm, by_chacha) == Rejection::bad_signature);
    CHECK(refusal(gcm, by_hmac) == Rejection::bad_signature);
    CHECK(refusal(chacha, by_chacha) == std::nullopt);
    CHECK(refusal(chacha, by_gcm) == Rejection::bad_signature);
    CHECK(refusal(chacha, by_hmac) == Rejection::bad_signature);
    CHECK(refusal(hmac, by_gcm) == Rejection::bad_signature);

    // A text that names the other algorithm, or another key of ours, is still sealed with its own.
    auto const rotated = Aead{two, {.fallback_keys = {one}}}.bind("p");
    CHECK(refusal(chacha, by_chacha.substr(0, 8) + by_gcm.substr(8)) == Rejection::bad_signature);
    CHECK(refusal(rotated, rotated.sign("", moment).substr(0, 8) + by_gcm.substr(8)) ==
          Rejection::bad_signature);
    CHECK(refusal(rotated, by_gcm) == std::nullopt);
}

TEST_CASE("the newest key seals, older ones only open, wherever they stand")
{
    auto const rotated = Aead{three, {.fallback_keys = {two, one}}}.bind("purpose");
    auto const text = rotated.sign("payload", moment);
    CHECK(payload_of(Aead{three}.bind("purpose"), text) == "payload");
    for (auto const& old : {one, two}) {
        auto const bound = Aead{old}.bind("purpose");
        CHECK(refusal(bound, text) == Rejection::bad_signature);
        CHECK(payload_of(rotated, bound.sign("old payload", moment)) == "old payload");
    }
    auto const foreign = Aead{std::string(32, '4')}.bind("purpose").sign("payload", moment);
    CHECK(refusal(rotated, foreign) == Rejection::bad_signature);
}

TEST_CASE("keys of fewer than 32 bytes are refused, and no refusal repeats them")
{
    auto const refused = [](cr::Secret const& key, std::vector<cr::Secret> const& fallback_keys = {}) {
        try {
            Aead const signer{key, {.fallback_keys = fallback_keys}};
            return std::string{};
        } catch (cr::ImproperlyConfigured const& error) {
            return std::string{error.what()};
        }
    };
    CHECK(refused(one).empty());
    CHECK(refused(std::string(32, '\0')).empty()); // raw bytes are a key like any other
    CHECK(refused(one, {two}).empty());
    for (auto const& message :
         {refused("swordfish"), refused(std::string(31, 'k')), refused(one, {"swordfish"})}) {
        CHECK_THAT(message, catch_::StartsWith("secret_key: "));
        CHECK_THAT(message, !catch_::ContainsSubstring("swordfish") && !catch_::ContainsSubstring("kk"));
    }
    CHECK_THROWS_AS(Aead{""}, cr::ImproperlyConfigured);

    Aead signer{one};
    auto const taken = std::move(signer);
    CHECK_NOTHROW(taken.bind("purpose"));
    CHECK_THROWS_AS(signer.bind("purpose"), cr::ImproperlyConfigured); // NOLINT(bugprone-use-after-move)
}

TEST_CASE("a cipher that Botan lacks, or that has other sizes, is refused when the signer is bound")
{
    using cr::signer::BasicAead;
    auto const refused = [](auto const& signer) {
        try {
            static_cast<void>(signer.bind("purpose"));
            return std::string{};
        } catch (cr::ImproperlyConfigured const& error) {
            return std::string{error.what()};
        }
    };
    CHECK(refused(BasicAead<Ocb>{one}).empty());
    auto const bound = BasicAead<Ocb>{one}.bind("purpose");
    CHECK(payload_of(bound, bound.sign("payload", moment)) == "payload");

    CHECK(refused(BasicAead<UnknownToBotan>{one}) == "signer::BasicAead: this Botan has no AES-512/GCM");
    for (auto const& message : {refused(BasicAead<ShortKey>{one}), refused(BasicAead<ShortTag>{one}),
                                refused(BasicAead<LongNonce>{one})})
        CHECK_THAT(message, catch_::StartsWith("signer::BasicAead: ") &&
                                catch_::EndsWith(" does not take keys of 32 bytes, nonces of nonce_size and "
                                                 "tags of 16"));
}

TEST_CASE("a bound Aead needs neither its signer nor the object that it was copied from")
{
    std::optional<Aead> signer{one};
    std::optional<Aead::Bound> first{signer->bind("purpose")};
    signer.reset();
    auto const copy = *first;
    first.reset();
    CHECK(payload_of(copy, copy.sign("payload", moment)) == "payload");
}

TEST_CASE("nothing of a payload can be read in its text")
{
    std::string const payload(100, 'x');
    auto const text = Aead{one}.bind("purpose").sign(payload, moment);
    auto const bytes = cr::base64url_decode(text).value();
    CHECK(bytes.find("xx") == std::string::npos);
    CHECK(bytes.size() == 6 + 12 + 9 + payload.size() + 16);
}

TEST_CASE("what was decrypted is wiped when the caller is done with it, or has thrown")
{
    using Algorithm = cr::signer::AesGcm;
    aead_detail::KeyMaterial<Algorithm> const material{one, "purpose", "cookie"};
    aead_detail::Opener<Algorithm> const opener{material};
    auto const text = well_sealed(std::array<char, 9>{}, "payload");
    std::string_view seen; // the opener keeps the memory for the next text
    auto const look = [&](std::string_view opened) {
        CHECK(opened.substr(9) == "payload");
        seen = opened;
        return true;
    };
    auto const is_wiped = [&] { return seen == std::string(9 + 7, '\0'); };
    REQUIRE(opener.open(text, look).has_value());
    CHECK(is_wiped());
    CHECK_THROWS_AS(opener.open(text,
                                [&](std::string_view opened) {
                                    look(opened);
                                    throw cr::TypeError{"no memory, say"};
                                    return true;
                                }),
                    cr::TypeError);
    CHECK(is_wiped());
}

TEST_CASE("compression is tried only if the options say so, and read either way")
{
    std::string const payload(2'000, 'x');
    auto const plain = Aead{one}.bind("p");
    auto const compressing = Aead{one, {.compress_from = 1024}}.bind("p");
    CHECK(plain.sign(payload, moment).size() > 2'000);
    CHECK(compressing.sign(payload, moment).size() < 200);
    CHECK(compressing.sign(payload.substr(0, 1023), moment).size() > 1'023);
    CHECK(payload_of(plain, compressing.sign(payload, moment)) == payload);
    CHECK(payload_of(compressing, plain.sign(payload, moment)) == payload);
}

TEST_CASE("the age of a sealed text counts to the microsecond")
{
    auto const bound = Aead{one}.bind("p");
    auto const text = bound.sign("payload", moment + cr::Duration{999'999});
    CHECK(refusal(bound, text, seconds{10}, moment + cr::Duration{10'999'999}) == std::nullopt);
    CHECK(refusal(bound, text, seconds{10}, moment + cr::Duration{11'000'000}) == Rejection::expired);
    for (auto const now :
         {cr::earliest_time, cr::TimePoint{}, cr::latest_time, cr::TimePoint::min(), cr::TimePoint::max()})
        CHECK(refusal(bound, bound.sign("a", now), seconds{1}, now) == std::nullopt);
}

TEST_CASE("well sealed content that is none of ours is malformed, whatever it is")
{
    auto const bound = Aead{one}.bind("purpose", "cookie");
    using Front = std::array<char, 9>;
    CHECK(refusal(bound, well_sealed(Front{}, "payload")) == std::nullopt);
    CHECK(refusal(bound, well_sealed(std::array<char, 1>{}, "")) == Rejection::malformed);
    CHECK(refusal(bound, well_sealed(std::array<char, 8>{}, "")) == Rejection::malformed);
    CHECK(refusal(bound, well_sealed(Front{}, "")) == std::nullopt);
    for (char const marker : {'\1', '\2', '\xff'})
        CHECK(refusal(bound, well_sealed(Front{0, 0, 0, 0, 0, 0, 0, 0, marker}, "no stream")) ==
              Rejection::malformed);

    cr::Deflater deflater;
    Front const compressed{0, 0, 0, 0, 0, 0, 0, 0, '\1'};
    std::string const largest(cr::max_payload_size, 'x');
    CHECK(payload_of(bound, well_sealed(compressed, *deflater.compress(largest, largest.size()))) == largest);
    CHECK(refusal(bound, well_sealed(compressed, *deflater.compress(largest + 'x', largest.size()))) ==
          Rejection::malformed);
}

TEST_CASE("a payload above the limit is not sealed, and a text that would hold one is not looked at")
{
    auto const bound = Aead{one}.bind("p");
    std::string const largest(cr::max_payload_size, 'x');
    auto const text = bound.sign(largest, moment);
    CHECK(payload_of(bound, text) == largest);
    CHECK_THROWS_AS(bound.sign(largest + 'x', moment), cr::TypeError);
    CHECK(refusal(bound, text + std::string(200, 'A')) == Rejection::bad_signature);
    auto const with_long_nonce = cr::signer::BasicAead<GcmWithLongNonce>{one}.bind("p");
    CHECK(payload_of(with_long_nonce, with_long_nonce.sign(largest, moment)) == largest);
}

TEST_CASE("no number is used twice: not in a row, not by threads of two processes, not by a copied machine")
{
    auto const bound = Aead{one}.bind("p");
    auto const nonce = [](std::string const& text) { return text.substr(8, 16); };
    std::set<std::string> seen;
    for (int i = 0; i < 5'000; ++i)
        seen.insert(nonce(bound.sign("the same", moment)));
    CHECK(seen.size() == 5'000);

    std::array<std::uint8_t, 12> ours{};
    std::array<std::uint8_t, 12> theirs{};
    aead_detail::Nonces<12> nonces{{1, 2}};
    nonces.next("a", ours);
    // A child draws anew, although it has inherited the batch.
    TemporaryFolder const folder;
    auto const path = folder.path("nonce");
    REQUIRE(in_child([&] {
                nonces.next("a", theirs);
                std::ofstream{path}.write(reinterpret_cast<char const*>(theirs.data()), theirs.size());
                return true;
            }) == 0);
    nonces.next("a", ours);
    std::ifstream{path}.read(reinterpret_cast<char*>(theirs.data()), theirs.size());
    CHECK(ours != theirs);
    CHECK(theirs != std::array<std::uint8_t, 12>{});

    // The copy of a machine has the same batch, and cannot know it.
    auto copied = nonces;
    nonces.next("a", ours);
    copied.next("b", theirs);
    CHECK(ours != theirs);
    nonces.next("c", ours);
    copied.next("c", theirs);
    CHECK(ours == theirs); // as it has to be: else the batch would not be the same one
}

TEST_CASE("encrypted sessions on Memory lose nothing in any order of two requests' storage calls")
{
    using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, Aead>;
    auto const report = cr::testing::session_laws<Session>([] { return cr::storage::Memory{}; }, Aead{one},
                                                           {.clients = 2, .limit = 20});
    CHECK(report.schedules > 100);
}

TEST_CASE("encrypted sessions live in a database that nobody can read them from")
{
    using Session = cr::Session<cr::storage::Sqlite, cr::serializer::Json, Aead>;
    TemporaryFolder const folder;
    auto const path = folder.path("sessions.sqlite3");
    cr::storage::Sqlite storage{path};
    storage.migrate();
    Session::Backend backend{std::move(storage), {}, Aead{one}};
    Session session{backend};
    session["greeting"] = "a text that is easy to find";
    session.save();
    CHECK(Session{backend, session.session_key()}.at("greeting") == cr::Value{"a text that is easy to find"});

    std::string stored;
    for (auto const* const suffix : {"", "-wal"}) {
        std::ifstream file{path + suffix, std::ios::binary};
        std::stringstream bytes;
        bytes << file.rdbuf();
        stored += bytes.str();
    }
    CHECK(stored.find(session.session_key()->reveal()) != std::string::npos); // we look at the right place
    CHECK(stored.find("easy to find") == std::string::npos);
    CHECK(stored.find("greeting") == std::string::npos);
}
