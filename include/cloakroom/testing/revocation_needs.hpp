// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_REVOCATION_NEEDS_HPP
#define CLOAKROOM_TESTING_REVOCATION_NEEDS_HPP

#include <cloakroom/auth/revocation.hpp>
#include <cloakroom/testing/policy_needs.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

/// What auth::RevocationPolicy and auth::DeviceListPolicy require.
namespace cloakroom::inline v0::testing::needs {

struct Epoch : Gives<std::int64_t> {
    static constexpr std::string_view wanted = "std::int64_t epoch(std::string_view user)";
    template <class S>
    using Given = decltype(std::declval<S>().epoch(text));
    template <class T>
    using Found = decltype(&T::epoch);
    struct Namesake {
        int epoch;
    };
};

struct Bump : Gives<std::int64_t> {
    static constexpr std::string_view wanted = "std::int64_t bump(std::string_view user, TimePoint now)";
    template <class S>
    using Given = decltype(std::declval<S>().bump(text, now));
    template <class T>
    using Found = decltype(&T::bump);
    struct Namesake {
        int bump;
    };
};

struct BumpIf : Gives<std::optional<std::int64_t>> {
    static constexpr std::string_view wanted =
        "std::optional<std::int64_t> bump_if(std::string_view user, std::int64_t epoch, TimePoint now)";
    template <class S>
    using Given = decltype(std::declval<S>().bump_if(text, std::declval<std::int64_t&>(), now));
    template <class T>
    using Found = decltype(&T::bump_if);
    struct Namesake {
        int bump_if;
    };
};

struct BumpAll : Does {
    static constexpr std::string_view wanted = "void bump_all(TimePoint now)";
    template <class S>
    using Given = decltype(std::declval<S>().bump_all(now));
    template <class T>
    using Found = decltype(&T::bump_all);
    struct Namesake {
        int bump_all;
    };
};

struct AddDevice : Gives<bool> {
    static constexpr std::string_view wanted =
        "bool add(std::string_view user, Device const& device, DeviceLimit limit, TimePoint now)";
    template <class S>
    using Given = decltype(std::declval<S>().add(text, std::declval<auth::Device const&>(),
                                                 std::declval<auth::DeviceLimit&>(), now));
    template <class T>
    using Found = decltype(&T::add);
    struct Namesake {
        int add;
    };
};

struct FindDevice : Gives<std::optional<auth::Device>> {
    static constexpr std::string_view wanted =
        "std::optional<Device> find(std::string_view user, std::string_view handle, TimePoint now)";
    template <class S>
    using Given = decltype(std::declval<S>().find(text, text, now));
    template <class T>
    using Found = decltype(&T::find);
    struct Namesake {
        int find;
    };
};

struct TouchDevice : Gives<bool> {
    static constexpr std::string_view wanted =
        "bool touch(std::string_view user, std::string_view handle, TimePoint seen, TimePoint expires)";
    template <class S>
    using Given = decltype(std::declval<S>().touch(text, text, now, expires));
    template <class T>
    using Found = decltype(&T::touch);
    struct Namesake {
        int touch;
    };
};

struct RemoveDevice : Gives<bool> {
    static constexpr std::string_view wanted = "bool remove(std::string_view user, std::string_view handle)";
    template <class S>
    using Given = decltype(std::declval<S>().remove(text, text));
    template <class T>
    using Found = decltype(&T::remove);
    struct Namesake {
        int remove;
    };
};

struct ListDevices : Gives<std::vector<auth::Device>> {
    static constexpr std::string_view wanted =
        "std::vector<Device> list(std::string_view user, TimePoint now)";
    template <class S>
    using Given = decltype(std::declval<S>().list(text, now));
    template <class T>
    using Found = decltype(&T::list);
    struct Namesake {
        int list;
    };
};

struct KeepOnly : Gives<bool> {
    static constexpr std::string_view wanted =
        "bool keep_only(std::string_view user, std::string_view handle, std::string_view successor, "
        "TimePoint now)";
    template <class S>
    using Given = decltype(std::declval<S>().keep_only(text, text, text, now));
    template <class T>
    using Found = decltype(&T::keep_only);
    struct Namesake {
        int keep_only;
    };
};

using Revocation = List<Epoch, Bump, BumpIf, BumpAll>;
using DeviceList = List<Epoch, Bump, BumpIf, BumpAll, AddDevice, FindDevice, TouchDevice, RemoveDevice,
                        ListDevices, KeepOnly>;

} // namespace cloakroom::inline v0::testing::needs

#endif
