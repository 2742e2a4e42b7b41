// SPDX-License-Identifier: MIT
#include <cloakroom/testing/explain.hpp>

#include "support/catch.hpp"
#include "testing/one_fault.hpp"

#include <cloakroom.hpp>

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace cr = cloakroom;
namespace testing = cloakroom::testing;
using cr::Content;
using cr::Record;
using cr::SessionKey;
using cr::Stored;
using cr::TimePoint;
using cr::WriteResult;
using namespace one_fault;

namespace {

// Models that have one fault in one operation, counted as in the concept.

template <std::size_t at, Fault fault>
struct Storage {
    template <class Right, std::size_t number>
    using Answer = Typed<Right, number == at && fault == Fault::other_type>;
    static constexpr bool has(std::size_t number) { return number != at || fault != Fault::missing; }

    Answer<std::optional<Stored>, 0> load(SessionKey const&, TimePoint)
    requires(has(0));
    Answer<bool, 1> create(SessionKey const&, Record const&, TimePoint)
    requires(has(1));
    Answer<WriteResult, 2> commit(SessionKey const&, Stored const&, Record const&, TimePoint)
    requires(has(2));
    Answer<WriteResult, 3> touch(SessionKey const&, Stored const&, TimePoint, TimePoint)
    requires(has(3));
    Answer<WriteResult, 4> rotate(SessionKey const&, Stored const&, SessionKey const&, Record const&,
                                  TimePoint)
    requires(has(4));
    Answer<bool, 5> erase(SessionKey const&)
    requires(has(5));
    Answer<std::size_t, 6> clear_expired(TimePoint, std::size_t)
    requires(has(6));
    static constexpr Answer<std::string_view, 7> purpose{};
    static constexpr Answer<Content, 8> accepts{};
    std::conditional_t<at == 9 && fault != Fault::none, std::mutex, int> unmovable{};
};

template <std::size_t at, Fault fault>
struct ClientSideStorage {
    template <class Right, std::size_t number>
    using Answer = Typed<Right, number == at && fault == Fault::other_type>;
    static constexpr bool has(std::size_t number)
    {
        return number != at || (fault != Fault::missing && fault != Fault::not_const);
    }
    static constexpr bool bends(std::size_t number) { return number == at && fault == Fault::not_const; }

    Answer<std::string, 0> seal(Record) const
    requires(has(0));
    std::string seal(Record)
    requires(bends(0));
    Answer<std::optional<Record>, 1> open(std::string_view) const
    requires(has(1));
    std::optional<Record> open(std::string_view)
    requires(bends(1));
    static constexpr Answer<std::size_t, 2> max_cookie_size{};
    static constexpr Answer<std::string_view, 3> purpose{};
    static constexpr Answer<Content, 4> accepts{};
    std::conditional_t<at == 5 && fault != Fault::none, std::mutex, int> unmovable{};
};

template <std::size_t at, Fault fault>
struct Serializer {
    template <class Right, std::size_t number>
    using Answer = Typed<Right, number == at && fault == Fault::other_type>;
    static constexpr bool has(std::size_t number)
    {
        return number != at || (fault != Fault::missing && fault != Fault::not_const);
    }
    static constexpr bool bends(std::size_t number) { return number == at && fault == Fault::not_const; }

    Answer<std::string, 0> dump(cr::Dict const&) const
    requires(has(0));
    std::string dump(cr::Dict const&)
    requires(bends(0));
    Answer<cr::Result<cr::Dict, cr::DecodeError>, 1> load(std::string_view) const
    requires(has(1));
    cr::Result<cr::Dict, cr::DecodeError> load(std::string_view)
    requires(bends(1));
    static constexpr Answer<Content, 2> output{};
};

template <std::size_t at, Fault fault>
struct Bound {
    template <class Right, std::size_t number>
    using Answer = Typed<Right, number == at && fault == Fault::other_type>;
    static constexpr bool has(std::size_t number)
    {
        return number != at || (fault != Fault::missing && fault != Fault::not_const);
    }
    static constexpr bool bends(std::size_t number) { return number == at && fault == Fault::not_const; }

    Answer<std::string, 0> sign(std::string_view, TimePoint) const
    requires(has(0));
    std::string sign(std::string_view, TimePoint)
    requires(bends(0));
    Answer<cr::Result<std::string, cr::Rejection>, 1> unsign(std::string_view, TimePoint,
                                                             std::optional<cr::Duration>) const
    requires(has(1));
    cr::Result<std::string, cr::Rejection> unsign(std::string_view, TimePoint, std::optional<cr::Duration>)
    requires(bends(1));
};

template <std::size_t at, Fault fault>
struct Signer {
    template <class Right, std::size_t number>
    using Answer = Typed<Right, number == at && fault == Fault::other_type>;
    static constexpr bool has(std::size_t number)
    {
        return number != at || (fault != Fault::missing && fault != Fault::not_const);
    }
    static constexpr bool bends(std::size_t number) { return number == at && fault == Fault::not_const; }

    Answer<Bound<0, Fault::none>, 0> bind(std::string_view) const
    requires(has(0));
    Bound<0, Fault::none> bind(std::string_view)
    requires(bends(0));
    static constexpr Answer<Content, 1> output{};
};

} // namespace

TEST_CASE("explain tells the one operation that is missing, of another type or not const, as the concepts do")
{
    check_all<Storage, Family::storage, 7, 9>(
        {"load", "create", "commit", "touch", "rotate", "erase", "clear_expired", "purpose", "accepts"});
    check_all<ClientSideStorage, Family::client_side_storage, 2, 5>(
        {"seal", "open", "max_cookie_size", "purpose", "accepts"});
    check_all<Serializer, Family::serializer, 2, 3>({"dump", "load", "output"});
    check_all<Signer, Family::signer, 1, 2>({"bind", "output"});
    check_all<Bound, Family::bound_signer, 2, 2>({"sign", "unsign"});
}

TEST_CASE("explain tells that a storage cannot be moved, as the concepts do")
{
    using Unmovable = Storage<9, Fault::missing>;
    STATIC_REQUIRE(!cr::StoragePolicy<Unmovable>);
    CHECK_THAT((explain<Unmovable, Family::storage>()), catch_::ContainsSubstring("it cannot be moved"));
    using UnmovableToo = ClientSideStorage<5, Fault::missing>;
    STATIC_REQUIRE(!cr::ClientSidePolicy<UnmovableToo>);
    CHECK_THAT((explain<UnmovableToo, Family::client_side_storage>()),
               catch_::ContainsSubstring("it cannot be moved"));
}

namespace {

struct PurposePerObject : Storage<99, Fault::none> {
    std::string_view purpose = "mine";
};
struct ContentPerObject : Storage<99, Fault::none> {
    Content accepts = Content::text;
};
struct ContentThatChanges : Storage<99, Fault::none> {
    static inline Content accepts = Content::text;
};
struct PurposeMadeLate : Storage<99, Fault::none> {
    static inline std::string const purpose = "mine";
};
struct SizePerObject : ClientSideStorage<99, Fault::none> {
    std::size_t max_cookie_size = 4096;
};
struct TicketPurposePerObject : ClientSideStorage<99, Fault::none> {
    std::string_view purpose = "mine";
};
struct OutputPerObject : Serializer<99, Fault::none> {
    Content output = Content::text;
};
struct OutputThatChanges : Signer<99, Fault::none> {
    static inline Content output = Content::text;
};

} // namespace

TEST_CASE("A constant of a policy is a constant of its type, for the concepts and for explain")
{
    STATIC_REQUIRE(cr::StoragePolicy<Storage<99, Fault::none>>);
    STATIC_REQUIRE(!cr::StoragePolicy<PurposePerObject>);
    STATIC_REQUIRE(!cr::StoragePolicy<ContentPerObject>);
    STATIC_REQUIRE(!cr::StoragePolicy<ContentThatChanges>);
    STATIC_REQUIRE(!cr::StoragePolicy<PurposeMadeLate>);
    STATIC_REQUIRE(!cr::ClientSidePolicy<SizePerObject>);
    STATIC_REQUIRE(!cr::ClientSidePolicy<TicketPurposePerObject>);
    STATIC_REQUIRE(!cr::SerializerPolicy<OutputPerObject>);
    STATIC_REQUIRE(!cr::SignerPolicy<OutputThatChanges>);

    CHECK_THAT(explain<PurposePerObject>(), catch_::ContainsSubstring("\n  purpose is not static\n"));
    CHECK_THAT(explain<ContentPerObject>(), catch_::ContainsSubstring("\n  accepts is not static\n"));
    CHECK_THAT(explain<ContentThatChanges>(), catch_::ContainsSubstring("\n  accepts is no constant\n"));
    CHECK_THAT(explain<PurposeMadeLate>(), catch_::ContainsSubstring("\n  purpose is no constant\n"));
    CHECK_THAT(explain<SizePerObject>(), catch_::ContainsSubstring("\n  max_cookie_size is not static\n"));
    CHECK_THAT(explain<TicketPurposePerObject>(), catch_::ContainsSubstring("\n  purpose is not static\n"));
    CHECK_THAT(explain<OutputPerObject>(), catch_::ContainsSubstring("\n  output is not static\n"));
    CHECK_THAT(explain<OutputThatChanges>(), catch_::ContainsSubstring("\n  output is no constant\n"));
    CHECK(wanted(explain<OutputThatChanges>()).size() == 1);
}

TEST_CASE("explain has nothing to say of the library's own policies")
{
    STATIC_REQUIRE(testing::fits<cr::storage::Memory>);
    STATIC_REQUIRE(testing::fits<cr::storage::Cached<cr::storage::Memory, cr::storage::File>>);
    STATIC_REQUIRE(testing::fits<cr::storage::SignedCookie>);
    STATIC_REQUIRE(testing::fits<cr::serializer::Json>);
    STATIC_REQUIRE(testing::fits<cr::signer::Hmac>);
    STATIC_REQUIRE(testing::fits<cr::signer::Hmac::Bound>);
    STATIC_REQUIRE(testing::fits<cr::signer::Unsigned>);
    CHECK(explain<cr::storage::Memory>().empty());
    CHECK(explain<cr::storage::SignedCookie>().empty());
    CHECK(explain<cr::serializer::Json>().empty());
    CHECK(explain<cr::signer::Unsigned>().empty());
}

namespace {

struct Hasty {
    std::mutex mutex;
    static constexpr std::string_view purpose = cr::storage::session_store_purpose;

    Stored load(SessionKey const&, TimePoint);
    void create(SessionKey const&, Record const&, TimePoint);
    WriteResult commit(SessionKey const&, Stored const&, Record&, TimePoint);
    WriteResult touch(SessionKey const&, Stored const&, TimePoint, TimePoint);
    bool erase(std::string const&);

private:
    std::size_t clear_expired(TimePoint, std::size_t);
};

struct LoadsInTwoWays : Storage<99, Fault::none> {
    std::optional<Stored> load(std::string const&, TimePoint);
    std::optional<Stored> load(SessionKey const&);
};

struct LoadsForAll final : Storage<99, Fault::none> {
    template <class Key>
    requires std::is_integral_v<Key>
    std::optional<Stored> load(Key const&, TimePoint);
};

struct Forgetful {
    struct Bound {
        std::string sign(std::string_view) const;
    };

    Bound bind(std::string_view) const;
    static constexpr Content output = Content::text;
};

struct Nothing {};

} // namespace

TEST_CASE("explain lists all gaps at once, with what is there instead")
{
    auto const text = explain<Hasty>();
    INFO(text);
    CHECK(wanted(text) == std::vector<std::string>{"load", "create", "commit", "rotate", "erase",
                                                   "clear_expired", "accepts"});
    CHECK_THAT(text, catch_::StartsWith("Hasty is no storage yet; see docs/policies/storage.md\n"));
    CHECK_THAT(text,
               catch_::ContainsSubstring("  load gives Stored\n    wanted: std::optional<Stored> load("));
    CHECK_THAT(text, catch_::ContainsSubstring("  create gives void\n"));
    CHECK_THAT(text, catch_::ContainsSubstring("  commit is WriteResult (Hasty::*)("));
    CHECK_THAT(text, catch_::ContainsSubstring("  erase is bool (Hasty::*)(const std::string"));
    CHECK_THAT(text, catch_::ContainsSubstring("  rotate is missing\n"));
    CHECK_THAT(text, catch_::ContainsSubstring("  accepts is missing\n"));
    CHECK_THAT(text, catch_::ContainsSubstring("  clear_expired is there, but cannot be called like that: it "
                                               "is private, or overloaded for other arguments\n"));
}

TEST_CASE("explain does not call missing what is there and overloaded")
{
    CHECK_THAT(explain<LoadsInTwoWays>(),
               catch_::ContainsSubstring("  load is there, but cannot be called like that: it is private, or "
                                         "overloaded for other arguments\n"));
    CHECK_THAT(explain<LoadsForAll>(), catch_::ContainsSubstring("  load is there, but"));
    CHECK_THAT((explain<Nothing, Family::serializer>()), catch_::ContainsSubstring("  load is missing\n"));
}

TEST_CASE("explain looks into what a signer binds")
{
    auto const text = explain<Forgetful>();
    INFO(text);
    CHECK(wanted(text) == std::vector<std::string>{"bind", "sign", "unsign"});
    CHECK_THAT(text, catch_::ContainsSubstring(
                         "  sign is std::string (Forgetful::Bound::*)(std::string_view) const\n"));
}

TEST_CASE("explain finds out what a type is meant to be, or asks")
{
    CHECK_THAT(explain<Nothing>(), catch_::ContainsSubstring("Nothing has no operation of a storage"));
    CHECK_THAT(explain<int>(), catch_::ContainsSubstring("explain<T, Family::storage>()"));
    CHECK(wanted(explain<Nothing, Family::storage>()).size() == 9);
    struct LoadsRecords {
        std::optional<Stored> load(SessionKey const&, TimePoint);
    };
    CHECK_THAT(explain<LoadsRecords>(), catch_::ContainsSubstring("is no storage yet"));
    struct LoadsBytes {
        cr::Result<cr::Dict, cr::DecodeError> load(std::string_view) const;
    };
    CHECK_THAT(explain<LoadsBytes>(), catch_::ContainsSubstring("is no serializer yet"));
    struct Opens {
        std::optional<Record> open(std::string_view) const;
    };
    CHECK_THAT(explain<Opens>(), catch_::ContainsSubstring("is no client-side storage yet"));
}
