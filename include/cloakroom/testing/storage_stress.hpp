// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_STORAGE_STRESS_HPP
#define CLOAKROOM_TESTING_STORAGE_STRESS_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/storage/concept.hpp>
#include <cloakroom/testing/law.hpp>
#include <cloakroom/testing/threads.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace cloakroom::inline v0::testing {

/// How much storage_stress does.
struct StorageStressOptions {
    std::size_t threads = 4;
    /// How often each thread counts, and how often the threads race for one record.
    std::size_t rounds = 200;
};

/// What must hold of a storage when real threads use it at once: each acknowledged commit counts, one thread
/// of many wins a create and a rotate, what is erased stays away, clear_expired takes no living record. For
/// the thread sanitizer, and for what a schedule of whole calls cannot show. Throws LawBroken.
template <StoragePolicy Storage>
void storage_stress(Storage& storage, StorageStressOptions options = {});

template <StoragePolicy Storage>
class StorageStress {
public:
    StorageStress(Storage& storage, StorageStressOptions options) : storage_(storage), options_(options) {}

    void commits_count()
    {
        auto const key = SessionKey::generate();
        storage_.create(key, {"0", later_}, now_);
        std::atomic<bool> done = false;
        std::thread sweeper{[&] {
            while (!done) {
                storage_.clear_expired(now_, 10);
                std::this_thread::sleep_for(std::chrono::milliseconds{1});
            }
        }};
        try {
            on_threads(options_.threads, [&](std::size_t) {
                for (std::size_t i = 0; i < options_.rounds; ++i)
                    count_one(key);
            });
        } catch (...) {
            done = true;
            sweeper.join();
            throw;
        }
        done = true;
        sweeper.join();
        auto const wanted = std::to_string(options_.threads * options_.rounds);
        auto const found = storage_.load(key, now_);
        storage_.erase(key);
        require(found.has_value(), "The record that all threads counted in is gone.");
        require(found->payload == wanted,
                "Of " + wanted + " acknowledged commits, " + found->payload + " are in the record.");
    }

    void one_creates()
    {
        race([&](SessionKey const& key) {
            std::atomic<std::size_t> created = 0;
            on_threads(options_.threads, [&](std::size_t i) {
                if (storage_.create(key, {std::to_string(i), later_}, now_))
                    ++created;
            });
            require(created == 1, std::to_string(created) + " threads created the same key.");
            require(storage_.erase(key), "A created record is gone.");
        });
    }

    /// All saw the same version; half of the threads rotate, half commit.
    void one_replaces()
    {
        race([&](SessionKey const& key) {
            storage_.create(key, {"first", later_}, now_);
            auto const seen = *storage_.load(key, now_);
            std::vector<SessionKey> fresh;
            fresh.reserve(options_.threads);
            for (std::size_t i = 0; i < options_.threads; ++i)
                fresh.push_back(SessionKey::generate());
            std::atomic<std::size_t> winner = options_.threads;
            std::atomic<std::size_t> winners = 0;
            on_threads(options_.threads, [&](std::size_t i) {
                Record const record{"by " + std::to_string(i), later_};
                auto const answer = i % 2 == 0 ? storage_.rotate(key, seen, fresh[i], record, now_)
                                               : storage_.commit(key, seen, record, now_);
                if (answer == WriteResult::committed) {
                    winner = i;
                    ++winners;
                }
            });
            require(winners == 1, std::to_string(winners) + " threads replaced the same version.");
            fresh.push_back(key);
            auto const rotated = winner % 2 == 0;
            for (std::size_t i = 0; i < fresh.size(); ++i) {
                auto const found = storage_.load(fresh[i], now_);
                storage_.erase(fresh[i]);
                require(found.has_value() == (rotated ? i == winner : i == options_.threads),
                        "After a race of rotates and commits another key lives than the winner's.");
                require(!found || found->payload == "by " + std::to_string(winner),
                        "After a race of rotates and commits the winner's record holds another's payload.");
            }
        });
    }

    void the_erased_stay_away()
    {
        race([&](SessionKey const& key) {
            storage_.create(key, {"0", later_}, now_);
            on_threads(options_.threads, [&](std::size_t i) {
                if (i != 0) {
                    count_one(key);
                    return;
                }
                require(storage_.erase(key), "A record was not there to erase.");
                require(!storage_.load(key, now_), "A record lives after it was erased.");
            });
            require(!storage_.load(key, now_) && !storage_.erase(key),
                    "A commit brought an erased record back.");
        });
    }

private:
    void race(std::function<void(SessionKey const&)> const& round)
    {
        for (std::size_t i = 0; i < options_.rounds; ++i)
            round(SessionKey::generate());
    }

    /// Adds one, or does nothing when the record is gone.
    void count_one(SessionKey const& key)
    {
        while (auto const seen = storage_.load(key, now_)) {
            Record const record{std::to_string(std::stoul(seen->payload) + 1), later_};
            if (storage_.commit(key, *seen, record, now_) != WriteResult::conflict)
                return;
        }
    }

    Storage& storage_;
    StorageStressOptions options_;
    TimePoint now_ = system_now() + std::chrono::hours{24};
    TimePoint later_ = now_ + std::chrono::hours{1};
};

template <StoragePolicy Storage>
void storage_stress(Storage& storage, StorageStressOptions options)
{
    StorageStress<Storage> stress{storage, options};
    stress.commits_count();
    stress.one_creates();
    stress.one_replaces();
    stress.the_erased_stay_away();
}

} // namespace cloakroom::inline v0::testing

#endif
