// SPDX-License-Identifier: MIT
#include <cloakroom/storage/hashed_keys.hpp>

#include "support/catch.hpp"
#include "support/storage.hpp"
#include "support/temporary_folder.hpp"

#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/storage/file.hpp>
#include <cloakroom/storage/memory.hpp>
#include <cloakroom/storage/sqlite.hpp>
#include <cloakroom/testing/storage_laws.hpp>
#include <cloakroom/testing/storage_stress.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace cr = cloakroom;
using cr::storage::File;
using cr::storage::HashedKey;
using cr::storage::HashedKeys;
using cr::storage::Memory;
using cr::storage::Sqlite;
using namespace std::chrono_literals;

namespace {

auto const a = key_of("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");

/// A storage that notes the keys that it is given.
struct Noting : Memory {
    std::optional<cr::Stored> load(cr::SessionKey const& key, cr::TimePoint now)
    {
        return Memory::load(note(key), now);
    }
    bool create(cr::SessionKey const& key, cr::Record const& record, cr::TimePoint now)
    {
        return Memory::create(note(key), record, now);
    }
    cr::WriteResult commit(cr::SessionKey const& key, cr::Stored const& seen, cr::Record const& record,
                           cr::TimePoint now)
    {
        return Memory::commit(note(key), seen, record, now);
    }
    cr::WriteResult touch(cr::SessionKey const& key, cr::Stored const& seen, cr::TimePoint expires,
                          cr::TimePoint now)
    {
        return Memory::touch(note(key), seen, expires, now);
    }
    cr::WriteResult rotate(cr::SessionKey const& key, cr::Stored const& seen, cr::SessionKey const& fresh,
                           cr::Record const& record, cr::TimePoint now)
    {
        return Memory::rotate(note(key), seen, note(fresh), record, now);
    }
    bool erase(cr::SessionKey const& key) { return Memory::erase(note(key)); }

    cr::SessionKey const& note(cr::SessionKey const& key)
    {
        noted.emplace(key.reveal());
        return key;
    }
    std::set<std::string> noted;
};

} // namespace

TEST_CASE("HashedKeys keeps the storage laws over Memory, Sqlite and File")
{
    auto const memory = [] { return HashedKeys{Memory{}}; };
    CHECK(cr::testing::storage_laws(memory, {.depth = 5, .freedom = {.expired_may_leave = true}}).schedules >
          4000);

    TemporaryFolder const folder;
    HashedKeys sqlite{Sqlite{folder.path("db.sqlite3")}};
    sqlite.inner().migrate();
    CHECK(cr::testing::storage_laws([&]() -> auto& { return sqlite; }, {.depth = 3}).schedules > 50);

    HashedKeys file{File{folder.path("")}};
    CHECK(cr::testing::storage_laws([&]() -> auto& { return file; }, {.depth = 3}).schedules > 50);
    CHECK_NOTHROW(cr::testing::storage_stress(file, {.threads = 3, .rounds = 20}));
}

TEST_CASE("A hashed key is 206 bits of a SHA-256 in Django's alphabet and width")
{
    CHECK(HashedKey::of(a).text() == "acfh3he8igs9zdn88vwn5spflxm5y8am75ssepee");
    CHECK(HashedKey::of(key_of("abcdefgh")).text() == "y1y33fn6gr3ejn1gp719418mo1l48j7u9mtqoqgx");
    CHECK(HashedKey::of(a).stored().is_storable());
    CHECK(HashedKey::parse("acfh3he8igs9zdn88vwn5spflxm5y8am75ssepee") == HashedKey::of(a));
    for (auto const* const text :
         {"", "abcdefgh", "acfh3he8igs9zdn88vwn5spflxm5y8am75ssepe",
          "acfh3he8igs9zdn88vwn5spflxm5y8am75ssepeee", "Acfh3he8igs9zdn88vwn5spflxm5y8am75ssepee"})
        CHECK_FALSE(HashedKey::parse(text));
}

TEST_CASE("Every place of a hashed key holds every character about equally often")
{
    std::array<std::array<int, 256>, cr::SessionKey::max_storable_length> counts{};
    constexpr int keys = 7200;
    for (int i = 0; i < keys; ++i) {
        auto const hashed = HashedKey::of(numbered_key(static_cast<std::size_t>(i)));
        for (std::size_t place = 0; place < hashed.text().size(); ++place)
            ++counts[place][static_cast<unsigned char>(hashed.text()[place])];
    }
    constexpr double expected = keys / 36.0;
    for (auto const& count : counts)
        for (char const c : cr::SessionKey::alphabet) // 200 each: seven deviations are 99
            CHECK(std::abs(count[static_cast<unsigned char>(c)] - expected) < 99);
}

TEST_CASE("No operation shows the storage inside a key")
{
    HashedKeys storage{Noting{}};
    auto const b = key_of("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
    storage.create(a, record_of("1"), test_now);
    auto const seen = storage.load(a, test_now);
    storage.touch(a, *seen, test_now + 2h, test_now);
    storage.commit(a, *storage.load(a, test_now), record_of("2"), test_now);
    storage.rotate(a, *storage.load(a, test_now), b, record_of("3"), test_now);
    CHECK(storage.load(b, test_now)->payload == "3");
    storage.erase(b);
    CHECK(storage.inner().noted ==
          std::set<std::string>{std::string{HashedKey::of(a).text()}, std::string{HashedKey::of(b).text()}});
}

TEST_CASE("What is stored opens no session when it is sent as a cookie, and the key does")
{
    using Session = cr::Session<HashedKeys<Memory>, cr::serializer::Json, cr::signer::Hmac>;
    Session::Backend backend{HashedKeys{Memory{}}, {}, cr::signer::Hmac{"a secret for tests"}};
    Session session{backend};
    session["user"] = 7;
    session.save();

    std::vector<std::string> stolen;
    backend.storage().inner().for_each(backend.now(), [&](cr::SessionKey const& key, cr::Stored const&) {
        stolen.emplace_back(key.reveal());
    });
    REQUIRE(stolen.size() == 1);
    CHECK(stolen.front() != session.session_key()->reveal());
    CHECK(stolen.front() == HashedKey::of(*session.session_key()).text());

    Session thief{backend, stolen.front()};
    CHECK_FALSE(thief.contains("user"));
    CHECK_FALSE(thief.session_key());
    Session owner{backend, session.session_key()->reveal()};
    CHECK(owner.at("user") == cr::Value{7});
}

TEST_CASE("A walk over HashedKeys tells hashed keys, by which a session can be ended but not opened")
{
    STATIC_REQUIRE(cr::StoragePolicy<HashedKeys<Memory>>);
    STATIC_REQUIRE_FALSE(cr::EnumerablePolicy<HashedKeys<Memory>>); // it has no keys to tell
    HashedKeys storage{Memory{}};
    storage.create(a, record_of("1"), test_now);
    storage.inner().create(key_of("aplainkeythatwasherebefore"), record_of("plain"), test_now);
    std::vector<HashedKey> found;
    storage.for_each(test_now, [&](HashedKey const& key, cr::Stored const& stored) {
        CHECK(stored.payload == "1");
        found.push_back(key);
    });
    REQUIRE(found.size() == 1);
    CHECK(found.front() == HashedKey::of(a));
    CHECK(storage.erase(found.front()));
    CHECK_FALSE(storage.load(a, test_now));
    CHECK_FALSE(storage.erase(found.front()));
}
