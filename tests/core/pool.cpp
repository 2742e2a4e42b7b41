// SPDX-License-Identifier: MIT
#include <cloakroom/core/pool.hpp>

#include "support/catch.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

namespace cr = cloakroom;

struct Counters {
    std::atomic<int> made{0};
    std::atomic<int> alive{0};
};

struct Thing {
    explicit Thing(Counters& all) : counters(all)
    {
        ++counters.made;
        ++counters.alive;
    }
    Thing(Thing const&) = delete;
    Thing& operator=(Thing const&) = delete;
    ~Thing() { --counters.alive; }

    Counters& counters;
    std::atomic<bool> in_use{false};
    int uses = 0; // deliberately not atomic: two users at once are a data race that ThreadSanitizer sees
};

auto maker(Counters& counters)
{
    return [&counters] { return std::make_unique<Thing>(counters); };
}

static_assert(!std::is_copy_constructible_v<cr::Pool<Thing>> &&
              !std::is_move_constructible_v<cr::Pool<Thing>>);
static_assert(!std::is_copy_constructible_v<cr::Pool<Thing>::Lease>);
static_assert(std::is_nothrow_move_constructible_v<cr::Pool<Thing>::Lease>);

} // namespace

TEST_CASE("a pool makes an object only when none is free")
{
    Counters counters;
    cr::Pool<Thing> pool{maker(counters)};
    CHECK(counters.made == 0);

    Thing* first = nullptr;
    {
        auto const lease = pool.lease();
        first = &*lease;
    }
    auto const again = pool.lease();
    CHECK(&*again == first);
    CHECK(counters.made == 1);

    auto const other = pool.lease();
    CHECK(&*other != first);
    CHECK(counters.made == 2);
}

TEST_CASE("a pool passes over what cannot be used, and destroys it")
{
    Counters counters;
    cr::Pool<Thing, 4> pool{maker(counters)};
    Thing const* last = nullptr;
    {
        std::vector<cr::Pool<Thing, 4>::Lease> leases;
        for (int i = 0; i < 3; ++i)
            leases.push_back(pool.lease());
        leases[0]->uses = leases[1]->uses = 1;
        last = &*leases[2];
    }
    auto const used = [](Thing const& each) { return each.uses > 0; };
    {
        auto const one = pool.lease_unless(used);
        CHECK(&*one == last);
        auto const other = pool.lease_unless(used);
        CHECK(other->uses == 0);
    }
    CHECK(counters.made == 4);
    CHECK(counters.alive == 2);

    // When nothing can be used, the caller gets a new one to find out why.
    counters.made = 0;
    auto const refused = pool.lease_unless([](Thing const&) { return true; });
    CHECK(refused);
    CHECK(counters.made <= 5);
    CHECK(counters.alive == 1);
}

TEST_CASE("a pool keeps as many spare objects as it has slots and destroys the surplus")
{
    Counters counters;
    {
        cr::Pool<Thing, 2> pool{maker(counters)};
        {
            std::vector<cr::Pool<Thing, 2>::Lease> leases;
            for (int i = 0; i < 5; ++i)
                leases.push_back(pool.lease());
            CHECK(counters.alive == 5);
        }
        CHECK(counters.alive == 2);

        {
            auto const a = pool.lease();
            auto const b = pool.lease();
            CHECK(counters.made == 5);
        }
    }
    CHECK(counters.alive == 0);
}

TEST_CASE("clearing a pool destroys what is free and leaves what is in use")
{
    Counters counters;
    cr::Pool<Thing> pool{maker(counters)};
    {
        auto const used = pool.lease();
        {
            auto const freed = pool.lease();
        }
        CHECK(counters.alive == 2);
        pool.clear();
        CHECK(counters.alive == 1);
        CHECK(used->uses == 0);
    }
    CHECK(counters.alive == 1);
    pool.clear();
    CHECK(counters.alive == 0);
}

TEST_CASE("a discarded object does not come back")
{
    Counters counters;
    cr::Pool<Thing> pool{maker(counters)};
    {
        auto lease = pool.lease();
        lease.discard();
        CHECK_FALSE(lease);
    }
    CHECK(counters.alive == 0);
    auto const fresh = pool.lease();
    CHECK(fresh);
    CHECK(counters.made == 2);
}

TEST_CASE("moving a lease moves the use, and assigning to one puts its own object back")
{
    Counters counters;
    cr::Pool<Thing> pool{maker(counters)};
    auto a = pool.lease();
    auto b = pool.lease();
    auto* const first = &*a;
    auto* const second = &*b;

    auto moved = std::move(a);
    CHECK(&*moved == first);
    moved = std::move(b);
    CHECK(&*moved == second);
    auto const again = pool.lease();
    CHECK(&*again == first);
    CHECK(counters.made == 2);
}

TEST_CASE("what the factory throws reaches the caller, and the pool stays usable")
{
    Counters counters;
    bool broken = true;
    cr::Pool<Thing> pool{[&] {
        if (broken)
            throw std::runtime_error{"no connection"};
        return std::make_unique<Thing>(counters);
    }};
    CHECK_THROWS_AS(pool.lease(), std::runtime_error);
    broken = false;
    CHECK(pool.lease());
}

TEST_CASE("no two threads ever hold the same object")
{
    Counters counters;
    std::atomic<int> clashes{0};
    {
        cr::Pool<Thing, 3> pool{maker(counters)};
        std::vector<std::thread> threads;
        for (int t = 0; t < 8; ++t)
            threads.emplace_back([&] {
                for (int i = 0; i < 5'000; ++i) {
                    auto const lease = pool.lease();
                    if (lease->in_use.exchange(true, std::memory_order_relaxed))
                        ++clashes;
                    ++lease->uses;
                    lease->in_use.store(false, std::memory_order_relaxed);
                }
            });
        for (auto& thread : threads)
            thread.join();
        CHECK(counters.alive <= 3);
    }
    CHECK(clashes == 0);
    CHECK(counters.alive == 0);
}
