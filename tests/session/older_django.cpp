// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/signing_vectors.hpp"

#include <cloakroom/auth/session_auth_hash.hpp>
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/signer/signing.hpp>
#include <cloakroom/storage/memory.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace {

namespace cr = cloakroom;
using namespace std::chrono_literals;
using cr::signer::Hmac;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, Hmac>;
using Sha1Signer = cr::signing::BasicTimestampSigner<cr::signing::Sha1>;

Hmac legacy_signer()
{
    return Hmac{text_at(vectors({"legacy"}), "secret_key"),
                {.compress_from = cr::signer::compress_like_django}};
}

/// The text of the dictionary that a session reads from this record.
std::string read_from(std::string const& record)
{
    Session::Backend backend{cr::storage::Memory{}, {}, legacy_signer()};
    backend.clock([] { return vector_clock(); });
    auto const key = cr::SessionKey::generate();
    REQUIRE(backend.storage().create(key, {record, vector_clock() + 1h}, vector_clock()));
    Session session{backend, std::string{key.reveal()}};
    return cr::serializer::Json{}.dump(session.items());
}

} // namespace

TEST_CASE("sessions of Django before 3.1 are without data, as for Django since 4.0 (S-850)")
{
    for (auto const& reads : vectors({"legacy", "reads_legacy"}).as<cr::Array>())
        CHECK(reads.as<bool>()); // for Django 3.2 they are sessions
    for (auto const& entry : vectors({"legacy", "pre31_sessions"}).as<cr::Array>())
        CHECK(read_from(text_at(entry, "session_data")) == "{}");
}

TEST_CASE("sessions of Django 3.2 are read and written to the byte (S-057, S-427, S-854)")
{
    CHECK(text_at(vectors({"legacy"}), "django").starts_with("3.2."));
    auto const bound = legacy_signer().bind(cr::storage::session_store_purpose);
    for (auto const& entry : vectors({"legacy", "current_format_by_32"}).as<cr::Array>()) {
        INFO(text_at(entry, "name"));
        CHECK(read_from(text_at(entry, "session_data")) == text_at(entry, "text"));
        auto const ours = bound.sign(text_at(entry, "text"), vector_clock());
        if (text_at(entry, "session_data").starts_with('.')) // whose bytes are those of a build of zlib
            CHECK(read_from(ours) == text_at(entry, "text"));
        else
            CHECK(ours == text_at(entry, "session_data"));
    }
}

TEST_CASE("signatures with SHA-1 are bad ones for sessions, and can be made and read by name (S-851)")
{
    auto const key = cr::Secret{text_at(vectors({"legacy"}), "secret_key")};
    for (auto const& entry : vectors({"legacy", "sha1_dumps"}).as<cr::Array>()) {
        auto const signed_text = text_at(entry, "signed");
        INFO(text_at(entry, "name"));
        CHECK(read_from(signed_text) == "{}");
        CHECK_FALSE(cr::signing::loads(signed_text, key).has_value());
        CHECK(Sha1Signer{key, {.salt = std::string{cr::signing::default_dumps_salt}}}
                  .unsign(signed_text)
                  .has_value());
    }
    auto const hello = text_at(vectors({"legacy"}), "sha1_timestamp_sign");
    CHECK_FALSE(cr::signing::TimestampSigner{cr::Secret{"predictable-key"}}.unsign(hello).has_value());
    auto const by_name = Sha1Signer{cr::Secret{"predictable-key"}}.unsign(hello);
    REQUIRE(by_name.has_value());
    CHECK(*by_name == "hello");

    auto const& both = vectors({"legacy", "signer_legacy_signature"});
    auto const value = text_at(both, "value");
    cr::signing::Signer const signer{text_at(both, "key")};
    CHECK(signer.sign(value) == text_at(both, "sha256"));
    CHECK(signer.unsign(text_at(both, "sha256")).has_value());
    CHECK_FALSE(signer.unsign(text_at(both, "sha1_legacy_salt_form")).has_value());

    auto const& hash = vectors({"legacy", "sha1_auth_hash"});
    cr::auth::SessionAuthHash const hashes{key};
    CHECK_FALSE(hashes(text_at(hash, "password_field")) == text_at(hash, "hex"));
}

TEST_CASE("a row that Django's own model has saved is read (S-050)")
{
    auto const& rows = *vectors({"db_rows", "manager_save"}).get_if<cr::Dict>();
    CHECK(read_from(text_at(rows.at("updates"), "session_data")) == R"({"y":2})");
}

TEST_CASE("a session pickled and signed by Django up to 4.2 is without data (S-053, S-852)")
{
    auto const pickle = vectors({"cache", "pickles"}).as<cr::Array>().at(1);
    auto const bound = legacy_signer().bind(cr::storage::session_store_purpose);
    CHECK(read_from(bound.sign(from_hex(text_at(pickle, "pickle_hex")), vector_clock())) == "{}");
    CHECK(read_from(bound.sign(text_at(pickle, "text"), vector_clock())) == text_at(pickle, "text"));
}

TEST_CASE("a fallback key and a moment in ISO 8601 are read in records of every version (S-853)")
{
    Hmac const old{"a former secret of the site"};
    auto const record = old.bind(cr::storage::session_store_purpose)
                            .sign(R"({"a":1,"_session_expiry":"2026-06-01T12:00:00+00:00"})", vector_clock());
    Session::Backend backend{
        cr::storage::Memory{},
        {},
        Hmac{"the present one", {.fallback_keys = {cr::Secret{"a former secret of the site"}}}}};
    backend.clock([] { return vector_clock(); });
    auto const key = cr::SessionKey::generate();
    REQUIRE(backend.storage().create(key, {record, vector_clock() + 1h}, vector_clock()));
    Session session{backend, std::string{key.reveal()}};
    CHECK(session.get<int>("a") == 1);
    CHECK(session.get_expiry_date() ==
          cr::TimePoint{std::chrono::sys_days{std::chrono::June / 1 / 2026} + 12h});
}

TEST_CASE("the salt of a record is that of every engine of Django, and another class's records are not read "
          "(S-010)")
{
    CHECK(text_at(vectors({"session_encode"}), "key_salt") == cr::storage::session_store_purpose);
    auto const& custom = vectors({"session_encode", "custom_class"});
    auto const bound = legacy_signer().bind(text_at(custom, "key_salt"));
    CHECK(bound.sign(R"({"a":1})", vector_clock()) == text_at(custom, "session_data"));
    CHECK(read_from(text_at(custom, "session_data")) == "{}");
}
