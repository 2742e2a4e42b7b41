// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_STORAGE_CHANGE_LAWS_HPP
#define CLOAKROOM_TESTING_STORAGE_CHANGE_LAWS_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/storage/concept.hpp>
#include <cloakroom/testing/storage_law_options.hpp>
#include <cloakroom/testing/storage_plain_laws.hpp>
#include <cloakroom/testing/storage_witness.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace cloakroom::inline v0::testing::plain_laws {

template <class Storage>
void commit_replaces_what_was_seen(StorageWitness<Storage>& storage, StorageLawOptions const&)
{
    auto const now = storage.now();
    auto const key = storage.new_key();
    storage.create(key, {"a", now + hour});
    auto const first = *storage.load(key);
    storage.commit(key, first, {"b", now + 2 * hour});
    storage.commit(key, first, {"c", now + hour});
    auto const second = *storage.load(key);
    storage.commit(key, second, {"b", now + 2 * hour}); // changes nothing and is done
    storage.commit(key, *storage.load(key), {"b", now + 3 * hour});
    storage.commit(key, *storage.load(key), {"c", now + 3 * hour});
    storage.commit(key, *storage.load(key), {"c", now + hour});
    storage.load(key);
    storage.touch(key, first, now + 5 * hour);
    storage.rotate(key, first, storage.new_key(), {"d", now + hour});
}

template <class Storage>
void touch_moves_the_expiry_alone(StorageWitness<Storage>& storage, StorageLawOptions const&)
{
    auto const now = storage.now();
    auto const key = storage.new_key();
    storage.create(key, {"a", now + hour});
    auto const first = *storage.load(key);
    storage.touch(key, first, now + hour); // changes nothing and is done
    storage.touch(key, *storage.load(key), now + 3 * hour);
    storage.touch(key, first, now + 2 * hour); // another's expiry stands
    storage.touch(key, *storage.load(key), now + 2 * hour);
    auto const later = *storage.load(key);
    storage.set_now(now + 2 * hour - tick);
    storage.load(key);
    storage.set_now(now + 2 * hour);
    storage.touch(key, later, now + 9 * hour); // the dead stay dead
    storage.load(key);
}

template <class Storage>
void rotate_leaves_one_key(StorageWitness<Storage>& storage, StorageLawOptions const&)
{
    auto const now = storage.now();
    auto const old = storage.new_key();
    auto const fresh = storage.new_key();
    storage.create(old, {"a", now + hour});
    auto const seen = *storage.load(old);
    storage.rotate(old, seen, fresh, {"a", now + hour}); // same payload, same expiry
    storage.load(old);
    storage.load(fresh);
    storage.commit(old, seen, {"b", now + hour});
    storage.touch(old, seen, now + 2 * hour);
    storage.rotate(old, seen, storage.new_key(), {"b", now + hour});
    storage.load(old);
    storage.erase(old);
    storage.create(old, {"c", now + hour}); // the old key is free again
    storage.commit(fresh, *storage.load(fresh), {"d", now + 2 * hour});
}

template <class Storage>
void rotate_never_overwrites(StorageWitness<Storage>& storage, StorageLawOptions const&)
{
    auto const now = storage.now();
    auto const key = storage.new_key();
    auto const live = storage.new_key();
    auto const dead = storage.new_key();
    storage.create(key, {"a", now + 2 * hour});
    storage.create(live, {"b", now + 2 * hour});
    storage.create(dead, {"c", now + hour});
    auto const seen = *storage.load(key);
    storage.rotate(key, seen, live, {"new", now + 3 * hour});
    storage.load(key);
    storage.load(live);
    storage.set_now(now + hour);
    storage.rotate(key, seen, dead, {"new", now + 3 * hour});
    storage.load(key);
    storage.load(dead);
}

template <class Storage>
void what_is_erased_stays_away(StorageWitness<Storage>& storage, StorageLawOptions const&)
{
    auto const now = storage.now();
    auto const key = storage.new_key();
    storage.create(key, {"a", now + hour});
    auto const seen = *storage.load(key);
    storage.erase(key);
    storage.erase(key);
    storage.commit(key, seen, {"b", now + hour});
    storage.touch(key, seen, now + 2 * hour);
    storage.rotate(key, seen, storage.new_key(), {"b", now + hour});
    storage.load(key);
    storage.create(key,
                   {"another session", now + hour}); // what was seen of the first is not seen of the second
    storage.commit(key, seen, {"b", now + hour});
    storage.touch(key, seen, now + 2 * hour);
    storage.rotate(key, seen, storage.new_key(), {"b", now + hour});
    storage.load(key);
    auto const dead = storage.new_key();
    storage.create(dead, {"dead", now + hour});
    storage.set_now(now + 2 * hour);
    storage.erase(dead);
}

/// Leftovers of others.
template <class Storage>
void clear_all_expired(StorageWitness<Storage>& storage)
{
    constexpr std::size_t budget = 1'000'000;
    constexpr int rounds = 100;
    for (int round = 0; round < rounds; ++round)
        if (storage.clear_expired(budget) < budget)
            return;
    storage.fail("clear_expired answered its whole budget of a million a hundred times in a row. It has to "
                 "answer how many records this call removed, and fewer than its budget when none is left.");
}

template <class Storage>
void clear_expired_removes_the_dead_alone(StorageWitness<Storage>& storage, StorageLawOptions const& options)
{
    if (!options.freedom.sweeps)
        return;
    auto const now = storage.now();
    clear_all_expired(storage);
    constexpr std::size_t dead = 25;
    constexpr std::size_t budget = 10;
    for (std::size_t i = 0; i < dead; ++i) {
        storage.create(storage.new_key(), {"dead", now + hour - static_cast<long>(i + 1) * tick});
        storage.create(storage.new_key(), {"at its deadline", now + hour});
        storage.create(storage.new_key(), {"live", now + hour + static_cast<long>(i + 1) * tick});
    }
    storage.set_now(now + hour);
    std::vector<std::size_t> const counts = {storage.clear_expired(budget), storage.clear_expired(0),
                                             storage.clear_expired(budget), storage.clear_expired(budget)};
    if (!options.freedom.expired_may_leave &&
        counts != std::vector<std::size_t>{budget, 0, budget, dead - 2 * budget})
        storage.fail(
            "With 25 expired records and budgets of 10, 0, 10 and 10, clear_expired has to answer 10, 0, "
            "10 and 5.");
    storage.clear_expired();
    if (storage.clear_expired() != 0)
        storage.fail("clear_expired found something right after it had answered that nothing is left. It has "
                     "to answer how many records this call removed.");
}

template <class Storage>
void budgets_bound_what_is_removed(StorageWitness<Storage>& storage, StorageLawOptions const& options)
{
    if (!options.freedom.sweeps || options.freedom.expired_may_leave)
        return;
    constexpr std::size_t dead = 7;
    for (std::size_t i = 0; i < dead; ++i)
        storage.create(storage.new_key(), {"dead", storage.now() - tick});
    auto const cleared = storage.clear_expired(2);
    std::size_t left = 0;
    for (StorageModel::Key key = 0; key < dead; ++key)
        left += storage.erase(key) ? 1U : 0U;
    if (cleared > 2 || left + 2 < dead)
        storage.fail("clear_expired removed more than its budget of 2.");
}

template <class Storage>
void expect_visits(StorageWitness<Storage>& storage, std::vector<StorageModel::Key> const& living)
{
    std::map<std::string, Stored> visited;
    storage.storage().for_each(storage.now(), [&](SessionKey const& key, Stored const& stored) {
        if (!(stored.expires > storage.now()))
            storage.fail("for_each visited a dead record.");
        if (!visited.try_emplace(std::string{key.reveal()}, stored).second)
            storage.fail("for_each visited a record twice.");
    });
    for (auto const key : living) {
        auto const found = visited.find(std::string{storage.key(key).reveal()});
        if (found == visited.end())
            storage.fail("for_each did not visit a live record; all that live have to be visited, from the "
                         "first to the last.");
        if (!(found->second == storage.load(key)->stored))
            storage.fail("for_each did not visit a live record as load returns it.");
    }
}

template <class Storage>
void for_each_visits_the_living(StorageWitness<Storage>& storage, StorageLawOptions const&)
{
    if constexpr (EnumerablePolicy<Storage>) {
        auto const now = storage.now();
        std::vector<StorageModel::Key> living;
        auto const add = [&](TimePoint expires) {
            living.push_back(storage.new_key());
            storage.create(living.back(), {std::to_string(living.size()), expires});
        };
        for (int i = 0; i < 250; ++i) // more than a page of most stores
            add(now + 2 * hour);
        expect_visits(storage, living);
        for (int i = 1; i <= 4; ++i)
            add(now + hour + i * tick);
        for (int i = 0; i <= 4; ++i)
            storage.create(storage.new_key(), {"dead", now + hour - i * tick});
        storage.set_now(now + hour);
        expect_visits(storage, living);
    }
}

} // namespace cloakroom::inline v0::testing::plain_laws

#endif
