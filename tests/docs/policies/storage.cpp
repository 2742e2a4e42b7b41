// SPDX-License-Identifier: MIT
// The smallest models that docs/policies/storage.md shows, as a user writes and tests them.
#include "support/catch.hpp"

// [storage_model]
#include <cloakroom.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cr = cloakroom;

class MapStorage {
public:
    static constexpr std::string_view purpose = cr::storage::session_store_purpose;
    static constexpr cr::Content accepts = cr::Content::bytes;

    std::optional<cr::Stored> load(cr::SessionKey const& key, cr::TimePoint now)
    {
        std::scoped_lock const lock{*mutex_};
        auto const found = records_.find(key.reveal());
        return is_live(found, now) ? std::optional{found->second} : std::nullopt;
    }

    bool create(cr::SessionKey const& key, cr::Record const& record, cr::TimePoint)
    {
        std::scoped_lock const lock{*mutex_};
        return add(key, record);
    }

    cr::WriteResult commit(cr::SessionKey const& key, cr::Stored const& seen, cr::Record const& record,
                           cr::TimePoint now)
    {
        return change(key, seen, now, [&](Records::iterator found) {
            found->second = {record.payload, record.expires, ++last_version_};
            return cr::WriteResult::committed;
        });
    }

    cr::WriteResult touch(cr::SessionKey const& key, cr::Stored const& seen, cr::TimePoint expires,
                          cr::TimePoint now)
    {
        return commit(key, seen, {seen.payload, expires}, now);
    }

    cr::WriteResult rotate(cr::SessionKey const& key, cr::Stored const& seen, cr::SessionKey const& fresh,
                           cr::Record const& record, cr::TimePoint now)
    {
        return change(key, seen, now, [&](Records::iterator found) {
            if (!add(fresh, record))
                return cr::WriteResult::taken;
            records_.erase(found);
            return cr::WriteResult::committed;
        });
    }

    bool erase(cr::SessionKey const& key)
    {
        std::scoped_lock const lock{*mutex_};
        return records_.erase(std::string{key.reveal()}) != 0;
    }

    std::size_t clear_expired(cr::TimePoint now, std::size_t budget)
    {
        std::scoped_lock const lock{*mutex_};
        return std::erase_if(records_, [&](auto const& entry) {
            auto const remove = entry.second.expires < now && budget > 0;
            budget -= remove ? 1U : 0U;
            return remove;
        });
    }

private:
    using Records = std::map<std::string, cr::Stored, std::less<>>;

    bool is_live(Records::iterator found, cr::TimePoint now)
    {
        return found != records_.end() && found->second.expires > now;
    }

    bool add(cr::SessionKey const& key, cr::Record const& record)
    {
        cr::Stored const stored{record.payload, record.expires, ++last_version_};
        return records_.try_emplace(std::string{key.reveal()}, stored).second;
    }

    // Comparing and changing is one step: nobody comes between.
    template <class Make>
    cr::WriteResult change(cr::SessionKey const& key, cr::Stored const& seen, cr::TimePoint now, Make make)
    {
        std::scoped_lock const lock{*mutex_};
        auto const found = records_.find(key.reveal());
        if (!is_live(found, now))
            return cr::WriteResult::absent;
        if (found->second.version != seen.version)
            return cr::WriteResult::conflict;
        return make(found);
    }

    std::unique_ptr<std::mutex> mutex_ = std::make_unique<std::mutex>(); // a mutex cannot move
    Records records_;
    std::uint64_t last_version_ = 0; // never given twice, not even to a record that comes after another
};

static_assert(cr::StoragePolicy<MapStorage>);
// [/storage_model]

// [storage_tests]
#include <cloakroom/testing/explain.hpp>
#include <cloakroom/testing/session_laws.hpp>
#include <cloakroom/testing/storage_laws.hpp>
#include <cloakroom/testing/storage_stress.hpp>

TEST_CASE("MapStorage keeps the contract")
{
    CHECK(cr::testing::explain<MapStorage>() == ""); // which operations are missing, if any

    cr::testing::storage_laws(
        [] { return MapStorage{}; }); // each answer, in 8,000 interleavings of three clients

    MapStorage storage;
    cr::testing::storage_stress(storage); // real threads

    using Session = cr::Session<MapStorage, cr::serializer::Json, cr::signer::Unsigned>;
    cr::testing::session_laws<Session>([] { return MapStorage{}; }, {}, {.clients = 2}); // whole requests
}
// [/storage_tests]

// [client_side_model]
class PlainTicket {
public:
    static constexpr std::string_view purpose = "my_site.session_tickets";
    static constexpr cr::Content accepts = cr::Content::text;
    static constexpr std::size_t max_cookie_size = 4096;

    std::string seal(cr::Record record) const { return std::move(record.payload); }

    std::optional<cr::Record> open(std::string_view ticket) const
    {
        return cr::Record{std::string{ticket}, cr::latest_time}; // the signature knows its age
    }
};

static_assert(cr::ClientSidePolicy<PlainTicket>);
// [/client_side_model]

#include <cloakroom/testing/ticket_laws.hpp>

TEST_CASE("PlainTicket keeps the contract")
{
    CHECK(cr::testing::explain<PlainTicket>() == "");
    cr::testing::ticket_laws(
        [] { return PlainTicket{}; },
        cr::testing::TicketSigners<cr::signer::Hmac>{
            .ours = cr::signer::Hmac{"a secret key"},
            .stranger = cr::signer::Hmac{"another key"},
            .successor = cr::signer::Hmac{"the next key", {.fallback_keys = {"a secret key"}}}});
}
