// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_REVOCATION_LAWS_HPP
#define CLOAKROOM_TESTING_REVOCATION_LAWS_HPP

#include <cloakroom/auth/revocation.hpp>
#include <cloakroom/core/clock.hpp>
#include <cloakroom/testing/law.hpp>
#include <cloakroom/testing/threads.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace cloakroom::inline v0::testing {

/// Throws LawBroken unless a RevocationPolicy keeps these laws:
/// - the epoch of a user is 0 until a bump, which makes it the moment or one more than it was, so that it
///   grows whatever clocks do; bump_if does so for the epoch that was seen alone; bump_all for all users;
/// - users are told apart;
/// - of threads that bump from the same epoch one succeeds;
/// and unless a DeviceListPolicy keeps these as well:
/// - a device comes back as it was listed, to its own user, until it is removed, its time has come or the
///   user's epoch changes; nothing but add lists one;
/// - touch moves moments forward alone;
/// - a limit holds, on many threads too: those seen least recently go, or the new one is refused;
/// - keep_only keeps one, under its new handle, and nothing unless that is listed.
/// `make_revocation()` gives one by value, or a reference to one that lives long enough, in which nobody else
/// is at work. The users are called "law 1", "law 2", ...; bump_all is called.
template <class MakeRevocation>
void revocation_laws(MakeRevocation make_revocation);

namespace revocation_laws_detail {

using auth::AtLimit;
using auth::Device;
using auth::DeviceLimit;
using std::chrono::seconds;

inline constexpr TimePoint moment{seconds{1'780'000'000}};

inline std::string next_user()
{
    static int number = 0;
    return "law " + std::to_string(++number);
}

inline Device device(std::string handle, TimePoint seen = moment)
{
    return {.handle = std::move(handle),
            .created = moment - seconds{1},
            .seen = seen,
            .expires = moment + seconds{1000},
            .user_agent = "Browser/1.0 (it's; \"quoted\" %)"};
}

/// Does something on several threads at once: how many said yes.
inline int yes_on_threads(std::size_t count, std::function<bool(std::size_t)> const& act)
{
    std::atomic<int> yes = 0;
    on_threads(count, [&](std::size_t t) { yes += act(t) ? 1 : 0; });
    return yes;
}

template <class R>
void epochs_grow(R& revocation)
{
    auto const ann = next_user();
    auto const bob = next_user();
    auto const number = moment.time_since_epoch().count();
    require(revocation.epoch(ann) == 0, "the epoch of a user is 0 until a bump");
    require(revocation.bump(ann, moment) == number && revocation.epoch(ann) == number,
            "a bump makes the epoch the moment in microseconds");
    require(revocation.bump(ann, moment) == number + 1 && revocation.epoch(ann) == number + 1,
            "a bump makes the epoch larger when time stands still");
    require(revocation.bump(ann, moment - seconds{60}) == number + 2, "and when the clock was put back");
    require(revocation.bump(ann, moment + seconds{60}) == number + 60'000'000,
            "and the moment when it goes on");
    require(revocation.epoch(bob) == 0, "a bump of one user leaves the others'");
    for (auto const& other : {ann + " ", " " + ann, ann + "0", std::string{"LAW 1"}, std::string{"'"}})
        require(revocation.epoch(other) == 0, "users are told apart");

    require(!revocation.bump_if(bob, 1, moment) && revocation.epoch(bob) == 0,
            "bump_if leaves an epoch that was not seen");
    require(revocation.bump_if(bob, 0, moment) == number && revocation.epoch(bob) == number,
            "bump_if makes a new epoch of the one seen");
    require(!revocation.bump_if(bob, 0, moment), "bump_if makes one new epoch of the one seen");

    auto const before = revocation.epoch(ann);
    revocation.bump_all(moment);
    require(revocation.epoch(ann) > before && revocation.epoch(bob) > number &&
                revocation.epoch(next_user()) > 0,
            "bump_all makes everybody's epoch larger");
    auto const all = revocation.epoch(bob);
    require(revocation.bump(bob, moment) > all && revocation.epoch(bob) > all,
            "a user's own epoch grows from everybody's");
    auto const own = revocation.epoch(bob);
    revocation.bump_all(moment);
    require(revocation.epoch(bob) > own, "everybody's epoch grows from each user's own");
}

template <class R>
void one_bump_wins(R& revocation)
{
    auto const user = next_user();
    for (int round = 0; round < 10; ++round) {
        auto const seen = revocation.epoch(user);
        require(yes_on_threads(
                    4, [&](std::size_t) { return revocation.bump_if(user, seen, moment).has_value(); }) == 1,
                "of threads that bump from the same epoch one succeeds");
        auto const start = revocation.epoch(user);
        std::array<std::int64_t, 4> epochs{};
        yes_on_threads(4, [&](std::size_t t) {
            epochs[t] = revocation.bump(user, moment);
            return true;
        });
        std::sort(epochs.begin(), epochs.end());
        require(epochs.front() > start && std::adjacent_find(epochs.begin(), epochs.end()) == epochs.end() &&
                    revocation.epoch(user) == epochs.back(),
                "each bump gives an epoch of its own, and the last one stands");
    }
}

template <class R>
void devices_come_back(R& revocation)
{
    auto const ann = next_user();
    auto const bob = next_user();
    require(revocation.list(ann, moment).empty() && !revocation.find(ann, "a", moment),
            "a user has no devices at first");
    require(!revocation.remove(ann, "a") && !revocation.touch(ann, "a", moment, moment + seconds{9}) &&
                !revocation.keep_only(ann, "a", "b", moment) &&
                revocation.epoch(ann) == revocation.epoch(bob),
            "a device that is not listed is not removed, touched or kept");
    require(revocation.list(ann, moment).empty(), "nothing but add lists a device");

    auto const first = device("a");
    auto const second = device("b", moment + seconds{1});
    require(revocation.add(ann, first, {}, moment) && revocation.add(ann, second, {}, moment),
            "without a limit devices are added");
    require(revocation.find(ann, "a", moment) == first && revocation.find(ann, "b", moment) == second,
            "a device comes back as it was");
    require(revocation.list(ann, moment) == std::vector{second, first},
            "the device seen last is listed first");
    require(!revocation.find(bob, "a", moment) && revocation.list(bob, moment).empty() &&
                !revocation.remove(bob, "a") && revocation.find(ann, "a", moment),
            "a device belongs to its user");
    for (auto const* const other : {"", "A", "a ", "%", "ab"})
        require(!revocation.find(ann, other, moment), "handles are told apart");

    require(revocation.remove(ann, "a") && !revocation.find(ann, "a", moment) && !revocation.remove(ann, "a"),
            "a device that was removed is gone");
    require(revocation.list(ann, moment) == std::vector{second}, "the other one stays");

    revocation.add(bob, first, {}, moment);
    revocation.bump(ann, moment);
    require(revocation.list(ann, moment).empty() && !revocation.find(ann, "b", moment),
            "a bump empties the user's list");
    require(revocation.find(bob, "a", moment).has_value(), "and no other user's");
    require(revocation.bump_if(bob, revocation.epoch(bob), moment) && revocation.list(bob, moment).empty(),
            "bump_if does, too");
    revocation.add(ann, first, {}, moment);
    revocation.add(bob, first, {}, moment);
    revocation.bump_all(moment);
    require(revocation.list(ann, moment).empty() && revocation.list(bob, moment).empty(),
            "bump_all empties all lists");
    require(revocation.add(ann, first, {}, moment) && revocation.find(ann, "a", moment),
            "after a bump devices are listed again");
}

template <class R>
void times_are_kept(R& revocation)
{
    auto const user = next_user();
    revocation.add(user, device("a"), {}, moment);
    require(revocation.touch(user, "a", moment + seconds{10}, moment + seconds{2000}),
            "a listed device is touched");
    auto found = revocation.find(user, "a", moment);
    require(found && found->seen == moment + seconds{10} && found->expires == moment + seconds{2000} &&
                found->created == device("a").created && found->user_agent == device("a").user_agent,
            "touch moves seen and expires, and nothing else");
    require(revocation.touch(user, "a", moment + seconds{5}, moment + seconds{6}) &&
                revocation.find(user, "a", moment) == found,
            "touch moves no moment back");

    auto const end = moment + seconds{2000};
    require(revocation.find(user, "a", end - Duration{1}).has_value(),
            "a device is there until its time has come");
    require(!revocation.find(user, "a", end) && revocation.list(user, end).empty(),
            "and is gone when its time has come");
    require(!revocation.touch(user, "a", end, end + seconds{1}) &&
                !revocation.find(user, "a", moment + seconds{2000}),
            "a device whose time has come is not brought back");
    require(!revocation.keep_only(user, "a", "b", end), "and not kept");
    require(revocation.add(user, device("c", end), {.max_devices = 1, .at_limit = AtLimit::deny},
                           end - Duration{1}) == false,
            "a device counts until its time has come");
    auto late = device("c", end);
    late.expires = end + seconds{1};
    require(revocation.add(user, late, {.max_devices = 1, .at_limit = AtLimit::deny}, end),
            "a device whose time has come does not count");
}

template <class R>
void limits_hold(R& revocation)
{
    auto const user = next_user();
    DeviceLimit const evict{.max_devices = 3};
    for (auto const* const handle : {"a", "b", "c"})
        require(revocation.add(user, device(handle, moment + seconds{handle[0] - 'a'}), evict, moment),
                "up to the limit devices are added");
    revocation.touch(user, "a", moment + seconds{50}, moment + seconds{1000});
    require(revocation.add(user, device("d", moment + seconds{60}), evict, moment),
            "with evict_least_recently_used one more is added");
    require(!revocation.find(user, "b", moment) && revocation.find(user, "a", moment) &&
                revocation.find(user, "c", moment) && revocation.find(user, "d", moment),
            "at the limit the device seen least recently goes");
    require(revocation.add(user, device("e", moment - seconds{1}), {.max_devices = 1}, moment) &&
                revocation.list(user, moment) == std::vector{device("e", moment - seconds{1})},
            "a lower limit holds at the next log-in, and the new one is the one that stays");

    DeviceLimit const deny{.max_devices = 2, .at_limit = AtLimit::deny};
    require(revocation.add(user, device("f"), deny, moment), "with deny devices are added up to the limit");
    require(!revocation.add(user, device("g"), deny, moment) && revocation.list(user, moment).size() == 2 &&
                !revocation.find(user, "g", moment),
            "with deny one more is refused, and nothing changes");
    auto const other = next_user();
    require(revocation.add(other, device("a"), deny, moment), "one user's devices do not count for another");

    auto const busy = next_user();
    yes_on_threads(6, [&](std::size_t t) {
        auto const handle = "t" + std::to_string(t);
        for (int i = 0; i < 5; ++i)
            revocation.add(busy, device(handle + std::to_string(i)), evict, moment);
        return true;
    });
    require(revocation.list(busy, moment).size() == 3, "many threads never exceed a limit");
    auto const queue = next_user();
    require(yes_on_threads(6,
                           [&](std::size_t t) {
                               return revocation.add(queue, device("t" + std::to_string(t)), deny, moment);
                           }) == 2 &&
                revocation.list(queue, moment).size() == 2,
            "of many threads as many are let in as the limit says");
}

template <class R>
void one_is_kept(R& revocation)
{
    auto const user = next_user();
    for (auto const* const handle : {"a", "b", "c"})
        revocation.add(user, device(handle), {}, moment);
    auto const before = revocation.epoch(user);
    require(revocation.keep_only(user, "b", "b", moment) &&
                revocation.list(user, moment) == std::vector{device("b")},
            "keep_only keeps the device as it was, and no other");
    require(revocation.epoch(user) > before, "keep_only is a bump");
    require(revocation.keep_only(user, "b", "z", moment) &&
                revocation.list(user, moment) == std::vector{device("z")},
            "keep_only gives the device its new handle");
    auto const epoch = revocation.epoch(user);
    require(!revocation.keep_only(user, "b", "y", moment) && revocation.epoch(user) == epoch &&
                revocation.list(user, moment) == std::vector{device("z")},
            "keep_only changes nothing when the device is not listed");

    revocation.add(user, device("y"), {}, moment);
    require(yes_on_threads(2,
                           [&](std::size_t t) {
                               return revocation.keep_only(user, t == 0 ? "y" : "z", "kept", moment);
                           }) == 1 &&
                revocation.list(user, moment).size() == 1,
            "of two devices that keep only themselves one stays");
}

} // namespace revocation_laws_detail

template <class MakeRevocation>
void revocation_laws(MakeRevocation make_revocation)
{
    namespace laws = revocation_laws_detail;
    auto&& revocation = make_revocation();
    using Revocation = std::remove_cvref_t<decltype(revocation)>;
    static_assert(auth::RevocationPolicy<Revocation>);

    laws::epochs_grow(revocation);
    laws::one_bump_wins(revocation);
    if constexpr (auth::DeviceListPolicy<Revocation>) {
        laws::devices_come_back(revocation);
        laws::times_are_kept(revocation);
        laws::limits_hold(revocation);
        laws::one_is_kept(revocation);
    }
}

} // namespace cloakroom::inline v0::testing

#endif
