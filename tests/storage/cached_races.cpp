// SPDX-License-Identifier: MIT
//
// Clients of one store and one cache, each with a Cached of its own, run side by side in every order of the
// calls that reach the store and the cache.
#include <cloakroom/storage/cached.hpp>

#include "support/catch.hpp"
#include "support/shared_storage.hpp"
#include "support/storage.hpp"

#include <cloakroom/storage/memory.hpp>
#include <cloakroom/testing/interleave.hpp>
#include <cloakroom/testing/law.hpp>
#include <cloakroom/testing/manual_clock.hpp>
#include <cloakroom/testing/scheduled.hpp>
#include <cloakroom/testing/storage_wrapper.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cr = cloakroom;
using cr::WriteResult;
using cr::storage::Cached;
using cr::storage::CachedOptions;
using cr::storage::Memory;
using cr::testing::LawBroken;
using cr::testing::require;
using namespace std::chrono_literals;

namespace {

/// A storage whose version is a count, and one that compares payloads, as a table or Redis does.
struct Counting : Memory {
    Counting() : Memory({.max_records = 16}) {}
};
struct Comparing : Counting {
    std::optional<cr::Stored> load(cr::SessionKey const& key, cr::TimePoint now)
    {
        auto found = Counting::load(key, now);
        if (found)
            found->version = 0;
        return found;
    }
    cr::WriteResult commit(cr::SessionKey const& key, cr::Stored const& seen, cr::Record const& record,
                           cr::TimePoint now)
    {
        return Counting::commit(key, newest(key, seen, now), record, now);
    }
    cr::WriteResult touch(cr::SessionKey const& key, cr::Stored const& seen, cr::TimePoint expires,
                          cr::TimePoint now)
    {
        return Counting::touch(key, newest(key, seen, now), expires, now);
    }
    cr::WriteResult rotate(cr::SessionKey const& key, cr::Stored const& seen, cr::SessionKey const& fresh,
                           cr::Record const& record, cr::TimePoint now)
    {
        return Counting::rotate(key, newest(key, seen, now), fresh, record, now);
    }

private:
    /// What was seen, in the version that has this payload now.
    cr::Stored newest(cr::SessionKey const& key, cr::Stored seen, cr::TimePoint now)
    {
        auto const found = Counting::load(key, now);
        seen.version = found && found->payload == seen.payload ? found->version : ~seen.version;
        return seen;
    }
};

/// Thrown where a program dies: nobody catches it on its way.
struct Died {};

/// How many calls of a program's engines are left to it.
struct Life {
    std::shared_ptr<std::size_t> calls = std::make_shared<std::size_t>(static_cast<std::size_t>(-1));

    template <class Call>
    auto operator()(cr::testing::Operation, Call const& call) const
    {
        if ((*calls)-- == 0)
            throw Died{};
        return call();
    }
};

template <class Engine>
struct Mortal : cr::testing::StorageWrapper<Engine, Life> {
    Mortal(Engine engine, Life life)
        : cr::testing::StorageWrapper<Engine, Life>(std::move(engine), std::move(life))
    {
    }
};

enum class Kind { reads, logs_out, commits, touches, rotates, dies, evicts, waits };

std::string name_of(Kind kind)
{
    static char const* const names[] = {"reads",   "logs out", "commits",        "touches",
                                        "rotates", "dies",     "evicts a lease", "waits"};
    return names[static_cast<std::size_t>(kind)];
}

/// At which call of its engines a client dies, and what it is doing.
struct Death {
    Kind kind = Kind::logs_out;
    std::size_t call = 0;
};

/// One session that all clients have seen, in the store and in the cache or in the store alone.
///
/// Whatever is done to it, it only goes forward: touched, committed, gone. So does what a load may find.
template <class Engine, template <class, class> class Composite>
struct Scene {
    using Turning = cr::testing::Scheduled<Mortal<SharedStorage<Engine>>>;
    using Storage = Composite<Turning, Turning>;

    enum Rank { seen_first, touched, committed, gone };

    SharedStorage<Engine> cache;
    SharedStorage<Engine> store;
    cr::testing::ManualClock clock{test_now};
    cr::SessionKey key = numbered_key(1);
    cr::SessionKey fresh = numbered_key(2);
    cr::Stored seen;
    Death death;
    /// What was acknowledged, and what somebody has found; then what must not be unseen.
    Rank acknowledged = seen_first;
    Rank found = seen_first;
    /// The cache loses nothing, and nobody is slower than his lease: then nobody sees anything return, be it
    /// acknowledged or not.
    bool is_calm = true;

    explicit Scene(bool is_cached)
    {
        store.create(key, record_of("first"), test_now);
        auto view = open();
        if (is_cached)
            view.load(key, clock());
        seen = *store.load(key, test_now);
    }

    Storage open(Life life = {})
    {
        return Storage{Turning{{cache, life}}, Turning{{store, life}}, CachedOptions{.clock = clock}};
    }

    static Rank rank_of(std::optional<cr::Stored> const& record)
    {
        return !record                                    ? gone
               : record->payload == "changed"             ? committed
               : record->expires != record_of("").expires ? touched
                                                          : seen_first;
    }

    void read(Storage& storage)
    {
        auto const known = is_calm ? std::max(acknowledged, found) : acknowledged;
        auto const rank = rank_of(storage.load(key, clock()));
        require(rank >= known, known == gone ? "A session that is gone was found."
                                             : "A load found what was before an acknowledged write.");
        found = std::max(found, rank);
    }

    void acknowledge(WriteResult answer, Rank rank)
    {
        if (answer == WriteResult::committed)
            acknowledged = std::max(acknowledged, rank);
    }

    void act(Kind kind)
    {
        auto storage = open();
        switch (kind) {
        case Kind::dies: {
            auto mortal = open({std::make_shared<std::size_t>(death.call)});
            try {
                write(death.kind, mortal);
            } catch (Died const&) {
            }
            break;
        }
        case Kind::reads:
            read(storage);
            read(storage);
            break;
        case Kind::evicts:
            cr::testing::interleave_point("evicts");
            cache.erase(key);
            break;
        case Kind::waits:
            cr::testing::interleave_point("waits longer than a lease");
            clock.advance(CachedOptions{}.lease_time);
            break;
        default:
            write(kind, storage);
        }
    }

    void write(Kind kind, Storage& storage)
    {
        switch (kind) {
        case Kind::commits:
            return acknowledge(storage.commit(key, seen, record_of("changed"), clock()), committed);
        case Kind::touches:
            return acknowledge(storage.touch(key, seen, seen.expires + 1h, clock()), touched);
        case Kind::rotates:
            return acknowledge(storage.rotate(key, seen, fresh, record_of("rotated"), clock()), gone);
        default:
            storage.erase(key);
            acknowledged = gone;
        }
    }

    /// At the end cache and store say the same, and once all leases are over it is the cache that says it.
    void check()
    {
        auto storage = open();
        for (auto const& each : {key, fresh})
            for (auto const wait : {cr::Duration{0}, CachedOptions{}.lease_time, cr::Duration{0}}) {
                clock.advance(wait);
                require(storage.load(each, clock()) == store.load(each, clock()),
                        "The cache answers something else than the store.");
            }
        require(rank_of(store.load(key, clock())) >= acknowledged, "The store has lost a write.");
        auto const lives = store.load(key, clock()).has_value();
        store.erase(key);
        require(storage.load(key, clock()).has_value() == lives, "The cache has not kept the session.");
    }
};

template <class Engine = Counting, template <class, class> class Composite = Cached>
struct Walk {
    std::size_t schedules = 0;

    void operator()(std::vector<Kind> const& kinds, std::size_t limit = 0, Death death = {})
    {
        using State = Scene<Engine, Composite>;
        std::string names;
        std::vector<std::function<void(State&)>> clients;
        bool is_calm = true;
        for (auto const kind : kinds) {
            names += name_of(kind) + ", ";
            is_calm = is_calm && kind != Kind::evicts && kind != Kind::waits;
            clients.push_back([kind](State& scene) { scene.act(kind); });
        }
        for (auto const is_cached : {false, true}) {
            INFO(names << (is_cached ? "cached" : "not cached") << ", " << name_of(death.kind)
                       << " until call " << death.call);
            auto const setup = [&] {
                State scene{is_cached};
                scene.death = death;
                scene.is_calm = is_calm;
                return scene;
            };
            auto const report = cr::testing::for_each_interleaving(
                setup, clients, [](State& scene, auto const&) { scene.check(); }, {.limit = limit});
            schedules += report.schedules;
        }
    }
};

constexpr Kind writes[] = {Kind::logs_out, Kind::commits, Kind::touches, Kind::rotates};

/// Every pair of clients, and what else may go on while one writes and one reads.
template <class Engine, template <class, class> class Composite = Cached>
Walk<Engine, Composite> walk_pairs(std::size_t limit)
{
    Walk<Engine, Composite> walk;
    for (auto const first : writes) {
        walk({Kind::reads, first}, limit);
        for (auto const second : writes)
            if (first <= second)
                walk({first, second}, limit);
    }
    return walk;
}

/// What somebody may write who has not heard of leases: the cache is filled after the store was read, and
/// erased after it was written.
template <class Cache, class Store>
class WithoutLeases {
public:
    WithoutLeases(Cache cache, Store store, CachedOptions const&)
        : cache_(std::move(cache)), store_(std::move(store))
    {
    }

    std::optional<cr::Stored> load(cr::SessionKey const& key, cr::TimePoint now)
    {
        if (auto found = cache_.load(key, now))
            return found;
        auto found = store_.load(key, now);
        if (found)
            cache_.create(key, {found->payload, found->expires}, now);
        return found;
    }
    WriteResult commit(cr::SessionKey const& key, cr::Stored const& seen, cr::Record const& record,
                       cr::TimePoint now)
    {
        auto const answer = store_.commit(key, seen, record, now);
        cache_.erase(key);
        return answer;
    }
    WriteResult touch(cr::SessionKey const& key, cr::Stored const& seen, cr::TimePoint expires,
                      cr::TimePoint now)
    {
        auto const answer = store_.touch(key, seen, expires, now);
        cache_.erase(key);
        return answer;
    }
    WriteResult rotate(cr::SessionKey const& key, cr::Stored const& seen, cr::SessionKey const& fresh,
                       cr::Record const& record, cr::TimePoint now)
    {
        auto const answer = store_.rotate(key, seen, fresh, record, now);
        cache_.erase(key);
        return answer;
    }
    bool erase(cr::SessionKey const& key)
    {
        auto const answer = store_.erase(key);
        cache_.erase(key);
        return answer;
    }

private:
    Cache cache_;
    Store store_;
};

} // namespace

TEST_CASE("No order of two clients' calls leaves an old or an erased session in the cache")
{
    CHECK(walk_pairs<Counting>(200).schedules > 4000);
    CHECK(walk_pairs<Comparing>(1000).schedules > 20'000);
}

TEST_CASE("Two writers that both succeed leave no record of the first one, in any order of their calls")
{
    Walk<Comparing> walk;
    walk({Kind::commits, Kind::touches}, 20'000);
    CHECK(walk.schedules > 2000);
}

TEST_CASE("A cache without leases is caught: a slow fill brings an erased and an old session back")
{
    Walk<Counting, WithoutLeases> walk;
    CHECK_THROWS_AS(walk({Kind::reads, Kind::logs_out}), LawBroken);
    CHECK_THROWS_AS(walk({Kind::reads, Kind::rotates}), LawBroken);
    CHECK_THROWS_AS(walk({Kind::reads, Kind::commits}), LawBroken);
    CHECK_THROWS_AS(walk({Kind::reads, Kind::touches}), LawBroken);
    CHECK_THROWS_AS(walk({Kind::reads, Kind::dies}, 0, {Kind::logs_out, 1}), LawBroken);
    CHECK_NOTHROW(walk({Kind::reads, Kind::reads}));
}

TEST_CASE("A cache that loses leases, and clients slower than theirs, bring nothing back that is answered")
{
    constexpr std::size_t limit = 700;
    Walk<Comparing> walk;
    for (auto const write : writes)
        for (auto const trouble : {Kind::evicts, Kind::waits}) {
            walk({Kind::reads, write, trouble}, limit);
            walk({write, Kind::commits, trouble}, limit);
        }
    CHECK(walk.schedules > 20'000);
}

TEST_CASE("A client that dies at any of its calls leaves nothing old behind, and nobody waits for it forever")
{
    Walk<Counting> walk;
    for (auto const write : writes)
        for (std::size_t call = 0; call < (write == Kind::rotates ? 10U : 6U); ++call) {
            walk({Kind::dies}, 0, {write, call});
            walk({Kind::reads, Kind::dies}, 300, {write, call});
            walk({Kind::commits, Kind::dies}, 3000, {write, call});
        }
    CHECK(walk.schedules > 10'000);
}

TEST_CASE("No order of three clients' calls leaves an old or an erased session in the cache")
{
    constexpr std::size_t limit = 400;
    Walk<Comparing> walk;
    for (auto const first : writes)
        for (auto const second : writes)
            if (first <= second)
                walk({Kind::reads, first, second}, limit);
    walk({Kind::reads, Kind::reads, Kind::logs_out}, limit);
    walk({Kind::reads, Kind::reads, Kind::rotates}, limit);
    walk({Kind::commits, Kind::touches, Kind::logs_out}, limit);
    CHECK(walk.schedules > 9000);
}
