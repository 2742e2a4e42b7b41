// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_AUTH_MEMORY_REVOCATION_HPP
#define CLOAKROOM_AUTH_MEMORY_REVOCATION_HPP

#include <cloakroom/auth/revocation.hpp>
#include <cloakroom/core/clock.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::auth {

/// Epochs and devices in this process alone, gone with it. Of the sessions that outlive it, such as those in
/// browsers, those that name a device are then ended, as it is not listed. Those that name none, because of
/// list_devices = false or because Django logged them in, are not: all epochs are 0 again, and whoever was
/// logged in under that one lives again, though ended. For sites of one process, and for tests.
class MemoryRevocation {
public:
    MemoryRevocation() = default;
    MemoryRevocation(MemoryRevocation const&) = delete;
    MemoryRevocation& operator=(MemoryRevocation const&) = delete;
    ~MemoryRevocation() = default;

    std::int64_t epoch(std::string_view user)
    {
        std::scoped_lock const lock{mutex_};
        auto const found = users_.find(user);
        return epoch_of(found == users_.end() ? nullptr : &found->second);
    }

    std::int64_t bump(std::string_view user, TimePoint now)
    {
        std::scoped_lock const lock{mutex_};
        return bumped(entry(user), now);
    }

    std::optional<std::int64_t> bump_if(std::string_view user, std::int64_t epoch, TimePoint now)
    {
        std::scoped_lock const lock{mutex_};
        auto& mine = entry(user);
        return epoch_of(&mine) == epoch ? std::optional{bumped(mine, now)} : std::nullopt;
    }

    void bump_all(TimePoint now)
    {
        std::scoped_lock const lock{mutex_};
        auto latest = everyone_;
        for (auto const& [user, each] : users_)
            latest = std::max(latest, each.epoch);
        everyone_ = next_epoch(latest, now);
        users_.clear();
    }

    bool add(std::string_view user, Device const& device, DeviceLimit limit, TimePoint now)
    {
        std::scoped_lock const lock{mutex_};
        auto& devices = entry(user).devices;
        forget_expired(devices, now);
        std::erase_if(devices, [&](Device const& each) { return each.handle == device.handle; });
        if (limit.max_devices != 0 && devices.size() >= limit.max_devices) {
            if (limit.at_limit == AtLimit::deny)
                return false;
            sort(devices);
            devices.resize(limit.max_devices - 1);
        }
        devices.push_back(device);
        return true;
    }

    std::optional<Device> find(std::string_view user, std::string_view handle, TimePoint now)
    {
        std::scoped_lock const lock{mutex_};
        auto const* const device = listed(user, handle);
        return device != nullptr && device->expires > now ? std::optional{*device} : std::nullopt;
    }

    bool touch(std::string_view user, std::string_view handle, TimePoint seen, TimePoint expires)
    {
        std::scoped_lock const lock{mutex_};
        auto* const device = listed(user, handle);
        if (device == nullptr || device->expires <= seen)
            return false;
        device->seen = std::max(device->seen, seen);
        device->expires = std::max(device->expires, expires);
        return true;
    }

    bool remove(std::string_view user, std::string_view handle)
    {
        std::scoped_lock const lock{mutex_};
        auto const found = users_.find(user);
        return found != users_.end() && std::erase_if(found->second.devices, [&](Device const& each) {
                                            return each.handle == handle;
                                        }) != 0;
    }

    std::vector<Device> list(std::string_view user, TimePoint now)
    {
        std::scoped_lock const lock{mutex_};
        auto const found = users_.find(user);
        if (found == users_.end())
            return {};
        auto devices = found->second.devices;
        forget_expired(devices, now);
        sort(devices);
        return devices;
    }

    bool keep_only(std::string_view user, std::string_view handle, std::string_view successor, TimePoint now)
    {
        std::scoped_lock const lock{mutex_};
        auto const* const device = listed(user, handle);
        if (device == nullptr || device->expires <= now)
            return false;
        auto kept = *device;
        kept.handle = successor;
        auto& mine = entry(user);
        bumped(mine, now);
        mine.devices.push_back(std::move(kept));
        return true;
    }

    /// Forgets the devices that have expired, and returns how many (R43).
    std::size_t clear_expired(TimePoint now)
    {
        std::scoped_lock const lock{mutex_};
        std::size_t count = 0;
        for (auto& [user, each] : users_)
            count += forget_expired(each.devices, now);
        return count;
    }

private:
    struct Entry {
        std::int64_t epoch = 0;
        std::vector<Device> devices{};
    };

    static std::size_t forget_expired(std::vector<Device>& devices, TimePoint now)
    {
        return std::erase_if(devices, [&](Device const& each) { return each.expires <= now; });
    }
    /// Those seen last first.
    static void sort(std::vector<Device>& devices)
    {
        std::sort(devices.begin(), devices.end(), [](Device const& a, Device const& b) {
            return std::tie(b.seen, b.created, b.handle) < std::tie(a.seen, a.created, a.handle);
        });
    }
    Entry& entry(std::string_view user)
    {
        auto const found = users_.find(user);
        return found != users_.end() ? found->second : users_[std::string{user}];
    }
    Device* listed(std::string_view user, std::string_view handle)
    {
        auto const found = users_.find(user);
        if (found == users_.end())
            return nullptr;
        auto& devices = found->second.devices;
        auto const device = std::find_if(devices.begin(), devices.end(),
                                         [&](Device const& each) { return each.handle == handle; });
        return device == devices.end() ? nullptr : &*device;
    }
    std::int64_t epoch_of(Entry const* entry) const
    {
        return std::max(everyone_, entry == nullptr ? 0 : entry->epoch);
    }
    std::int64_t bumped(Entry& entry, TimePoint now) const
    {
        entry.epoch = next_epoch(epoch_of(&entry), now);
        entry.devices.clear();
        return entry.epoch;
    }

    std::mutex mutex_;
    std::map<std::string, Entry, std::less<>> users_;
    std::int64_t everyone_ = 0; // the epoch of all users
};

static_assert(DeviceListPolicy<MemoryRevocation>);

} // namespace cloakroom::inline v0::auth

#endif
