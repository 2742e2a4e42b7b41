// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/vectors.hpp"

#include <cloakroom/core/base64url.hpp>
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/unsigned.hpp>
#include <cloakroom/storage/memory.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

namespace cr = cloakroom;
using namespace std::chrono_literals;
namespace serializer = cr::serializer;
using Session = cr::Session<cr::storage::Memory, serializer::Json, cr::signer::Unsigned>;

std::string from_base64(std::string text)
{
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    auto const bytes = cr::base64url_decode(text);
    REQUIRE(bytes.has_value());
    return *bytes;
}

/// A session that finds these bytes under its key, as it does beside a Django that pickles.
void check_that_it_counts_as_missing(std::string const& bytes)
{
    CHECK_FALSE(serializer::Json{}.load(bytes).has_value());
    Session::Backend backend{cr::storage::Memory{}};
    auto const key = cr::SessionKey::generate();
    REQUIRE(backend.storage().create(key, {bytes, backend.now() + 1h}, backend.now()));
    Session session{backend, std::string{key.reveal()}};
    CHECK_FALSE(session.contains("a"));
    CHECK(session.keys().empty());
    CHECK(backend.storage().load(key, backend.now())->payload == bytes); // looking at it leaves it
}

} // namespace

TEST_CASE("no pickle is taken for a session, of any protocol, wherever Django keeps it "
          "(S-141, S-503, S-506; not S-504, S-505)")
{
    for (auto const* const group : {"pickles", "old_protocols"})
        for (auto const& entry : vectors({"cache", group}).as<cr::Array>()) {
            INFO(text_at(entry, "pickle_hex"));
            check_that_it_counts_as_missing(from_hex(text_at(entry, "pickle_hex")));
            CHECK(serializer::Json{}.load(text_at(entry, "text")).has_value());
        }
    check_that_it_counts_as_missing(from_hex(text_at(vectors({"cache", "filebased"}), "body_hex")));
    check_that_it_counts_as_missing(from_base64(text_at(vectors({"cache", "database"}), "value")));
}

TEST_CASE("what Django left on a Redis and on a memcached is not taken for a session (S-141, S-501, S-502)")
{
    int count = 0;
    for (auto const& entry : vectors({"servers", "redis", "cases"}).as<cr::Array>())
        for (auto const& stored : entry.get_if<cr::Dict>()->at("entries").as<cr::Array>()) {
            check_that_it_counts_as_missing(from_hex(text_at(stored, "value_hex")));
            ++count;
        }
    CHECK(count > 3);
    auto const reply = text_at(vectors({"servers", "memcached"}), "raw_reply_latin1");
    auto const start = reply.find("\r\n") + 2;
    auto const utf8 = reply.substr(start, reply.rfind("\r\nEND") - start);
    std::string bytes; // each character of the vectors stands for a byte
    for (std::size_t i = 0; i < utf8.size(); ++i) {
        std::uint32_t byte = static_cast<unsigned char>(utf8[i]);
        if (byte >= 0xC0U)
            byte = (byte << 6U) | (static_cast<unsigned char>(utf8[++i]) & 0x3FU);
        bytes += static_cast<char>(byte & 0xFFU);
    }
    CHECK(bytes.size() == 21);
    check_that_it_counts_as_missing(bytes);
}
