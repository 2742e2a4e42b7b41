// SPDX-License-Identifier: MIT
//
// A storage's load and commit beside the raw store: a hash map behind a mutex, the same SQL through the C
// API. SQLite's raw half and ours take turns in one loop, and `ratio` is ours / raw; the Memory ones are rows
// to compare.

#include <cloakroom/core/date_time.hpp>
#include <cloakroom/storage/memory.hpp>
#include <cloakroom/storage/sqlite.hpp>

#include "allocations.hpp"
#include "payloads.hpp"

#include <benchmark/benchmark.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <sqlite3.h>
#include <unistd.h>

namespace cr = cloakroom;
using namespace std::chrono_literals;

namespace {

constexpr cr::TimePoint now{cr::Duration{1'780'000'000'123'456}};
constexpr cr::TimePoint later{cr::Duration{1'780'086'400'000'000}};

std::vector<cr::SessionKey> const& keys(std::size_t count)
{
    static std::map<std::size_t, std::vector<cr::SessionKey>> all;
    static std::mutex mutex;
    std::lock_guard const lock{mutex};
    auto& some = all[count];
    some.reserve(count);
    while (some.size() < count)
        some.push_back(cr::SessionKey::generate());
    return some;
}

/// Visits every key in an order without a pattern that the processor could guess.
class Walk {
public:
    Walk(std::size_t count, int thread)
        : keys_(keys(count)), random_(0x9e37'79b9'7f4a'7c15 * (static_cast<std::uint64_t>(thread) + 1))
    {
    }

    cr::SessionKey const& next()
    {
        random_ ^= random_ << 13;
        random_ ^= random_ >> 7;
        random_ ^= random_ << 17;
        return keys_[(random_ >> 20) % keys_.size()];
    }

private:
    std::vector<cr::SessionKey> const& keys_;
    std::uint64_t random_;
};

/// What somebody would write first: a hash map of records behind a lock, and the version compared.
template <std::size_t Shards>
class RawMap {
public:
    std::optional<cr::Stored> load(cr::SessionKey const& key, cr::TimePoint time)
    {
        auto& shard = shard_of(key);
        std::lock_guard const lock{shard.mutex};
        auto const found = shard.map.find(key.reveal());
        if (found == shard.map.end() || found->second.expires <= time)
            return std::nullopt;
        return found->second;
    }

    bool create(cr::SessionKey const& key, cr::Record const& record, cr::TimePoint)
    {
        auto& shard = shard_of(key);
        std::lock_guard const lock{shard.mutex};
        return shard.map.try_emplace(std::string{key.reveal()}, cr::Stored{record.payload, record.expires, 1})
            .second;
    }

    cr::WriteResult commit(cr::SessionKey const& key, cr::Stored const& seen, cr::Record const& record,
                           cr::TimePoint time)
    {
        auto& shard = shard_of(key);
        std::lock_guard const lock{shard.mutex};
        auto const found = shard.map.find(key.reveal());
        if (found == shard.map.end() || found->second.expires <= time)
            return cr::WriteResult::absent;
        if (found->second.version != seen.version)
            return cr::WriteResult::conflict;
        found->second.payload = record.payload;
        found->second.expires = record.expires;
        ++found->second.version;
        return cr::WriteResult::committed;
    }

private:
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    struct alignas(64) Shard {
        std::mutex mutex;
        std::unordered_map<std::string, cr::Stored, Hash, std::equal_to<>> map;
    };

    Shard& shard_of(cr::SessionKey const& key)
    {
        return shards_[static_cast<unsigned char>(key.reveal()[7]) * 7U % Shards];
    }

    std::array<Shard, Shards> shards_;
};

struct LargeMemory : cr::storage::Memory {
    LargeMemory() : Memory({.max_records = 2'000'000, .max_bytes = std::size_t{4} << 30}) {}
};

/// A storage with `count` sessions, made once.
template <class Storage>
Storage& filled(std::size_t count)
{
    static std::map<std::size_t, std::unique_ptr<Storage>> all;
    static std::mutex mutex;
    auto const& some = keys(count);
    std::lock_guard const lock{mutex};
    auto& storage = all[count];
    if (!storage) {
        all.clear();
        auto made = std::make_unique<Storage>();
        for (auto const& key : some)
            made->create(key, {payload_b(), now + 24h}, now);
        return *(all[count] = std::move(made));
    }
    return *storage;
}

template <class Storage>
void load(benchmark::State& state)
{
    auto const count = static_cast<std::size_t>(state.range(0));
    auto& storage = filled<Storage>(count);
    Walk walk{count, state.thread_index()};
    auto const before = allocations().load();
    for (auto _ : state) {
        auto stored = storage.load(walk.next(), now);
        if (!stored)
            state.SkipWithError("a session has gone");
        benchmark::DoNotOptimize(stored);
    }
    if (state.threads() == 1)
        state.counters["allocations"] =
            static_cast<double>(allocations() - before) / static_cast<double>(state.iterations());
}

template <class Storage>
void load_and_commit(benchmark::State& state)
{
    auto const count = static_cast<std::size_t>(state.range(0));
    auto& storage = filled<Storage>(count);
    Walk walk{count, state.thread_index()};
    cr::Record next{payload_b(), now + 48h};
    auto const before = allocations().load();
    for (auto _ : state) {
        auto const& key = walk.next();
        auto const seen = storage.load(key, now);
        next.expires += cr::Duration{1};
        if (!seen || storage.commit(key, *seen, next, now) == cr::WriteResult::absent)
            state.SkipWithError("a session has gone");
    }
    if (state.threads() == 1)
        state.counters["allocations"] =
            static_cast<double>(allocations() - before) / static_cast<double>(state.iterations());
    state.SetItemsProcessed(state.iterations());
}

/// One thread and two, on 100,000 sessions. `items_per_second` of two is what scaling is measured by.
void one_and_two_threads(benchmark::internal::Benchmark* benchmark)
{
    benchmark->Arg(100'000)->Threads(1)->Threads(2)->UseRealTime();
}

using UnorderedMap = RawMap<1>;
using ShardedMap = RawMap<64>;

BENCHMARK(load_and_commit<UnorderedMap>)->Apply(one_and_two_threads);
BENCHMARK(load_and_commit<ShardedMap>)->Apply(one_and_two_threads);
BENCHMARK(load_and_commit<LargeMemory>)->Apply(one_and_two_threads);
BENCHMARK(load<UnorderedMap>)->Arg(1'000)->Arg(1'000'000);
BENCHMARK(load<ShardedMap>)->Arg(1'000)->Arg(1'000'000);
BENCHMARK(load<LargeMemory>)->Arg(1'000)->Arg(1'000'000);

/// The two statements of a request, prepared once, and what a program needs of their rows.
class RawTable {
public:
    explicit RawTable(std::string const& path)
    {
        constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
        check(sqlite3_open_v2(path.c_str(), &database_, flags, nullptr));
        check(sqlite3_busy_timeout(database_, 5'000));
        check(sqlite3_exec(database_, "PRAGMA synchronous=NORMAL", nullptr, nullptr, nullptr));
        load_ = prepare("SELECT session_data, expire_date FROM django_session WHERE session_key = ?1");
        commit_ = prepare("UPDATE django_session SET session_data = ?4, expire_date = ?5 "
                          "WHERE session_key = ?1 AND session_data = ?2 AND expire_date > ?3");
    }
    RawTable(RawTable const&) = delete;
    RawTable& operator=(RawTable const&) = delete;
    ~RawTable()
    {
        sqlite3_finalize(load_);
        sqlite3_finalize(commit_);
        sqlite3_close(database_);
    }

    void load(std::string_view key, std::string& data, std::string& expires)
    {
        bind(load_, 1, key);
        if (sqlite3_step(load_) != SQLITE_ROW)
            throw std::runtime_error{"the row has gone"};
        data.assign(text(load_, 0));
        expires.assign(text(load_, 1));
        sqlite3_reset(load_);
    }

    void commit(std::string_view key, std::string_view seen, std::string_view data, std::string_view expires)
    {
        bind(commit_, 1, key);
        bind(commit_, 2, seen);
        bind(commit_, 3, "2026-05-28 20:26:40.123456");
        bind(commit_, 4, data);
        bind(commit_, 5, expires);
        if (sqlite3_step(commit_) != SQLITE_DONE || sqlite3_changes(database_) != 1)
            throw std::runtime_error{"the row was not updated"};
        sqlite3_reset(commit_);
    }

private:
    static void check(int code)
    {
        if (code != SQLITE_OK)
            throw std::runtime_error{sqlite3_errstr(code)};
    }
    sqlite3_stmt* prepare(char const* sql)
    {
        sqlite3_stmt* statement = nullptr;
        check(sqlite3_prepare_v3(database_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
        return statement;
    }
    static void bind(sqlite3_stmt* statement, int place, std::string_view text)
    {
        check(sqlite3_bind_text64(statement, place, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8));
    }
    static std::string_view text(sqlite3_stmt* statement, int column)
    {
        return {reinterpret_cast<char const*>(sqlite3_column_text(statement, column)),
                static_cast<std::size_t>(sqlite3_column_bytes(statement, column))};
    }

    sqlite3* database_ = nullptr;
    sqlite3_stmt* load_ = nullptr;
    sqlite3_stmt* commit_ = nullptr;
};

/// A folder with two files of the same rows, one for each half.
struct TwoTables {
    explicit TwoTables(std::size_t count) : folder(std::filesystem::temp_directory_path() / name())
    {
        std::filesystem::create_directories(folder);
        for (auto const* file : {"ours.sqlite3", "raw.sqlite3"}) {
            cr::storage::Sqlite storage{(folder / file).string()};
            storage.migrate();
            for (auto const& key : keys(count))
                storage.create(key, {payload_b(), now + 24h}, now);
        }
    }
    TwoTables(TwoTables const&) = delete;
    TwoTables& operator=(TwoTables const&) = delete;
    ~TwoTables() { std::filesystem::remove_all(folder); }

    static std::string name() { return "cloakroom-benchmark-" + std::to_string(getpid()); }

    std::filesystem::path folder;
};

/// What this thread has computed, and what has passed. On a busy machine only the first can be compared.
struct Times {
    std::chrono::nanoseconds computed{0};
    std::chrono::nanoseconds passed{0};

    static Times read()
    {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return {std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec},
                std::chrono::steady_clock::now().time_since_epoch()};
    }

    void add_since(Times const& start)
    {
        auto const end = read();
        computed += end.computed - start.computed;
        passed += end.passed - start.passed;
    }
};

double ratio(std::chrono::nanoseconds ours, std::chrono::nanoseconds raw)
{
    return static_cast<double>(ours.count()) / static_cast<double>(raw.count());
}

/// Another text for every save, of the same length.
void change(std::string& data, std::uint64_t serial)
{
    for (std::size_t i = 0; i < 8; ++i)
        data[data.size() - 10 - i] = static_cast<char>('a' + (serial >> (4 * i)) % 16);
}

enum class Work { load, load_and_commit };

template <Work work>
void sqlite(benchmark::State& state)
{
    constexpr std::size_t count = 1'000;
    constexpr int turn = 50;
    TwoTables tables{count};
    cr::storage::Sqlite ours{(tables.folder / "ours.sqlite3").string()};
    RawTable raw{(tables.folder / "raw.sqlite3").string()};
    Walk walk{count, 0};
    std::string seen;
    std::string expires;
    std::string data;
    std::uint64_t serial = 0;
    Times ours_time;
    Times raw_time;
    bool ours_first = false;

    auto const raw_turn = [&] {
        auto const start = Times::read();
        for (int i = 0; i < turn; ++i) {
            auto const key = walk.next().reveal();
            raw.load(key, seen, expires);
            if constexpr (work == Work::load_and_commit) {
                data = seen;
                change(data, ++serial);
                expires = "2026-05-29 20:26:40.000000";
                cr::write_digits<6>(expires.data() + 20, static_cast<unsigned>(serial % 1'000'000));
                raw.commit(key, seen, data, expires);
            }
            benchmark::DoNotOptimize(seen);
        }
        raw_time.add_since(start);
    };
    auto const our_turn = [&] {
        auto const start = Times::read();
        cr::Record next;
        for (int i = 0; i < turn; ++i) {
            auto const& key = walk.next();
            auto const stored = ours.load(key, now);
            if (!stored)
                throw std::runtime_error{"the row has gone"};
            if constexpr (work == Work::load_and_commit) {
                next.payload = stored->payload;
                change(next.payload, ++serial);
                next.expires = later + cr::Duration{serial % 1'000'000};
                if (ours.commit(key, *stored, next, now) != cr::WriteResult::committed)
                    throw std::runtime_error{"the row was not updated"};
            }
            benchmark::DoNotOptimize(stored);
        }
        ours_time.add_since(start);
    };

    for (auto _ : state) {
        auto const before = ours_time.computed;
        ours_first = !ours_first;
        if (!ours_first) {
            raw_turn();
            our_turn();
        } else {
            our_turn();
            raw_turn();
        }
        state.SetIterationTime(std::chrono::duration<double>(ours_time.computed - before).count());
    }
    auto const calls = static_cast<double>(state.iterations() * turn);
    state.counters["ours_us"] = static_cast<double>(ours_time.computed.count()) / calls / 1'000;
    state.counters["raw_us"] = static_cast<double>(raw_time.computed.count()) / calls / 1'000;
    state.counters["ratio"] = ratio(ours_time.computed, raw_time.computed);
    state.counters["ratio_passed"] = ratio(ours_time.passed, raw_time.passed);
}

BENCHMARK(sqlite<Work::load>)->UseManualTime()->MinTime(2);
BENCHMARK(sqlite<Work::load_and_commit>)->UseManualTime()->MinTime(2);

} // namespace
