// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_MEMORY_USERS_HPP
#define CLOAKROOM_AUTH_MEMORY_USERS_HPP

#include <cloakroom/auth/user_store.hpp>
#include <cloakroom/core/clock.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cloakroom::inline v0::auth {

/// Users in this process alone, gone with it: for tests and trials. Ids are "1", "2", ...
class MemoryUsers {
public:
    using User = auth::User;

    MemoryUsers() = default;
    MemoryUsers(MemoryUsers const&) = delete;
    MemoryUsers& operator=(MemoryUsers const&) = delete;
    ~MemoryUsers() = default;

    /// Adds a user under an id of its own, whatever `user.id` says; nothing when the name is taken.
    std::optional<User> create(User user)
    {
        std::scoped_lock const lock{mutex_};
        auto const id = std::to_string(last_id_ + 1);
        if (!ids_.emplace(user.username, id).second)
            return std::nullopt;
        ++last_id_;
        user.id = id;
        return users_.emplace(user.id, std::move(user)).first->second;
    }

    std::optional<User> find(std::string_view id)
    {
        std::scoped_lock const lock{mutex_};
        return answer(users_.find(id));
    }

    std::optional<User> find_by_name(std::string_view name)
    {
        std::scoped_lock const lock{mutex_};
        auto const id = ids_.find(name);
        return id == ids_.end() ? std::nullopt : answer(users_.find(id->second));
    }

    bool set_password(std::string_view id, std::string_view expected, std::string_view field)
    {
        return change(id, [&](User& user) {
            if (user.password != expected)
                return false;
            user.password = field;
            return true;
        });
    }

    void set_last_login(std::string_view id, TimePoint now)
    {
        change(id, [&](User& user) {
            user.last_login = now;
            return true;
        });
    }

    /// Whether there is such a user.
    bool set_active(std::string_view id, bool is_active)
    {
        return change(id, [&](User& user) {
            user.is_active = is_active;
            return true;
        });
    }

    /// Whether there was such a user.
    bool erase(std::string_view id)
    {
        std::scoped_lock const lock{mutex_};
        auto const found = users_.find(id);
        if (found == users_.end())
            return false;
        ids_.erase(found->second.username);
        users_.erase(found);
        return true;
    }

private:
    using Users = std::map<std::string, User, std::less<>>;

    std::optional<User> answer(Users::iterator found) const
    {
        return found == users_.end() ? std::nullopt : std::optional{found->second};
    }
    template <class Change>
    bool change(std::string_view id, Change change)
    {
        std::scoped_lock const lock{mutex_};
        auto const found = users_.find(id);
        return found != users_.end() && change(found->second);
    }

    std::mutex mutex_;
    Users users_;
    std::map<std::string, std::string, std::less<>> ids_; // by name
    std::uint64_t last_id_ = 0;
};

static_assert(LastLoginPolicy<MemoryUsers>);

} // namespace cloakroom::inline v0::auth

#endif
