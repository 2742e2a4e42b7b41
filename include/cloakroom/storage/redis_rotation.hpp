// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_REDIS_ROTATION_HPP
#define CLOAKROOM_STORAGE_REDIS_ROTATION_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/storage/concept.hpp>
#include <cloakroom/storage/redis_client.hpp>
#include <cloakroom/storage/redis_cluster.hpp>
#include <cloakroom/storage/redis_commands.hpp>
#include <cloakroom/storage/redis_moment.hpp>
#include <cloakroom/storage/redis_records.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace cloakroom::inline v0::storage::detail {

/// Moves a record to another key of a cluster, where no script reaches both. Three steps:
///
/// 1. The fresh key gets the new record, if it is free, but for the length of a lease only.
/// 2. The old record is removed, if it is still the version that was seen. This is the moment at which the
///    rotation happens. If it is another one or none, the fresh record is removed again.
/// 3. The fresh record gets its own deadline.
///
/// Each step is one atomic command or script of one server. Why that is enough:
/// - Nobody knows the fresh key before the last step is done: it is random, and its owner has not said it.
///   Only for_each may meet the new record earlier.
/// - Of all rotations, commits and erasures that saw one version, one wins, since each of them is decided by
///   one step on the old key alone: here the second. A logout that comes first makes it absent; one that
///   comes later finds no old record.
/// - A crash, or an error, before the second step is done leaves the old record as it was. The fresh one goes
///   with its lease.
/// - A crash after it loses the fresh key with the process that alone knew it, as a crash between a single
///   server's script and its answer does; the record goes with its lease. The third step may be repeated, and
///   is when the connection is lost.
/// - No step ever writes under the old key, so nothing brings it back.
class RedisRotation {
public:
    RedisRotation(RedisCluster& cluster, RedisRecords const& records, Duration lease)
        : cluster_(cluster), records_(records), lease_(lease)
    {
    }

    WriteResult rotate(SessionKey const& key, Stored const& seen, SessionKey const& fresh,
                       Record const& record, TimePoint now)
    {
        if (!install(fresh, record))
            return WriteResult::taken;
        if (age() > lease_ / 2)
            fail("it is as it was");
        auto const answer = remove(key, seen.payload, now);
        if (answer == WriteResult::committed)
            confirm(fresh, record);
        else
            withdraw(fresh, record);
        return answer;
    }

private:
    using Clock = std::chrono::steady_clock;

    Clock::duration age() const { return Clock::now() - start_; }

    /// False if the key is taken.
    bool install(SessionKey const& key, Record const& record)
    {
        return cluster_.use(records_.slot_of(key), [&](RedisClient& client) {
            auto& words = client.begin();
            words.begin(6);
            words.add("SET");
            records_.add_key(words, key);
            records_.add_value(words, record);
            words.add("NX");
            words.add("PX");
            words.add(std::to_string(std::chrono::ceil<std::chrono::milliseconds>(lease_).count()));
            client.send();
            return !client.receive().is_nil();
        });
    }

    WriteResult remove(SessionKey const& key, std::string_view payload, TimePoint now)
    {
        return cluster_.use(records_.slot_of(key), [&](RedisClient& client) {
            return RedisRecords::write_result(
                client, client.run(records_.scripts().remove, 1, 3, [&](RedisCommands& words) {
                    records_.add_key(words, key);
                    words.add(RedisMoment{now}.text());
                    words.add(payload);
                }));
        });
    }

    void confirm(SessionKey const& key, Record const& record)
    {
        auto const is_there = cluster_.repeat(records_.slot_of(key), [&](RedisClient& client) {
            auto& words = client.begin();
            words.begin(3);
            words.add("PEXPIREAT");
            records_.add_key(words, key);
            records_.add_deadline(words, record.expires);
            client.send();
            return client.number(client.receive()) != 0;
        });
        // Earlier than that, somebody who walked over all records has erased it.
        if (!is_there && age() >= lease_)
            fail("it is lost");
    }

    /// The answer is known by now, so that a failure changes nothing: the lease does it later.
    void withdraw(SessionKey const& key, Record const& record)
    {
        try {
            remove(key, record.payload, TimePoint{});
        } catch (StorageError const&) {
            return;
        }
    }

    [[noreturn]] static void fail(std::string_view what)
    {
        throw StorageError{"Redis: a session could not get another key in time, and " + std::string{what} +
                           ". Check the load of this machine and of the cluster."};
    }

    RedisCluster& cluster_;
    RedisRecords const& records_;
    Duration lease_;
    Clock::time_point start_ = Clock::now();
};

} // namespace cloakroom::inline v0::storage::detail

#endif
