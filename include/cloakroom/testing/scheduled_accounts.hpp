// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_SCHEDULED_ACCOUNTS_HPP
#define CLOAKROOM_TESTING_SCHEDULED_ACCOUNTS_HPP

#include <cloakroom/auth/memory_users.hpp>
#include <cloakroom/auth/revocation.hpp>
#include <cloakroom/auth/user_store.hpp>
#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/storage/concept.hpp>
#include <cloakroom/testing/interleave.hpp>
#include <cloakroom/testing/turns.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::testing {

/// Users in memory whose calls wait for their turn in for_each_interleaving.
class ScheduledUsers {
public:
    using User = auth::User;

    std::optional<User> find(std::string_view id)
    {
        interleave_point("find user");
        return users_.find(id);
    }
    std::optional<User> find_by_name(std::string_view name)
    {
        interleave_point("find user by name");
        return users_.find_by_name(name);
    }
    bool set_password(std::string_view id, std::string_view expected, std::string_view field)
    {
        interleave_point("set password");
        auto const answer = users_.set_password(id, expected, field);
        Turns::note(answer ? "true" : "false");
        return answer;
    }

    auth::MemoryUsers& inner() { return users_; }

private:
    auth::MemoryUsers users_;
};

static_assert(auth::UserStorePolicy<ScheduledUsers>);

/// A storage whose calls for one key wait for their turn in for_each_interleaving. Those for other keys do
/// not: where no other client knows the key, their order makes no difference.
template <StoragePolicy Inner>
class WatchedStorage {
public:
    static constexpr auto purpose = Inner::purpose;
    static constexpr auto accepts = Inner::accepts;

    explicit WatchedStorage(Inner inner) : inner_{std::move(inner)} {}

    /// Before the clients run.
    void watch(SessionKey const& key) { watched_ = key; }

    std::optional<Stored> load(SessionKey const& key, TimePoint now)
    {
        point("load", key);
        return inner_.load(key, now);
    }
    bool create(SessionKey const& key, Record const& record, TimePoint now)
    {
        point("create", key);
        return inner_.create(key, record, now);
    }
    WriteResult commit(SessionKey const& key, Stored const& seen, Record const& record, TimePoint now)
    {
        point("commit", key);
        return inner_.commit(key, seen, record, now);
    }
    WriteResult touch(SessionKey const& key, Stored const& seen, TimePoint expires, TimePoint now)
    {
        point("touch", key);
        return inner_.touch(key, seen, expires, now);
    }
    WriteResult rotate(SessionKey const& key, Stored const& seen, SessionKey const& fresh,
                       Record const& record, TimePoint now)
    {
        point("rotate", key);
        return inner_.rotate(key, seen, fresh, record, now);
    }
    bool erase(SessionKey const& key)
    {
        point("erase", key);
        return inner_.erase(key);
    }
    std::size_t clear_expired(TimePoint now, std::size_t budget) { return inner_.clear_expired(now, budget); }

private:
    void point(std::string_view what, SessionKey const& key) const
    {
        if (key == watched_)
            interleave_point(what);
    }

    Inner inner_;
    std::optional<SessionKey> watched_;
};

/// A revocation whose calls wait for their turn in for_each_interleaving; elsewhere it is the one inside,
/// which outlives it.
template <auth::RevocationPolicy Inner>
class ScheduledRevocation {
public:
    explicit ScheduledRevocation(Inner& inner) : inner_{inner} {}

    std::int64_t epoch(std::string_view user)
    {
        interleave_point("epoch");
        return inner_.epoch(user);
    }
    std::int64_t bump(std::string_view user, TimePoint now)
    {
        interleave_point("bump");
        return inner_.bump(user, now);
    }
    std::optional<std::int64_t> bump_if(std::string_view user, std::int64_t epoch, TimePoint now)
    {
        interleave_point("bump_if");
        return noted(inner_.bump_if(user, epoch, now));
    }
    void bump_all(TimePoint now)
    {
        interleave_point("bump_all");
        inner_.bump_all(now);
    }
    bool add(std::string_view user, auth::Device const& device, auth::DeviceLimit limit, TimePoint now)
    requires auth::DeviceListPolicy<Inner>
    {
        interleave_point("add device");
        return noted(inner_.add(user, device, limit, now));
    }
    std::optional<auth::Device> find(std::string_view user, std::string_view handle, TimePoint now)
    requires auth::DeviceListPolicy<Inner>
    {
        interleave_point("find device");
        return noted(inner_.find(user, handle, now));
    }
    bool touch(std::string_view user, std::string_view handle, TimePoint seen, TimePoint expires)
    requires auth::DeviceListPolicy<Inner>
    {
        interleave_point("touch device");
        return noted(inner_.touch(user, handle, seen, expires));
    }
    bool remove(std::string_view user, std::string_view handle)
    requires auth::DeviceListPolicy<Inner>
    {
        interleave_point("remove device");
        return noted(inner_.remove(user, handle));
    }
    std::vector<auth::Device> list(std::string_view user, TimePoint now)
    requires auth::DeviceListPolicy<Inner>
    {
        interleave_point("list devices");
        return inner_.list(user, now);
    }
    bool keep_only(std::string_view user, std::string_view handle, std::string_view successor, TimePoint now)
    requires auth::DeviceListPolicy<Inner>
    {
        interleave_point("keep only one device");
        return noted(inner_.keep_only(user, handle, successor, now));
    }

private:
    template <class Answer>
    static Answer noted(Answer answer)
    {
        Turns::note(answer ? "yes" : "no");
        return answer;
    }

    Inner& inner_;
};

} // namespace cloakroom::inline v0::testing

#endif
