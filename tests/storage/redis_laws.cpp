// SPDX-License-Identifier: MIT
#include <cloakroom/storage/redis.hpp>

#include <cloakroom/serializer/json.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/signer/unsigned.hpp>
#include <cloakroom/testing/session_laws.hpp>
#include <cloakroom/testing/storage_laws.hpp>
#include <cloakroom/testing/storage_stress.hpp>

#include "support/catch.hpp"
#include "support/redis_server.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cr = cloakroom;
using cr::storage::Redis;
using cr::storage::RedisFormat;

namespace {

RedisServer& server()
{
    static RedisServer one;
    return one;
}

constexpr cr::testing::Freedom server_expires{.expired_may_leave = true, .sweeps = false};

/// A storage of whole milliseconds for laws that count in microseconds: each microsecond after `origin` lasts
/// a millisecond.
class SlowTime {
public:
    static constexpr std::string_view purpose = Redis::purpose;
    static constexpr cr::Content accepts = Redis::accepts;

    explicit SlowTime(Redis& inner) : inner_(&inner) {}

    std::optional<cr::Stored> load(cr::SessionKey const& key, cr::TimePoint now)
    {
        auto found = inner_->load(key, slow(now));
        if (found)
            found->expires = origin_ + (found->expires - origin_) / 1000;
        return found;
    }
    bool create(cr::SessionKey const& key, cr::Record const& record, cr::TimePoint now)
    {
        return inner_->create(key, {record.payload, slow(record.expires)}, slow(now));
    }
    cr::WriteResult commit(cr::SessionKey const& key, cr::Stored const& seen, cr::Record const& record,
                           cr::TimePoint now)
    {
        return inner_->commit(key, {seen.payload, slow(seen.expires)}, {record.payload, slow(record.expires)},
                              slow(now));
    }
    cr::WriteResult touch(cr::SessionKey const& key, cr::Stored const& seen, cr::TimePoint expires,
                          cr::TimePoint now)
    {
        return inner_->touch(key, {seen.payload, slow(seen.expires)}, slow(expires), slow(now));
    }
    cr::WriteResult rotate(cr::SessionKey const& key, cr::Stored const& seen, cr::SessionKey const& fresh,
                           cr::Record const& record, cr::TimePoint now)
    {
        return inner_->rotate(key, {seen.payload, slow(seen.expires)}, fresh,
                              {record.payload, slow(record.expires)}, slow(now));
    }
    bool erase(cr::SessionKey const& key) { return inner_->erase(key); }
    std::size_t clear_expired(cr::TimePoint now, std::size_t budget)
    {
        return inner_->clear_expired(slow(now), budget);
    }

private:
    cr::TimePoint slow(cr::TimePoint moment) const { return origin_ + (moment - origin_) * 1000; }

    Redis* inner_;
    cr::TimePoint origin_ =
        std::chrono::floor<std::chrono::milliseconds>(cr::system_now()) + std::chrono::hours{24};
};

} // namespace

TEST_CASE("Redis keeps the storage laws in every schedule of two and of three clients")
{
    Redis storage{server().url(1)};
    auto const use = [&]() -> auto& { return storage; };
    CHECK(cr::testing::storage_laws(use, {.depth = 5, .clients = 2, .freedom = server_expires}).schedules >
          4000);
    CHECK(cr::testing::storage_laws(use, {.depth = 4, .clients = 3, .freedom = server_expires}).schedules >
          800);
}

TEST_CASE("Redis in Django's bare format keeps the laws whose times are whole milliseconds")
{
    Redis redis{server().url(2), {.format = RedisFormat::bare}};
    SlowTime storage{redis};
    cr::testing::StorageLawOptions const options{.depth = 4, .clients = 3, .freedom = server_expires};
    using Witness = cr::testing::StorageWitness<SlowTime>;
    namespace laws = cr::testing::plain_laws;
    for (auto const law :
         {laws::payloads_come_back_unchanged<SlowTime>, laws::keys_are_told_apart<SlowTime>,
          laws::nothing_comes_of_nothing<SlowTime>, laws::a_foreign_version_is_not_seen<SlowTime>,
          laws::create_never_overwrites<SlowTime>, laws::deadlines_are_exact<SlowTime>,
          laws::commit_replaces_what_was_seen<SlowTime>, laws::touch_moves_the_expiry_alone<SlowTime>,
          laws::rotate_leaves_one_key<SlowTime>, laws::rotate_never_overwrites<SlowTime>,
          laws::what_is_erased_stays_away<SlowTime>}) {
        Witness witness{storage, server_expires, Witness::start_time()};
        witness.tell("a law", [&] {
            law(witness, options);
            witness.finish();
        });
    }
    CHECK(cr::testing::walk_schedules(storage, options).schedules > 800);
}

TEST_CASE("Redis stands the stress of real threads")
{
    auto const format = GENERATE(RedisFormat::record, RedisFormat::bare);
    Redis storage{server().url(3), {.format = format}};
    CHECK_NOTHROW(cr::testing::storage_stress(storage, {.threads = 4, .rounds = 100}));
}

TEST_CASE("Signed sessions on Redis lose nothing in any order of two requests' storage calls")
{
    using Session = cr::Session<Redis, cr::serializer::Json, cr::signer::Hmac>;
    auto const open = [&] { return Redis{server().url(4)}; };
    auto const report =
        cr::testing::session_laws<Session>(open, cr::signer::Hmac{"a secret for tests"}, {.clients = 2});
    CHECK(report.schedules > 500);
    CHECK(report.complete);
}

TEST_CASE("Sessions on Redis lose nothing in the first orders of three requests' storage calls")
{
    using Session = cr::Session<Redis, cr::serializer::Json, cr::signer::Unsigned>;
    auto const open = [&] { return Redis{server().url(5)}; };
    CHECK(cr::testing::session_laws<Session>(open, {}, {.clients = 3, .limit = 30}).schedules > 1500);
}
