// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTS_SUPPORT_STORAGE_HPP
#define CLOAKROOM_TESTS_SUPPORT_STORAGE_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/storage/concept.hpp>
#include <cloakroom/testing/threads.hpp>

#include "support/in_child.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The moment at which storage tests begin.
inline constexpr cloakroom::TimePoint test_now{cloakroom::Duration{1'780'000'000'123'456}};
inline constexpr cloakroom::Duration microsecond{1};

inline cloakroom::SessionKey key_of(std::string_view text)
{
    return cloakroom::SessionKey::parse(text).value();
}

/// Keys that differ in their last characters alone.
inline cloakroom::SessionKey numbered_key(std::size_t number)
{
    auto text = std::to_string(number);
    return key_of("session" + std::string(20 - text.size(), '0') + text);
}

inline cloakroom::Record record_of(std::string payload,
                                   cloakroom::TimePoint expires = test_now + std::chrono::hours{1})
{
    return {std::move(payload), expires};
}

/// Calls of a storage, with their names.
using Operations = std::vector<std::pair<std::string, std::function<void()>>>;

/// Every operation on a record, for errors that all of them meet. The storage outlives what is answered.
template <cloakroom::StoragePolicy Storage>
Operations record_operations(Storage& storage, cloakroom::SessionKey const& a, cloakroom::SessionKey const& b,
                             cloakroom::TimePoint now)
{
    using namespace std::chrono_literals;
    cloakroom::Stored const seen{"1", now + 1h, 7};
    auto const record = record_of("2", now + 1h);
    return {{"load", [=, &storage] { storage.load(a, now); }},
            {"create", [=, &storage] { storage.create(a, record, now); }},
            {"commit", [=, &storage] { storage.commit(a, seen, record, now); }},
            {"touch", [=, &storage] { storage.touch(a, seen, now + 2h, now); }},
            {"rotate", [=, &storage] { storage.rotate(a, seen, b, record, now); }},
            {"erase", [=, &storage] { storage.erase(a); }}};
}

/// Runs `work(thread_number)` on that many threads at once and waits for all of them. Returns how many threw.
inline int run_threads(int count, std::function<void(int)> const& work)
{
    std::atomic<int> failed{0};
    cloakroom::testing::on_threads(static_cast<std::size_t>(count), [&](std::size_t number) {
        try {
            work(static_cast<int>(number));
        } catch (...) {
            ++failed;
        }
    });
    return failed;
}

/// Adds 1 to the number that the record holds, as often as it takes for one commit. False if the record has
/// gone.
template <cloakroom::StoragePolicy Storage>
bool count_up(Storage& storage, cloakroom::SessionKey const& key, cloakroom::TimePoint now)
{
    for (;;) {
        auto const seen = storage.load(key, now);
        if (!seen)
            return false;
        auto const next = record_of(std::to_string(std::stol(seen->payload) + 1), seen->expires);
        switch (storage.commit(key, *seen, next, now)) {
        case cloakroom::WriteResult::committed:
            return true;
        case cloakroom::WriteResult::conflict:
            continue;
        default:
            return false;
        }
    }
}

/// Counts up 100 times in this process and in each of three children of it, all at once: whether all of them
/// did.
template <cloakroom::StoragePolicy Storage>
bool count_in_four_processes(Storage& storage, cloakroom::SessionKey const& key, cloakroom::TimePoint now)
{
    auto const count_to_100 = [&] {
        auto all = true;
        for (int step = 0; step < 100; ++step)
            all = count_up(storage, key, now) && all;
        return all;
    };
    std::vector<Child> children;
    for (int i = 0; i < 3; ++i)
        children.emplace_back(count_to_100);
    auto all = count_to_100();
    for (auto const& child : children)
        all = child.wait() == 0 && all;
    return all;
}

#endif
