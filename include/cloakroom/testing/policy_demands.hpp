// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_POLICY_DEMANDS_HPP
#define CLOAKROOM_TESTING_POLICY_DEMANDS_HPP

#include <cloakroom/testing/policy_check.hpp>
#include <cloakroom/testing/policy_family.hpp>
#include <cloakroom/testing/revocation_needs.hpp>
#include <cloakroom/testing/serializer_needs.hpp>
#include <cloakroom/testing/signer_needs.hpp>
#include <cloakroom/testing/storage_needs.hpp>
#include <cloakroom/testing/user_store_needs.hpp>

#include <utility>

/// What the compiler says of a type that lacks something of its family's contract.
namespace cloakroom::inline v0::testing::explain_detail {

template <class T, Family family>
consteval bool demand()
{
    if constexpr (family == Family::storage) {
        static_assert(has<needs::Movable, T&>,
                      "cloakroom: a storage needs a move constructor and move assignment; keep what cannot "
                      "move, such as a mutex, in a std::unique_ptr");
        static_assert(
            has<needs::Load, T&>,
            "cloakroom: a storage needs std::optional<Stored> load(SessionKey const& key, TimePoint now)");
        static_assert(has<needs::Create, T&>, "cloakroom: a storage needs bool create(SessionKey const& key, "
                                              "Record const& record, TimePoint now)");
        static_assert(has<needs::Commit, T&>,
                      "cloakroom: a storage needs WriteResult commit(SessionKey const& key, Stored const& "
                      "seen, Record const& record, TimePoint now)");
        static_assert(has<needs::Touch, T&>, "cloakroom: a storage needs WriteResult touch(SessionKey const& "
                                             "key, Stored const& seen, TimePoint expires, TimePoint now)");
        static_assert(has<needs::Rotate, T&>,
                      "cloakroom: a storage needs WriteResult rotate(SessionKey const& key, Stored const& "
                      "seen, SessionKey const& fresh, Record const& record, TimePoint now)");
        static_assert(has<needs::Erase, T&>, "cloakroom: a storage needs bool erase(SessionKey const& key)");
        static_assert(
            has<needs::ClearExpired, T&>,
            "cloakroom: a storage needs std::size_t clear_expired(TimePoint now, std::size_t budget)");
        static_assert(has<needs::Purpose, T&>,
                      "cloakroom: a storage needs static constexpr std::string_view purpose");
        static_assert(has<needs::Accepts, T&>, "cloakroom: a storage needs static constexpr Content accepts");
    } else if constexpr (family == Family::client_side_storage) {
        static_assert(has<needs::Movable, T const&>,
                      "cloakroom: a client-side storage needs a move constructor and move assignment; keep "
                      "what cannot move, such as a mutex, in a std::unique_ptr");
        static_assert(has<needs::Seal, T const&>,
                      "cloakroom: a client-side storage needs std::string seal(Record record) const");
        static_assert(has<needs::Open, T const&>,
                      "cloakroom: a client-side storage needs std::optional<Record> open(std::string_view "
                      "ticket) const");
        static_assert(has<needs::MaxCookieSize, T const&>,
                      "cloakroom: a client-side storage needs static constexpr std::size_t max_cookie_size");
        static_assert(has<needs::Purpose, T const&>,
                      "cloakroom: a client-side storage needs static constexpr std::string_view purpose");
        static_assert(has<needs::Accepts, T const&>,
                      "cloakroom: a client-side storage needs static constexpr Content accepts");
    } else if constexpr (family == Family::serializer) {
        static_assert(has<needs::Dump, T const&>,
                      "cloakroom: a serializer needs std::string dump(Dict const& dict) const");
        static_assert(
            has<needs::LoadDict, T const&>,
            "cloakroom: a serializer needs Result<Dict, DecodeError> load(std::string_view bytes) const");
        static_assert(has<needs::Output, T const&>,
                      "cloakroom: a serializer needs static constexpr Content output");
    } else if constexpr (family == Family::signer) {
        static_assert(has<needs::Bind, T const&>,
                      "cloakroom: a signer needs Bound bind(std::string_view purpose) const");
        static_assert(has<needs::Output, T const&>,
                      "cloakroom: a signer needs static constexpr Content output");
        if constexpr (requires(T const& signer) { signer.bind(""); })
            return demand<decltype(std::declval<T const&>().bind("")), Family::bound_signer>();
    } else if constexpr (family == Family::bound_signer) {
        static_assert(has<needs::Sign, T const&>, "cloakroom: what bind gives needs std::string "
                                                  "sign(std::string_view payload, TimePoint now) const");
        static_assert(has<needs::Unsign, T const&>,
                      "cloakroom: what bind gives needs Result<std::string, Rejection> "
                      "unsign(std::string_view text, TimePoint now, std::optional<Duration> max_age) const");
    } else if constexpr (family == Family::user_store) {
        static_assert(has<needs::UserType, T&>,
                      "cloakroom: a user store needs a struct User that can be copied; using User = "
                      "auth::User will do");
        static_assert(has<needs::UserId, T&>,
                      "cloakroom: a user store needs std::string User::id, the primary key as a text that is "
                      "not empty");
        static_assert(has<needs::UserPassword, T&>,
                      "cloakroom: a user store needs std::string User::password, the encoded field");
        static_assert(has<needs::UserIsActive, T&>, "cloakroom: a user store needs bool User::is_active");
        static_assert(has<needs::FindUser, T&>,
                      "cloakroom: a user store needs std::optional<User> find(std::string_view id)");
        static_assert(
            has<needs::FindUserByName, T&>,
            "cloakroom: a user store needs std::optional<User> find_by_name(std::string_view name)");
        static_assert(has<needs::SetPassword, T&>,
                      "cloakroom: a user store needs bool set_password(std::string_view id, std::string_view "
                      "expected, std::string_view field), which replaces no other field than the expected");
        static_assert(has<needs::SetLastLogin, T&> || !is_named<needs::SetLastLogin, T>,
                      "cloakroom: a user store that notes log-ins needs void set_last_login(std::string_view "
                      "id, TimePoint now)");
    } else if constexpr (family == Family::revocation || family == Family::device_list) {
        static_assert(has<needs::Epoch, T&>,
                      "cloakroom: a revocation needs std::int64_t epoch(std::string_view user)");
        static_assert(has<needs::Bump, T&>, "cloakroom: a revocation needs std::int64_t "
                                            "bump(std::string_view user, TimePoint now), the new epoch");
        static_assert(has<needs::BumpIf, T&>,
                      "cloakroom: a revocation needs std::optional<std::int64_t> bump_if(std::string_view "
                      "user, std::int64_t epoch, TimePoint now)");
        static_assert(has<needs::BumpAll, T&>, "cloakroom: a revocation needs void bump_all(TimePoint now)");
        if constexpr (family == Family::device_list) {
            static_assert(
                has<needs::AddDevice, T&>,
                "cloakroom: a list of devices needs bool add(std::string_view user, Device const& device, "
                "DeviceLimit limit, TimePoint now)");
            static_assert(
                has<needs::FindDevice, T&>,
                "cloakroom: a list of devices needs std::optional<Device> find(std::string_view user, "
                "std::string_view handle, TimePoint now)");
            static_assert(
                has<needs::TouchDevice, T&>,
                "cloakroom: a list of devices needs bool touch(std::string_view user, std::string_view "
                "handle, TimePoint seen, TimePoint expires)");
            static_assert(
                has<needs::RemoveDevice, T&>,
                "cloakroom: a list of devices needs bool remove(std::string_view user, std::string_view "
                "handle)");
            static_assert(
                has<needs::ListDevices, T&>,
                "cloakroom: a list of devices needs std::vector<Device> list(std::string_view user, "
                "TimePoint now)");
            static_assert(has<needs::KeepOnly, T&>,
                          "cloakroom: a list of devices needs bool keep_only(std::string_view user, "
                          "std::string_view handle, std::string_view successor, TimePoint now)");
        }
    } else {
        static_assert(
            family != Family::unknown,
            "cloakroom: this type has no operation of a storage, a serializer, a signer, a user store or "
            "a revocation");
    }
    return true;
}

} // namespace cloakroom::inline v0::testing::explain_detail

#endif
