// SPDX-License-Identifier: MIT
#include <cloakroom/storage/memory.hpp>

#include <cloakroom/core/error.hpp>
#include <cloakroom/testing/storage_laws.hpp>

#include "support/catch.hpp"
#include "support/storage.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <map>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace cr = cloakroom;
using cr::WriteResult;
using cr::storage::Memory;
using namespace std::chrono_literals;

namespace {

static_assert(cr::EnumerablePolicy<Memory>);
static_assert(std::is_default_constructible_v<Memory>);
static_assert(std::is_nothrow_move_constructible_v<Memory>);
static_assert(!std::is_copy_constructible_v<Memory>);
static_assert(Memory::purpose == "django.contrib.sessions.SessionStore");
static_assert(Memory::accepts == cr::Content::bytes);

auto const a = key_of("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
auto const b = key_of("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");

std::size_t count_live(Memory& memory, cr::TimePoint now = test_now)
{
    std::size_t count = 0;
    memory.for_each(now, [&](cr::SessionKey const&, cr::Stored const&) { ++count; });
    return count;
}

bool has(Memory& memory, std::size_t number, cr::TimePoint now = test_now)
{
    return memory.load(numbered_key(number), now).has_value();
}

} // namespace

TEST_CASE("Memory keeps the storage laws, in one shard and in many")
{
    auto const max_records = GENERATE(std::size_t{1'000}, std::size_t{1'000'000});
    cr::testing::StorageLawOptions options;
    options.freedom.expired_may_leave = true;
    auto const report =
        cr::testing::storage_laws([&] { return Memory{{.max_records = max_records}}; }, options);
    CHECK(report.schedules > 1'000);
}

TEST_CASE("Memory gives back what was created")
{
    Memory memory;
    std::string const bytes("\0\xff{}\n", 5);
    CHECK_FALSE(memory.load(a, test_now));
    CHECK(memory.create(a, record_of(bytes, test_now + 5s), test_now));
    auto const stored = memory.load(a, test_now);
    REQUIRE(stored);
    CHECK(stored->payload == bytes);
    CHECK(stored->expires == test_now + 5s);
    CHECK_FALSE(memory.load(b, test_now));
}

TEST_CASE("Memory: create never overwrites, S-123 not even an expired record")
{
    Memory memory;
    REQUIRE(memory.create(a, record_of("first", test_now + 1s), test_now));
    CHECK_FALSE(memory.create(a, record_of("second"), test_now));
    CHECK(memory.load(a, test_now)->payload == "first");
    CHECK_FALSE(memory.create(a, record_of("second", test_now + 1h), test_now + 1min));
    CHECK_FALSE(memory.load(a, test_now + 1min));
    CHECK(memory.erase(a));
    CHECK(memory.create(a, record_of("third"), test_now + 1min));
}

TEST_CASE("Memory: a record is live until the very microsecond of its expiry, S-121")
{
    Memory memory;
    REQUIRE(memory.create(a, record_of("x", test_now), test_now - 1h));
    CHECK(memory.load(a, test_now - microsecond));
    CHECK_FALSE(memory.load(a, test_now));
    CHECK_FALSE(memory.load(a, test_now + microsecond));
}

TEST_CASE("Memory: a record that expires now is neither loaded nor cleared, S-122, S-129")
{
    Memory memory;
    REQUIRE(memory.create(a, record_of("x", test_now), test_now - 1h));
    CHECK(memory.clear_expired(test_now, 100) == 0);
    CHECK_FALSE(memory.create(a, record_of("y"), test_now));
    CHECK(memory.clear_expired(test_now + microsecond, 100) == 1);
    CHECK(memory.create(a, record_of("y"), test_now));
}

TEST_CASE("Memory: commit answers committed, conflict or absent")
{
    Memory memory;
    REQUIRE(memory.create(a, record_of("1"), test_now));
    auto const seen = memory.load(a, test_now).value();
    CHECK(memory.commit(a, seen, record_of("2", test_now + 2h), test_now) == WriteResult::committed);
    auto const newer = memory.load(a, test_now).value();
    CHECK(newer.payload == "2");
    CHECK(newer.expires == test_now + 2h);
    CHECK(memory.commit(a, seen, record_of("3"), test_now) == WriteResult::conflict);
    CHECK(memory.load(a, test_now) == newer);
    CHECK(memory.commit(b, newer, record_of("3"), test_now) == WriteResult::absent);
    CHECK_FALSE(memory.load(b, test_now));
    CHECK(memory.commit(a, newer, record_of("3"), test_now + 2h) == WriteResult::absent);
    CHECK(memory.commit(a, newer, record_of("3"), test_now + 2h - microsecond) == WriteResult::committed);
}

TEST_CASE("Memory: a commit meets an equal payload that another commit wrote as a conflict")
{
    Memory memory;
    REQUIRE(memory.create(a, record_of("same"), test_now));
    auto const seen = memory.load(a, test_now).value();
    REQUIRE(memory.commit(a, seen, record_of("same"), test_now) == WriteResult::committed);
    CHECK(memory.commit(a, seen, record_of("other"), test_now) == WriteResult::conflict);
}

TEST_CASE("Memory: touch moves the expiry alone")
{
    Memory memory;
    REQUIRE(memory.create(a, record_of("1"), test_now));
    auto const seen = memory.load(a, test_now).value();
    CHECK(memory.touch(a, seen, test_now + 2h, test_now) == WriteResult::committed);
    auto const touched = memory.load(a, test_now).value();
    CHECK(touched.payload == "1");
    CHECK(touched.expires == test_now + 2h);
    CHECK(memory.touch(a, seen, test_now + 3h, test_now) == WriteResult::conflict);
    CHECK(memory.touch(b, seen, test_now + 3h, test_now) == WriteResult::absent);
    CHECK(memory.touch(a, touched, test_now + 3h, test_now + 2h) == WriteResult::absent);
    CHECK(memory.load(a, test_now) == touched);

    SECTION("a commit by somebody who has not seen the touch goes through")
    {
        CHECK(memory.commit(a, seen, record_of("2"), test_now) == WriteResult::committed);
    }
    SECTION("a touch by somebody who has not seen a commit is a conflict")
    {
        REQUIRE(memory.commit(a, touched, record_of("2", touched.expires), test_now) ==
                WriteResult::committed);
        CHECK(memory.touch(a, touched, test_now + 3h, test_now) == WriteResult::conflict);
    }
    SECTION("an expiry can move back")
    {
        CHECK(memory.touch(a, touched, test_now + 1s, test_now) == WriteResult::committed);
        CHECK(memory.clear_expired(test_now + 2s, 10) == 1);
    }
}

TEST_CASE("Memory: rotate moves the record that was seen, whichever shards the keys are in")
{
    auto const max_records = GENERATE(std::size_t{1}, std::size_t{10}, std::size_t{1'000'000});
    Memory memory{{.max_records = max_records}};
    for (std::size_t i = 0; i < 200; ++i) {
        auto const old_key = numbered_key(2 * i);
        auto const fresh = numbered_key(2 * i + 1);
        REQUIRE(memory.create(old_key, record_of("1"), test_now));
        auto const seen = memory.load(old_key, test_now).value();
        REQUIRE(memory.rotate(old_key, seen, fresh, record_of("2", test_now + 2h), test_now) ==
                WriteResult::committed);
        REQUIRE_FALSE(memory.load(old_key, test_now));
        auto const moved = memory.load(fresh, test_now);
        REQUIRE(moved);
        REQUIRE(moved->payload == "2");
        REQUIRE(moved->expires == test_now + 2h);
        REQUIRE(memory.commit(old_key, seen, record_of("3"), test_now) == WriteResult::absent);
        REQUIRE(memory.commit(fresh, *moved, record_of("3"), test_now) == WriteResult::committed);
        REQUIRE(memory.erase(fresh));
    }
    CHECK(count_live(memory) == 0);
}

TEST_CASE("Memory: rotate answers conflict, absent or taken and then changes nothing")
{
    Memory memory;
    REQUIRE(memory.create(a, record_of("1"), test_now));
    auto const seen = memory.load(a, test_now).value();
    auto const fresh = key_of("ffffffffffffffffffffffffffffffff");
    REQUIRE(memory.create(b, record_of("b", test_now + 1s), test_now));
    CHECK(memory.rotate(a, seen, b, record_of("2"), test_now) == WriteResult::taken);
    CHECK(memory.rotate(a, seen, b, record_of("2"), test_now + 1min) == WriteResult::taken);
    CHECK(memory.load(a, test_now) == seen);
    CHECK(memory.load(b, test_now)->payload == "b");
    CHECK(memory.rotate(fresh, seen, b, record_of("2"), test_now) == WriteResult::absent);
    CHECK(memory.rotate(a, seen, fresh, record_of("2"), test_now + 1h) == WriteResult::absent);
    REQUIRE(memory.commit(a, seen, record_of("1"), test_now) == WriteResult::committed);
    CHECK(memory.rotate(a, seen, fresh, record_of("2"), test_now) == WriteResult::conflict);
    CHECK_FALSE(memory.load(fresh, test_now));
    CHECK(memory.load(a, test_now)->payload == "1");
}

TEST_CASE("Memory: rotate to the same key is a commit")
{
    Memory memory;
    REQUIRE(memory.create(a, record_of("1"), test_now));
    auto const seen = memory.load(a, test_now).value();
    CHECK(memory.rotate(a, seen, a, record_of("2"), test_now) == WriteResult::committed);
    CHECK(memory.rotate(a, seen, a, record_of("3"), test_now) == WriteResult::conflict);
    CHECK(memory.load(a, test_now)->payload == "2");
}

TEST_CASE("Memory: erase tells whether there was a record, live or expired")
{
    Memory memory;
    CHECK_FALSE(memory.erase(a));
    REQUIRE(memory.create(a, record_of("1"), test_now));
    CHECK(memory.erase(a));
    CHECK_FALSE(memory.erase(a));
    CHECK_FALSE(memory.load(a, test_now));
    REQUIRE(memory.create(b, record_of("1", test_now - 1s), test_now));
    CHECK(memory.erase(b));
}

TEST_CASE("Memory: an erased record that is made anew is not the version that was seen")
{
    Memory memory;
    REQUIRE(memory.create(a, record_of("1"), test_now));
    auto const seen = memory.load(a, test_now).value();
    REQUIRE(memory.erase(a));
    REQUIRE(memory.create(a, record_of("1"), test_now));
    CHECK(memory.commit(a, seen, record_of("2"), test_now) == WriteResult::conflict);
}

TEST_CASE("Memory: clear_expired removes as many as its budget says, and all in the end")
{
    Memory memory;
    for (std::size_t i = 0; i < 1'000; ++i)
        REQUIRE(memory.create(numbered_key(i), record_of("x", test_now + (i % 2 == 0 ? 1s : 1h)), test_now));
    auto const later = test_now + 1min;
    CHECK(memory.clear_expired(later, 0) == 0);
    CHECK(memory.clear_expired(later, 300) == 300);
    CHECK(memory.clear_expired(later, 300) == 200);
    CHECK(memory.clear_expired(later, 300) == 0);
    CHECK(count_live(memory, later) == 500);
    CHECK(memory.clear_expired(test_now + 2h, 10'000) == 500);
}

TEST_CASE("Memory: records whose expiry moved on are not cleared at their old one")
{
    Memory memory;
    for (std::size_t i = 0; i < 100; ++i) {
        auto const key = numbered_key(i);
        REQUIRE(memory.create(key, record_of("x", test_now + 1s), test_now));
        auto const seen = memory.load(key, test_now).value();
        if (i % 2 == 0)
            REQUIRE(memory.touch(key, seen, test_now + 1h, test_now) == WriteResult::committed);
        else
            REQUIRE(memory.commit(key, seen, record_of("y", test_now + 2h), test_now) ==
                    WriteResult::committed);
    }
    CHECK(memory.clear_expired(test_now + 1min, 1'000) == 0);
    CHECK(memory.clear_expired(test_now + 90min, 1'000) == 50);
    CHECK(count_live(memory, test_now + 90min) == 50);
    CHECK(memory.clear_expired(test_now + 3h, 1'000) == 50);
}

TEST_CASE("Memory: expired records leave by themselves while others are created")
{
    Memory memory{{.max_records = 2'000}};
    for (std::size_t i = 0; i < 1'000; ++i)
        REQUIRE(memory.create(numbered_key(i), record_of("x", test_now + 1s), test_now));
    for (std::size_t i = 1'000; i < 1'500; ++i)
        REQUIRE(memory.create(numbered_key(i), record_of("x", test_now + 2h), test_now + 1min));
    CHECK(memory.clear_expired(test_now + 1min, 10'000) == 0);
    CHECK(count_live(memory, test_now + 1min) == 500);
}

TEST_CASE("Memory: a full one lets the least recently used record go")
{
    Memory memory{{.max_records = 3}};
    for (std::size_t i = 0; i < 3; ++i)
        REQUIRE(memory.create(numbered_key(i), record_of("x"), test_now));

    SECTION("which is the oldest when none was used")
    {
        REQUIRE(memory.create(numbered_key(3), record_of("x"), test_now));
        CHECK_FALSE(has(memory, 0));
        CHECK(has(memory, 1));
        CHECK(has(memory, 2));
        CHECK(has(memory, 3));
    }
    SECTION("load, commit and touch are uses")
    {
        CHECK(has(memory, 0));
        auto const one = memory.load(numbered_key(1), test_now).value();
        CHECK(has(memory, 0));
        auto const two = memory.load(numbered_key(2), test_now).value();
        CHECK(memory.touch(numbered_key(1), one, test_now + 2h, test_now) == WriteResult::committed);
        REQUIRE(memory.create(numbered_key(3), record_of("x"), test_now));
        CHECK(memory.commit(numbered_key(2), two, record_of("y"), test_now) == WriteResult::committed);
        REQUIRE(memory.create(numbered_key(4), record_of("x"), test_now));
        CHECK_FALSE(has(memory, 0));
        CHECK_FALSE(has(memory, 1));
        CHECK(has(memory, 2));
    }
    SECTION("a look-up that finds nothing, or a write that is refused, is none")
    {
        CHECK_FALSE(memory.load(numbered_key(0), test_now + 1h));
        CHECK(memory.commit(numbered_key(0), {"?", test_now, 0}, record_of("y"), test_now) ==
              WriteResult::conflict);
        REQUIRE(memory.create(numbered_key(3), record_of("x"), test_now));
        CHECK_FALSE(has(memory, 0));
    }
    SECTION("an expired record goes first")
    {
        REQUIRE(memory.touch(numbered_key(2), memory.load(numbered_key(2), test_now).value(), test_now + 1s,
                             test_now) == WriteResult::committed);
        REQUIRE(memory.create(numbered_key(3), record_of("x"), test_now + 1min));
        CHECK(has(memory, 0, test_now + 1min));
        CHECK_FALSE(has(memory, 2, test_now + 1min));
    }
    SECTION("a rotation pushes nobody out")
    {
        auto const seen = memory.load(numbered_key(2), test_now).value();
        CHECK(memory.rotate(numbered_key(2), seen, numbered_key(3), record_of("y"), test_now) ==
              WriteResult::committed);
        CHECK(has(memory, 0));
        CHECK(has(memory, 1));
        CHECK(has(memory, 3));
    }
}

TEST_CASE("Memory: the order of use is exact over thousands of steps")
{
    Memory memory{{.max_records = 50}};
    std::vector<std::size_t> model; // the least recently used first
    unsigned random = 12345;
    for (int step = 0; step < 20'000; ++step) {
        random = random * 1'664'525U + 1'013'904'223U;
        auto const number = (random >> 16) % 80;
        auto const known = std::find(model.begin(), model.end(), number);
        REQUIRE(has(memory, number) == (known != model.end()));
        if (known != model.end())
            model.erase(known);
        else
            REQUIRE(memory.create(numbered_key(number), record_of("x"), test_now));
        model.push_back(number);
        if (model.size() > 50)
            model.erase(model.begin());
        if (step % 7 == 0) {
            REQUIRE(memory.erase(numbered_key(model[model.size() / 2])));
            model.erase(model.begin() + static_cast<std::ptrdiff_t>(model.size() / 2));
        }
    }
    CHECK(count_live(memory) == model.size());
}

TEST_CASE("Memory: max_bytes bounds the payloads, and 160 bytes for each record")
{
    Memory memory{{.max_records = 1'000, .max_bytes = 100'000}};
    for (std::size_t i = 0; i < 500; ++i)
        REQUIRE(memory.create(numbered_key(i), record_of(std::string(840, 'x')), test_now));
    CHECK(count_live(memory) == 100);
    CHECK(has(memory, 499));
    CHECK(has(memory, 400));
    CHECK_FALSE(has(memory, 399));

    SECTION("a payload that grows pushes others out")
    {
        auto const seen = memory.load(numbered_key(450), test_now).value();
        CHECK(memory.commit(numbered_key(450), seen, record_of(std::string(50'000, 'y')), test_now) ==
              WriteResult::committed);
        CHECK(has(memory, 450));
        CHECK(count_live(memory) <= 51);
        CHECK(count_live(memory) >= 25);
    }
    SECTION("a payload that shrinks makes room")
    {
        for (std::size_t i = 500; i < 520; ++i)
            REQUIRE(memory.create(numbered_key(i), record_of(std::string(9'840, 'x')), test_now));
        REQUIRE(count_live(memory) == 10);
        for (std::size_t i = 510; i < 520; ++i) {
            auto const seen = memory.load(numbered_key(i), test_now).value();
            REQUIRE(memory.commit(numbered_key(i), seen, record_of("small"), test_now) ==
                    WriteResult::committed);
        }
        for (std::size_t i = 600; i < 1'000; ++i)
            REQUIRE(memory.create(numbered_key(i), record_of("small"), test_now));
        CHECK(count_live(memory) == 410);
    }
    SECTION("a record larger than all that is allowed is still stored, alone")
    {
        CHECK(memory.create(a, record_of(std::string(200'000, 'x')), test_now));
        CHECK(memory.load(a, test_now));
        CHECK(count_live(memory) == 1);
        CHECK(memory.create(b, record_of("x"), test_now));
        CHECK(memory.load(b, test_now));
        CHECK_FALSE(memory.load(a, test_now));
    }
}

TEST_CASE("Memory: a bound of nothing is refused by name")
{
    CHECK_NOTHROW(Memory{{.max_records = 1, .max_bytes = 1}});
    CHECK_THROWS_WITH((Memory{{.max_records = 0}}), catch_::ContainsSubstring("max_records"));
    CHECK_THROWS_WITH((Memory{{.max_bytes = 0}}), catch_::ContainsSubstring("max_bytes"));
    CHECK_THROWS_AS((Memory{{.max_bytes = 0}}), cr::ImproperlyConfigured);
}

TEST_CASE("Memory holds 100,000 records and never more than allowed")
{
    Memory memory{{.max_records = 120'000}};
    for (std::size_t i = 0; i < 100'000; ++i)
        REQUIRE(
            memory.create(numbered_key(i), record_of(std::to_string(i), test_now + 1s * (i + 1)), test_now));
    for (std::size_t i = 0; i < 100'000; ++i) {
        auto const stored = memory.load(numbered_key(i), test_now);
        REQUIRE(stored);
        REQUIRE(stored->payload == std::to_string(i));
    }
    CHECK(count_live(memory) == 100'000);
    CHECK(count_live(memory, test_now + 50'000s) == 50'000);
    CHECK(memory.clear_expired(test_now + 50'000s + microsecond, 1'000'000) == 50'000);
    for (std::size_t i = 0; i < 100'000; ++i)
        REQUIRE(has(memory, i) == (i >= 50'000));
    for (std::size_t i = 100'000; i < 300'000; ++i)
        REQUIRE(memory.create(numbered_key(i), record_of("x"), test_now));
    CHECK(count_live(memory) <= 120'000);
    CHECK(count_live(memory) > 110'000);
}

TEST_CASE("Memory agrees with a map over random operations, whatever the keys look like")
{
    Memory memory;
    std::map<std::size_t, cr::Record> model;
    auto now = test_now;
    unsigned random = 99;
    for (int step = 0; step < 100'000; ++step) {
        random = random * 1'664'525U + 1'013'904'223U;
        auto const number = (random >> 12) % 700;
        auto const key = numbered_key(number * 1'000'003);
        auto const expires = now + std::chrono::milliseconds{(random >> 8) % 3'000};
        auto const entry = model.find(number);
        auto const is_live = entry != model.end() && entry->second.expires > now;
        auto const seen = memory.load(key, now);
        REQUIRE(seen.has_value() == is_live);
        if (seen)
            REQUIRE(seen->payload == entry->second.payload);
        switch (random >> 29) {
        case 0:
        case 1:
        case 2:
            if (entry == model.end()) {
                REQUIRE(memory.create(key, record_of(std::to_string(step), expires), now));
                model[number] = record_of(std::to_string(step), expires);
            }
            break;
        case 3:
        case 4:
            if (seen) {
                REQUIRE(memory.commit(key, *seen, record_of(std::to_string(step), expires), now) ==
                        WriteResult::committed);
                entry->second = record_of(std::to_string(step), expires);
            }
            break;
        case 5:
            if (seen) {
                REQUIRE(memory.touch(key, *seen, expires, now) == WriteResult::committed);
                entry->second.expires = expires;
            }
            break;
        case 6:
            if (is_live) {
                REQUIRE(memory.erase(key));
                model.erase(entry);
            }
            break;
        default:
            now += std::chrono::milliseconds{1};
            if (random % 64 == 0)
                memory.clear_expired(now, 5);
        }
        std::erase_if(model, [&](auto const& pair) {
            if (pair.second.expires >= now)
                return false;
            memory.erase(numbered_key(pair.first * 1'000'003));
            return true;
        });
    }
}

TEST_CASE("Memory: for_each visits live records alone, and the visitor may use the storage")
{
    Memory memory;
    REQUIRE(memory.create(a, record_of("live", test_now + microsecond), test_now));
    REQUIRE(memory.create(b, record_of("expired", test_now), test_now));
    std::map<std::string, cr::Stored> seen;
    memory.for_each(test_now, [&](cr::SessionKey const& key, cr::Stored const& stored) {
        seen.emplace(key.reveal(), stored);
        CHECK(memory.commit(key, stored, record_of("changed"), test_now) == WriteResult::committed);
        CHECK(memory.erase(key));
    });
    REQUIRE(seen.size() == 1);
    CHECK(seen.begin()->first == a.reveal());
    CHECK(seen.begin()->second.payload == "live");
    CHECK(count_live(memory) == 0);
}

TEST_CASE("Memory can be moved with its records")
{
    Memory first;
    REQUIRE(first.create(a, record_of("1"), test_now));
    Memory second{std::move(first)};
    CHECK(second.load(a, test_now)->payload == "1");
    first = Memory{};
    CHECK_FALSE(first.load(a, test_now));
    first = std::move(second);
    CHECK(first.load(a, test_now)->payload == "1");
}

TEST_CASE("Memory: 8 threads that count in shared records lose nothing")
{
    Memory memory{{.max_records = 100'000}};
    constexpr std::size_t records = 20;
    constexpr int steps = 5'000;
    for (std::size_t i = 0; i < records; ++i)
        REQUIRE(memory.create(numbered_key(i), record_of("0"), test_now));
    auto const failed = run_threads(8, [&](int thread) {
        for (int step = 0; step < steps; ++step) {
            auto const number = static_cast<std::size_t>(step * 7 + thread) % records;
            if (!count_up(memory, numbered_key(number), test_now))
                throw std::runtime_error{"a record has gone"};
            auto const passing = numbered_key(1'000'000 + static_cast<std::size_t>(thread * steps + step));
            memory.create(passing, record_of("x", test_now + 1s), test_now);
            if (step % 2 == 0)
                memory.erase(passing);
            if (step % 500 == 0)
                memory.clear_expired(test_now + 1min, 1'000);
        }
    });
    CHECK(failed == 0);
    long sum = 0;
    for (std::size_t i = 0; i < records; ++i)
        sum += std::stol(memory.load(numbered_key(i), test_now).value().payload);
    CHECK(sum == 8L * steps);
}

TEST_CASE("Memory: 8 threads that rotate one session keep exactly one key for it")
{
    Memory memory;
    constexpr std::size_t keys = 40;
    REQUIRE(memory.create(numbered_key(0), record_of("0"), test_now));
    std::atomic<long> rotations{0};
    auto const failed = run_threads(8, [&](int thread) {
        for (int step = 0; step < 20'000; ++step) {
            auto const from = static_cast<std::size_t>(step + thread) % keys;
            auto const seen = memory.load(numbered_key(from), test_now);
            if (!seen)
                continue;
            auto const to = (from + 1 + static_cast<std::size_t>(thread)) % keys;
            auto const next = record_of(std::to_string(std::stol(seen->payload) + 1));
            if (memory.rotate(numbered_key(from), *seen, numbered_key(to), next, test_now) ==
                WriteResult::committed)
                ++rotations;
        }
    });
    CHECK(failed == 0);
    CHECK(rotations > 0);
    std::vector<std::string> payloads;
    memory.for_each(test_now,
                    [&](auto const&, cr::Stored const& stored) { payloads.push_back(stored.payload); });
    CHECK(payloads == std::vector{std::to_string(rotations)});
}

TEST_CASE("a key that no storage can hold is never written, should one be handed in")
{
    cr::storage::Memory storage;
    auto const key = key_of("session00000001");
    auto const unstorable = *cr::SessionKey::parse(std::string(4000, 'a'));
    CHECK_FALSE(storage.create(unstorable, record_of("x"), test_now));
    CHECK_FALSE(storage.load(unstorable, test_now).has_value());
    CHECK(storage.create(key, record_of("x"), test_now));
    CHECK(storage.rotate(key, *storage.load(key, test_now), unstorable, record_of("y"), test_now) ==
          cr::WriteResult::taken);
    CHECK(storage.load(key, test_now)->payload == "x");
}
