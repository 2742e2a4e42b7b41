// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_STORAGE_PLAIN_LAWS_HPP
#define CLOAKROOM_TESTING_STORAGE_PLAIN_LAWS_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/storage/concept.hpp>
#include <cloakroom/testing/storage_law_options.hpp>
#include <cloakroom/testing/storage_witness.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

/// What one client after the other may expect of a storage. Each law is a script: the witness compares every
/// answer with the model, so a script only has to go where storages go wrong.
namespace cloakroom::inline v0::testing::plain_laws {

inline constexpr Duration tick{1};
inline constexpr Duration hour = std::chrono::hours{1};

/// A payload of every byte that the storage accepts.
template <class Storage>
std::string every_byte()
{
    std::string text;
    int const last = Storage::accepts == Content::bytes ? 255 : 127;
    for (int byte = Storage::accepts == Content::bytes ? 0 : 1; byte <= last; ++byte)
        text += static_cast<char>(byte);
    return text;
}

template <class Storage>
void payloads_come_back_unchanged(StorageWitness<Storage>& storage, StorageLawOptions const& options)
{
    auto const bytes = every_byte<Storage>();
    for (std::size_t const size :
         {0U, 1U, 2U, 15U, 16U, 255U, 256U, 4095U, 4096U, 65535U, 65536U, 1U << 20}) {
        if (size > options.max_payload)
            continue;
        std::string payload;
        while (payload.size() < size)
            payload += bytes.substr(0, size - payload.size());
        auto const key = storage.new_key();
        storage.create(key, {payload, storage.now() + hour});
        auto const seen = storage.load(key);
        payload.insert(0, "x"); // the first byte alone differs from another size's text
        payload.resize(size);
        storage.commit(key, *seen, {payload, storage.now() + hour});
        storage.rotate(key, *storage.load(key), storage.new_key(), {payload, storage.now() + hour});
    }
    for (auto const byte : bytes) {
        auto const key = storage.new_key();
        storage.create(key, {std::string(1, byte), storage.now() + hour});
        storage.load(key);
    }
}

/// What some stores strip, quote or end at.
template <class Storage>
void payloads_keep_their_ends(StorageWitness<Storage>& storage, StorageLawOptions const&)
{
    std::vector<std::string> ends = {" ", "\n", "\r\n", "\t", "\\", "'", "\"", "%", "=", "\x1a"};
    if (Storage::accepts == Content::bytes)
        ends.insert(ends.end(), {std::string(1, '\0'), "\xFF", "\xEF\xBB\xBF"});
    for (auto const& end : ends) {
        auto const within = [&end](char letter) { return std::string{end}.append(1, letter).append(end); };
        auto const until = storage.now() + hour;
        auto const key = storage.new_key();
        storage.create(key, {within('a'), until});
        storage.commit(key, *storage.load(key), {within('b'), until});
        auto const fresh = storage.new_key();
        storage.rotate(key, *storage.load(key), fresh, {within('c'), until});
        storage.touch(fresh, *storage.load(fresh), until + hour);
        storage.load(fresh);
    }
}

template <class Storage>
void keys_are_told_apart(StorageWitness<Storage>& storage, StorageLawOptions const&)
{
    auto const text = std::string{SessionKey::generate().reveal()};
    for (auto const& each : {text.substr(0, 8), text.substr(0, 9), text, text + "a", text + "aaaaaaaa",
                             text.substr(1) + "0", text.substr(1) + "1"}) {
        auto const key = storage.add_key(*SessionKey::parse(each));
        storage.load(key);
        storage.create(key, {each, storage.now() + hour});
    }
    for (StorageModel::Key key = 0; key < storage.model().size(); key += 2)
        storage.erase(key);
}

template <class Storage>
void nothing_comes_of_nothing(StorageWitness<Storage>& storage, StorageLawOptions const&)
{
    auto const other = storage.new_key();
    storage.create(other, {"other", storage.now() + hour});
    auto const foreign = *storage.load(other);
    Seen const invented{{"invented", storage.now() + hour, 1}, 0};
    for (auto const& seen : {foreign, invented}) {
        auto const key = storage.new_key();
        storage.load(key);
        storage.erase(key);
        storage.commit(key, seen, {"new", storage.now() + hour});
        storage.load(key);
        storage.touch(key, seen, storage.now() + 2 * hour);
        storage.load(key);
        storage.rotate(key, seen, storage.new_key(), {"new", storage.now() + hour});
        storage.load(key);
        storage.create(key, {"own", storage.now() + hour});
    }
}

template <class Storage>
void a_foreign_version_is_not_seen(StorageWitness<Storage>& storage, StorageLawOptions const&)
{
    auto const key = storage.new_key();
    auto const other = storage.new_key();
    storage.create(key, {"own", storage.now() + hour});
    storage.create(other, {"other", storage.now() + hour});
    auto const foreign = *storage.load(other);
    storage.commit(key, foreign, {"new", storage.now() + hour});
    storage.touch(key, foreign, storage.now() + 2 * hour);
    storage.rotate(key, foreign, storage.new_key(), {"new", storage.now() + hour});
}

template <class Storage>
void create_never_overwrites(StorageWitness<Storage>& storage, StorageLawOptions const&)
{
    auto const key = storage.new_key();
    storage.create(key, {"first", storage.now() + hour});
    storage.create(key, {"second", storage.now() + 2 * hour});
    storage.create(key, {"first", storage.now() + hour});
    storage.load(key);
    storage.set_now(storage.now() + hour);
    storage.create(key, {"at its deadline", storage.now() + hour});
    storage.load(key);
    auto const dead = storage.new_key();
    storage.create(dead, {"dead", storage.now() + tick});
    storage.set_now(storage.now() + 2 * tick);
    storage.create(dead, {"after its deadline", storage.now() + hour});
}

template <class Storage>
void deadlines_are_exact(StorageWitness<Storage>& storage, StorageLawOptions const&)
{
    auto const moment = std::chrono::floor<std::chrono::seconds>(storage.now()) + hour;
    for (auto const fraction : {0, 1, 10, 123'456, 500'000, 999'999}) {
        auto const expires = moment + Duration{fraction};
        auto const other = storage.new_key();
        auto const key = storage.new_key();
        storage.create(key, {"p", expires});
        storage.create(other, {"q", expires + hour});
        storage.set_now(expires - tick);
        auto const seen = *storage.load(key);
        storage.commit(key, seen, {"p2", expires});
        auto const newer = *storage.load(key);
        storage.set_now(expires);
        storage.load(key);
        storage.commit(key, newer, {"p3", expires + hour});
        storage.touch(key, newer, expires + hour);
        storage.rotate(key, newer, storage.new_key(), {"p3", expires + hour});
        storage.load(key);
        storage.load(other);
    }
}

template <class Storage>
void far_moments_are_kept(StorageWitness<Storage>& storage, StorageLawOptions const&)
{
    auto const now = storage.now();
    for (auto const expires : {earliest_time, earliest_time + tick, TimePoint{} - tick, TimePoint{},
                               TimePoint{} + tick, now - hour, now - tick, now}) {
        auto const key = storage.new_key();
        storage.create(key, {"born dead", expires});
        storage.load(key);
        auto const killed = storage.new_key();
        storage.create(killed, {"live", now + hour});
        storage.commit(killed, *storage.load(killed), {"dead", expires});
        storage.load(killed);
        auto const ended = storage.new_key();
        storage.create(ended, {"live", now + hour});
        auto const seen = *storage.load(ended);
        storage.touch(ended, seen, expires);
        storage.touch(ended, seen, now + hour);
        storage.load(ended);
    }
    for (auto const expires : {now + tick, now + 100 * 365 * 24 * hour, latest_time - tick, latest_time}) {
        auto const key = storage.new_key();
        storage.create(key, {"live", expires});
        storage.touch(key, *storage.load(key), latest_time);
        storage.commit(key, *storage.load(key), {"still live", expires});
        storage.load(key);
    }
}

} // namespace cloakroom::inline v0::testing::plain_laws

#endif
