// SPDX-License-Identifier: MIT
#include <cloakroom/storage/cached.hpp>

#include "support/catch.hpp"
#include "support/shared_storage.hpp"
#include "support/storage.hpp"
#include "support/temporary_folder.hpp"

#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/storage/file.hpp>
#include <cloakroom/storage/hashed_keys.hpp>
#include <cloakroom/storage/memory.hpp>
#include <cloakroom/storage/sqlite.hpp>
#include <cloakroom/testing/fault_injection.hpp>
#include <cloakroom/testing/manual_clock.hpp>
#include <cloakroom/testing/storage_laws.hpp>
#include <cloakroom/testing/storage_stress.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cr = cloakroom;
using cr::WriteResult;
using cr::storage::Cached;
using cr::storage::CachedOptions;
using cr::storage::File;
using cr::storage::HashedKeys;
using cr::storage::Memory;
using cr::storage::Sqlite;
using cr::storage::detail::CachedEntry;
using cr::testing::Faults;
using cr::testing::Moment;
using namespace std::chrono_literals;

namespace {

using Engine = cr::testing::Faulty<SharedStorage<Memory>>;

auto const a = numbered_key(1);
auto const b = numbered_key(2);

/// Both engines in memory, their calls counted, and a clock. More than one Cached may use them.
struct Programs {
    SharedStorage<Memory> cache;
    SharedStorage<Memory> store;
    Faults cache_calls;
    Faults store_calls;
    cr::testing::ManualClock clock{test_now};
    CachedOptions options{.clock = clock};

    Cached<Engine, Engine> open()
    {
        return {Engine{cache, cache_calls}, Engine{store, store_calls}, options};
    }

    /// How many calls of the cache and of the store `work` makes.
    template <class Work>
    std::pair<std::size_t, std::size_t> count(Work const& work)
    {
        cache_calls.reset_counts();
        store_calls.reset_counts();
        work();
        return {cache_calls.count(), store_calls.count()};
    }
    /// The entry in the cache, dead or not.
    std::string entry() { return cache.load(a, cr::earliest_time).value().payload; }
};

using Calls = std::pair<std::size_t, std::size_t>;

/// A cache that takes no value of more than 100 bytes.
struct Narrow : Memory {
    static void check(cr::Record const& record)
    {
        if (record.payload.size() > 100)
            throw cr::StorageError{"too large for a value"};
    }
    bool create(cr::SessionKey const& key, cr::Record const& record, cr::TimePoint now)
    {
        check(record);
        return Memory::create(key, record, now);
    }
    WriteResult commit(cr::SessionKey const& key, cr::Stored const& seen, cr::Record const& record,
                       cr::TimePoint now)
    {
        check(record);
        return Memory::commit(key, seen, record, now);
    }
};

struct Bytes : Memory {
    static constexpr std::string_view purpose = "a purpose of its own";
};

enum class Work { miss, hit, create, commit, touch, rotate, erase };

/// Does it, with a record of a that was seen, and says whether the answer is right.
template <class Storage>
bool does(Work work, Storage& storage, cr::Stored const& seen)
{
    switch (work) {
    case Work::miss:
    case Work::hit:
        return storage.load(a, test_now) == seen;
    case Work::create:
        return storage.create(a, record_of("2"), test_now);
    case Work::commit:
        return storage.commit(a, seen, record_of("2"), test_now) == WriteResult::committed;
    case Work::touch:
        return storage.touch(a, seen, test_now + 2h, test_now) == WriteResult::committed;
    case Work::rotate:
        return storage.rotate(a, seen, b, record_of("2"), test_now) == WriteResult::committed;
    case Work::erase:
        return storage.erase(a);
    }
    return false;
}

Sqlite new_sqlite(std::string const& path)
{
    Sqlite storage{path};
    storage.migrate();
    return storage;
}

} // namespace

TEST_CASE("Cached keeps the storage laws over Memory, Sqlite and File, behind caches of every kind")
{
    auto const free = cr::testing::Freedom{.expired_may_leave = true};
    auto const memory = [] { return Cached{Memory{}, Memory{}}; };
    CHECK(cr::testing::storage_laws(memory, {.depth = 6, .clients = 2, .freedom = free}).schedules > 20'000);
    CHECK(cr::testing::storage_laws(memory, {.depth = 5, .clients = 3, .freedom = free}).schedules > 8000);
    auto const tiny = [] { return Cached{Memory{{.max_records = 1}}, Memory{}}; };
    CHECK(cr::testing::storage_laws(tiny, {.depth = 4, .freedom = free}).schedules > 800);

    TemporaryFolder const folder;
    Cached sqlite{Memory{}, new_sqlite(folder.path("store"))};
    auto const use_sqlite = [&]() -> auto& { return sqlite; };
    CHECK(cr::testing::storage_laws(use_sqlite, {.depth = 4, .clients = 2}).schedules > 500);
    CHECK(cr::testing::storage_laws(use_sqlite, {.depth = 4, .clients = 3}).schedules > 800);

    Cached texts{HashedKeys{new_sqlite(folder.path("cache"))}, new_sqlite(folder.path("store"))};
    auto const use_texts = [&]() -> auto& { return texts; };
    CHECK(cr::testing::storage_laws(use_texts, {.depth = 3}).schedules > 50);
    Cached files{File{folder.path("")}, Memory{}};
    auto const use_files = [&]() -> auto& { return files; };
    CHECK(cr::testing::storage_laws(use_files, {.depth = 3, .freedom = free}).schedules > 50);
}

TEST_CASE("Cached stands the stress of real threads")
{
    Cached memory{Memory{}, Memory{}};
    CHECK_NOTHROW(cr::testing::storage_stress(memory, {.threads = 4, .rounds = 300}));
    Cached losing{Memory{{.max_records = 1}}, Memory{}};
    CHECK_NOTHROW(cr::testing::storage_stress(losing, {.threads = 4, .rounds = 100}));
    TemporaryFolder const folder;
    Cached sqlite{Memory{}, new_sqlite(folder.path("store"))};
    CHECK_NOTHROW(cr::testing::storage_stress(sqlite, {.threads = 3, .rounds = 20}));
}

TEST_CASE("A hit asks the cache alone; a write leaves the record there for the next program (S-161, S-162)")
{
    Programs programs;
    auto first = programs.open();
    auto second = programs.open();
    CHECK(programs.count([&] { first.create(a, record_of("1"), test_now); }) == Calls{4, 2});
    CHECK(programs.count([&] { CHECK(second.load(a, test_now)->payload == "1"); }) == Calls{1, 0});
    auto const seen = *second.load(a, test_now);
    CHECK(seen == *programs.store.load(a, test_now));
    CHECK(programs.count([&] { second.commit(a, seen, record_of("2"), test_now); }) == Calls{4, 2});
    CHECK(programs.count([&] { CHECK(first.load(a, test_now)->payload == "2"); }) == Calls{1, 0});
    auto const newer = *first.load(a, test_now);
    CHECK(first.rotate(a, newer, b, record_of("3"), test_now) == WriteResult::committed);
    CHECK(programs.count([&] { CHECK(first.load(b, test_now)->payload == "3"); }) == Calls{1, 0});
    CHECK(programs.count([&] { CHECK_FALSE(second.load(a, test_now)); }) == Calls{4, 1});
    CHECK(programs.count([&] { CHECK(second.erase(b)); }) == Calls{4, 1});
    CHECK_FALSE(first.load(b, test_now));
}

TEST_CASE("What the cache has dropped is only missed (S-161)")
{
    Programs programs;
    auto storage = programs.open();
    storage.create(a, record_of("1"), test_now);
    programs.cache.erase(a);
    CHECK(programs.count([&] { CHECK(storage.load(a, test_now)->payload == "1"); }) == Calls{4, 1});
    CHECK(programs.count([&] { CHECK(storage.load(a, test_now)->payload == "1"); }) == Calls{1, 0});
}

TEST_CASE("A cached record ends when the stored one does, and answers for value_time at most")
{
    Programs programs;
    auto storage = programs.open();
    storage.create(a, record_of("1", test_now + 5s), test_now);
    CHECK(programs.cache.load(a, test_now)->expires == test_now + 5s);
    CHECK(storage.load(a, test_now + 5s - microsecond)->expires == test_now + 5s);
    CHECK_FALSE(storage.load(a, test_now + 5s));

    storage.create(b, record_of("1", test_now + 48h), test_now);
    CHECK(programs.cache.load(b, test_now)->expires == test_now + 1h);
    programs.store.commit(b, *programs.store.load(b, test_now), record_of("2", test_now + 48h), test_now);
    programs.clock.set(test_now + 1h - microsecond);
    CHECK(storage.load(b, programs.clock())->payload == "1");
    programs.clock.advance(microsecond);
    CHECK(storage.load(b, programs.clock())->payload == "2");
    CHECK(programs.count([&] { storage.load(b, programs.clock()); }) == Calls{1, 0});
}

TEST_CASE("A session deleted in the store alone stays readable from the cache, but cannot be saved (S-167)")
{
    Programs programs;
    auto storage = programs.open();
    storage.create(a, record_of("1"), test_now);
    programs.store.erase(a);
    auto const seen = storage.load(a, test_now);
    REQUIRE(seen);
    CHECK(storage.commit(a, *seen, record_of("2"), test_now) == WriteResult::absent);
    CHECK_FALSE(storage.load(a, test_now)); // and then it is known, other than with Django
}

TEST_CASE("While somebody else's lease is there the store answers, until its time is over")
{
    Programs programs;
    auto storage = programs.open();
    storage.create(a, record_of("1"), test_now);
    auto const until = test_now + programs.options.lease_time;
    for (auto const& lease :
         {CachedEntry::reading(until), CachedEntry::writing({{CachedEntry::new_name(), until}})}) {
        programs.cache.erase(a);
        programs.cache.create(a, {lease, until}, test_now);
        programs.clock.set(until - microsecond);
        CHECK(programs.count([&] { CHECK(storage.load(a, programs.clock())); }) == Calls{1, 1});
        CHECK(programs.entry() == lease);
        programs.clock.set(until);
        CHECK(programs.count([&] { CHECK(storage.load(a, programs.clock())); }) == Calls{4, 1});
        CHECK(programs.count([&] { CHECK(storage.load(a, programs.clock())); }) == Calls{1, 0});
        programs.clock.set(test_now);
    }
}

TEST_CASE("A lease of another writer is kept by the one that comes, who then caches nothing")
{
    Programs programs;
    auto storage = programs.open();
    storage.create(a, record_of("1"), test_now);
    auto const until = test_now + programs.options.lease_time;
    auto const name = CachedEntry::new_name();
    programs.cache.erase(a);
    programs.cache.create(a, {CachedEntry::writing({{name, until}}), until}, test_now);
    auto const seen = *storage.load(a, test_now);
    CHECK(storage.commit(a, seen, record_of("2"), test_now) == WriteResult::committed);
    auto const text = programs.entry();
    auto const entry = CachedEntry::parse(text);
    CHECK(entry.kind == CachedEntry::Kind::writing);
    REQUIRE(entry.writers.size() == 1);
    CHECK(entry.writers.front().name == name);
    CHECK(storage.load(a, test_now)->payload == "2");
}

TEST_CASE("What somebody else has put into the cache is told and left alone")
{
    Programs programs;
    auto storage = programs.open();
    programs.store.create(a, record_of("1"), test_now);
    auto const lease = CachedEntry::writing({{CachedEntry::new_name(), test_now}});
    auto const value = CachedEntry::value({"payload", test_now, 1}, test_now);
    CHECK_NOTHROW(CachedEntry::parse(lease));
    CHECK(CachedEntry::parse(value).payload == "payload");
    auto wrong_digit = value;
    wrong_digit[5] = 'x';
    for (auto const& text :
         {std::string{}, std::string{"c"}, std::string{"c1"}, std::string{"c1v"}, std::string{"c1x"},
          std::string{"somebody else's"}, value.substr(0, 50), wrong_digit, lease.substr(0, 34), lease + "0",
          lease.substr(0, lease.size() - 1), CachedEntry::reading(test_now) + "0"}) {
        INFO(text);
        programs.cache.erase(a);
        programs.cache.create(a, record_of(text), test_now);
        cr::Stored const seen{"1", test_now + 1h, 1};
        CHECK_THROWS_AS(storage.load(a, test_now), cr::StorageError);
        CHECK_THROWS_AS(storage.create(a, record_of("2"), test_now), cr::StorageError);
        CHECK_THROWS_AS(storage.commit(a, seen, record_of("2"), test_now), cr::StorageError);
        CHECK_THROWS_AS(storage.rotate(b, seen, a, record_of("2"), test_now), cr::StorageError);
        CHECK_THROWS_AS(storage.erase(a), cr::StorageError);
        CHECK(programs.entry() == text);
        CHECK(programs.store.load(a, test_now)->payload == "1");
    }
}

TEST_CASE("A record that the cache refuses is served and written from the store, the others from the cache")
{
    Cached storage{Narrow{}, Memory{}, {.clock = [] { return test_now; }}};
    std::string const large(1000, 'x');
    CHECK(storage.create(a, record_of(large), test_now));
    CHECK(storage.load(a, test_now)->payload == large);
    CHECK(storage.commit(a, *storage.load(a, test_now), record_of(large + "y"), test_now) ==
          WriteResult::committed);
    CHECK(storage.load(a, test_now)->payload == large + "y");
    CHECK(storage.commit(a, *storage.load(a, test_now), record_of("small"), test_now) ==
          WriteResult::committed);
    CHECK(CachedEntry::parse(storage.cache().load(a, test_now)->payload).payload == "small");
}

TEST_CASE("Whichever call fails, the cache and the store agree, and what was not done or not known is told")
{
    // Calls of both engines, and how many of them are not told when they fail: reading what was written and
    // putting it into the cache, since the answer is known without.
    struct Expected {
        Work work;
        std::size_t calls;
        std::size_t untold;
    };
    for (auto const expected :
         {Expected{Work::miss, 5, 1}, Expected{Work::hit, 1, 0}, Expected{Work::create, 6, 2},
          Expected{Work::commit, 6, 2}, Expected{Work::touch, 6, 2}, Expected{Work::rotate, 10, 2},
          Expected{Work::erase, 5, 0}})
        for (auto const moment : {Moment::before, Moment::after}) {
            std::size_t untold = 0;
            std::size_t call = 0;
            for (;;) {
                INFO(static_cast<int>(expected.work) << ", call " << call + 1);
                Programs programs;
                programs.store_calls = programs.cache_calls; // one count for both
                if (expected.work != Work::create)
                    programs.open().create(a, record_of("1"), test_now);
                if (expected.work == Work::miss)
                    programs.cache.erase(a);
                cr::Stored const seen =
                    programs.store.load(a, test_now).value_or(cr::Stored{"", test_now, 0});
                auto storage = programs.open();
                programs.cache_calls.reset_counts();
                programs.cache_calls.fail_call(++call, moment);
                bool told = false;
                bool is_right = false;
                try {
                    is_right = does(expected.work, storage, seen);
                } catch (cr::StorageError const&) {
                    told = true;
                }
                CHECK(told != is_right);
                auto const failed = programs.cache_calls.failed().has_value();
                programs.cache_calls.heal();
                if (!failed)
                    break;
                untold += told ? 0 : 1;
                for (auto const wait : {cr::Duration{0}, programs.options.lease_time, cr::Duration{0}}) {
                    programs.clock.advance(wait);
                    auto const now = programs.clock();
                    CHECK(programs.open().load(a, now) == programs.store.load(a, now));
                    CHECK(programs.open().load(b, now) == programs.store.load(b, now));
                }
                if (expected.work == Work::erase) { // done again, it is done
                    storage.erase(a);
                    CHECK_FALSE(programs.open().load(a, test_now));
                }
            }
            CHECK(call - 1 == expected.calls);
            CHECK(untold == expected.untold);
        }
}

TEST_CASE("A cache that cannot be reached is a StorageError, before anything is written (not S-162, S-810)")
{
    Programs programs;
    auto storage = programs.open();
    storage.create(a, record_of("1"), test_now);
    auto const seen = *storage.load(a, test_now);
    for (auto const operation :
         {cr::testing::Operation::load, cr::testing::Operation::commit, cr::testing::Operation::create})
        programs.cache_calls.fail(operation, Moment::before);
    CHECK_THROWS_AS(storage.load(a, test_now), cr::StorageError);
    CHECK_THROWS_AS(storage.commit(a, seen, record_of("2"), test_now), cr::StorageError);
    CHECK_THROWS_AS(storage.erase(a), cr::StorageError);
    CHECK(programs.store.load(a, test_now)->payload == "1");
    programs.cache_calls.heal();
    CHECK(storage.commit(a, seen, record_of("2"), test_now) == WriteResult::committed);
}

TEST_CASE("A store that cannot be reached is seen by a miss and a write, not by a hit, and never as absence")
{
    Programs programs;
    auto storage = programs.open();
    storage.create(a, record_of("1"), test_now);
    programs.store_calls.fail(cr::testing::Operation::load, Moment::before);
    programs.store_calls.fail(cr::testing::Operation::commit, Moment::before);
    CHECK(storage.load(a, test_now)->payload == "1");
    CHECK_THROWS_AS(storage.load(b, test_now), cr::StorageError);
    CHECK_THROWS_AS(storage.commit(a, *storage.load(a, test_now), record_of("2"), test_now),
                    cr::StorageError);
    programs.store_calls.heal();
    CHECK(storage.load(a, test_now)->payload == "1");
}

TEST_CASE("Unknown keys leave no living record in the cache")
{
    Programs programs;
    auto storage = programs.open();
    for (std::size_t i = 10; i < 20; ++i) {
        CHECK_FALSE(storage.load(numbered_key(i), test_now));
        CHECK_FALSE(programs.cache.load(numbered_key(i), test_now));
    }
}

TEST_CASE("A cache that keeps nothing is told by writes, and a lease needs a time")
{
    struct Forgetful : Memory {
        bool create(cr::SessionKey const&, cr::Record const&, cr::TimePoint) { return true; }
    };
    Cached storage{Forgetful{}, Memory{}};
    CHECK_FALSE(storage.load(a, test_now));
    CHECK_THROWS_AS(storage.create(a, record_of("1"), test_now), cr::StorageError);
    CHECK_FALSE(storage.store().load(a, test_now));

    CHECK_THROWS_AS((Cached{Memory{}, Memory{}, {.lease_time = 0s}}), cr::ImproperlyConfigured);
    CHECK_THROWS_AS((Cached{Memory{}, Memory{}, {.value_time = 0s}}), cr::ImproperlyConfigured);
    CHECK_NOTHROW(Cached{Memory{}, Memory{}, {.lease_time = 1s, .value_time = 1s}});
}

TEST_CASE("A Cached is to a session what its store is, and is walked over and cleared as that (S-165)")
{
    STATIC_REQUIRE(Cached<Memory, Sqlite>::accepts == cr::Content::text);
    STATIC_REQUIRE(Cached<Sqlite, Sqlite>::accepts == cr::Content::text);
    STATIC_REQUIRE(Cached<Memory, Memory>::accepts == cr::Content::bytes);
    STATIC_REQUIRE(Cached<Memory, Bytes>::purpose == Bytes::purpose);
    STATIC_REQUIRE(Cached<Bytes, Memory>::purpose == Memory::purpose);
    STATIC_REQUIRE(cr::storage::expiry_in_data<Cached<Memory, File>> == cr::storage::expiry_in_data<File>);
    STATIC_REQUIRE_FALSE(cr::storage::expiry_in_data<Cached<File, Sqlite>>);
    STATIC_REQUIRE(cr::EnumerablePolicy<Cached<Memory, Sqlite>>);
    STATIC_REQUIRE_FALSE(cr::EnumerablePolicy<Cached<Memory, SharedStorage<Memory>>>);
    STATIC_REQUIRE(cr::StoragePolicy<Cached<Memory, Cached<Memory, Sqlite>>>);

    Cached storage{Memory{}, Memory{}, {.clock = [] { return test_now; }}};
    storage.create(a, record_of("1"), test_now);
    storage.create(b, record_of("2", test_now + 1s), test_now);
    std::vector<std::string> found;
    storage.for_each(test_now + 1s,
                     [&](auto const&, cr::Stored const& each) { found.push_back(each.payload); });
    CHECK(found == std::vector<std::string>{"1"});
    CHECK(storage.clear_expired(test_now + 2s, 10) == 1);
    CHECK(storage.cache().load(b, test_now)); // ends by itself
}
