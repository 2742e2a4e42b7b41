// SPDX-License-Identifier: MIT
#include "examples/custom_policies/blake2.hpp"
#include "examples/custom_policies/lmdb.hpp"
#include "examples/custom_policies/message_pack.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

#include <cloakroom.hpp>
#include <cloakroom/testing/serializer_laws.hpp>
#include <cloakroom/testing/session_laws.hpp>
#include <cloakroom/testing/signer_laws.hpp>
#include <cloakroom/testing/storage_laws.hpp>
#include <cloakroom/testing/storage_stress.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace cr = cloakroom;
using custom_policies::Blake2;
using custom_policies::Lmdb;
using custom_policies::LmdbFile;
using custom_policies::MessagePack;
using Session = cr::Session<Lmdb, MessagePack, Blake2>;

namespace {

/// A new file with each call.
auto new_file(TemporaryFolder const& folder)
{
    return [&folder, number = 0]() mutable {
        return Lmdb{folder.path(std::to_string(++number)), {.durable = false}};
    };
}

} // namespace

TEST_CASE("Lmdb keeps the laws of a storage")
{
    TemporaryFolder const folder;
    CHECK(cr::testing::storage_laws(new_file(folder)).schedules > 5'000);
}

TEST_CASE("Lmdb keeps its promises when threads use it at once")
{
    TemporaryFolder const folder;
    Lmdb storage{folder.path("sessions"), {.durable = false}};
    cr::testing::storage_stress(storage);
}

TEST_CASE("MessagePack keeps the laws of a serializer")
{
    CHECK(cr::testing::serializer_laws(MessagePack{}).round_trips > 10);
}

TEST_CASE("Blake2 keeps the laws of a signer")
{
    cr::testing::signer_laws(Blake2{"a secret key of the tests"}, Blake2{"another secret key of the tests"});
}

TEST_CASE("A session of the three loses nothing")
{
    TemporaryFolder const folder;
    cr::testing::session_laws<Session>(new_file(folder), Blake2{"a secret key of the tests"}, {.clients = 2});
}

TEST_CASE("Lmdb works with files that are not its own making")
{
    TemporaryFolder const folder;
    CHECK_THROWS_AS(Lmdb{folder.path("missing/sessions")}, cr::StorageError);
    auto const key = cr::SessionKey::generate();
    auto const now = cr::system_now();
    cr::Record const record{"payload", now + std::chrono::hours{1}};
    {
        Lmdb storage{folder.path("sessions")};
        CHECK(storage.create(key, record, now));
    }
    Lmdb again{folder.path("sessions")};
    REQUIRE(again.load(key, now));
    CHECK(again.load(key, now)->payload == "payload");

    Lmdb small{folder.path("small"), {.max_size = 100'000, .durable = false}};
    CHECK_THROWS_AS(small.create(key, {std::string(200'000, 'x'), record.expires}, now), cr::StorageError);
    CHECK_FALSE(small.load(key, now));
    CHECK(small.create(key, record, now));
}

TEST_CASE("MessagePack writes and reads what the format's specification says")
{
    using namespace std::string_view_literals;
    MessagePack const serializer;
    cr::Dict const dict{{"a", 1}, {"b", cr::Array{-1, true, nullptr, "x"}}, {"c", 1.5}};
    auto const bytes = "\x83\xa1"
                       "a\x01\xa1"
                       "b\x94\xff\xc3\xc0\xa1x\xa1"
                       "c\xcb\x3f\xf8\0\0\0\0\0\0"sv;
    CHECK(serializer.dump(dict) == bytes);
    for (auto const& [text, value] : {std::pair{"\xcc\xff"sv, cr::Value{255}},
                                      {"\xcd\x01\0"sv, 256},
                                      {"\xce\0\x01\0\0"sv, 65536},
                                      {"\xcf\xff\xff\xff\xff\xff\xff\xff\xff"sv, ~std::uint64_t{}},
                                      {"\xd0\x80"sv, -128},
                                      {"\xd1\x80\0"sv, -32768},
                                      {"\xd2\xff\xff\xff\xfe"sv, -2},
                                      {"\xca\x3f\xc0\0\0"sv, 1.5},
                                      {"\xd9\x01x"sv, "x"},
                                      {"\xda\0\x01x"sv, "x"},
                                      {"\xdb\0\0\0\x01x"sv, "x"},
                                      {"\xdc\0\x01\x05"sv, cr::Array{5}},
                                      {"\xdf\0\0\0\x01\xa1x\x05"sv, cr::Dict{{"x", 5}}},
                                      {"\xc7\x01\x01\x37"sv, 7}}) {
        auto const loaded = serializer.load("\x81\xa1k" + std::string{text});
        REQUIRE(loaded);
        CHECK(loaded->at("k") == value);
    }
    for (auto const text :
         {""sv, "\x90"sv, "\x80\x80"sv, "\x81\x01\x01"sv, "\x82\xa1x\x01\xa1x\x01"sv, "\x81\xa1k\xc1"sv,
          "\x81\xa1k\xc4\x01x"sv, "\x81\xa1\xff\x01"sv, "\x81\xa1k\xc7\x01\x02\x37"sv})
        CHECK_FALSE(serializer.load(text));
}
