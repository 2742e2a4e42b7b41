// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_POLICY_FAMILY_HPP
#define CLOAKROOM_TESTING_POLICY_FAMILY_HPP

#include <cloakroom/testing/policy_check.hpp>
#include <cloakroom/testing/policy_needs.hpp>
#include <cloakroom/testing/revocation_needs.hpp>
#include <cloakroom/testing/serializer_needs.hpp>
#include <cloakroom/testing/signer_needs.hpp>
#include <cloakroom/testing/storage_needs.hpp>
#include <cloakroom/testing/user_store_needs.hpp>

namespace cloakroom::inline v0::testing {

/// What a type is meant to be.
enum class Family {
    unknown,
    storage,             ///< StoragePolicy
    client_side_storage, ///< ClientSidePolicy
    serializer,          ///< SerializerPolicy
    signer,              ///< SignerPolicy
    bound_signer,        ///< BoundSigner
    user_store,          ///< auth::UserStorePolicy, and LastLoginPolicy if it has a `set_last_login`
    revocation,          ///< auth::RevocationPolicy
    device_list,         ///< auth::DeviceListPolicy
};

/// The family that T has most operations of.
template <class T>
consteval Family family_of()
{
    using namespace needs;
    using explain_detail::count;
    using explain_detail::is_given;
    // `load`, `output`, `purpose`, `find` and `touch` decide nothing: more than one family has them. Of two
    // families that count the same the first is taken.
    struct {
        Family family;
        int operations;
    } const found[] = {
        {Family::storage, count<T>(List<Create, Commit, Rotate, Erase, ClearExpired>{})},
        {Family::client_side_storage, count<T>(List<Seal, Open, MaxCookieSize>{})},
        {Family::serializer, count<T>(List<Dump>{})},
        {Family::signer, count<T>(List<Bind>{})},
        {Family::bound_signer, count<T>(List<Sign, Unsign>{})},
        {Family::user_store, count<T>(List<UserType, UserId, UserPassword, FindUserByName, SetPassword>{})},
        {Family::revocation, count<T>(Revocation{})},
        {Family::device_list,
         count<T>(List<Epoch, Bump, BumpIf, BumpAll, AddDevice, RemoveDevice, ListDevices, KeepOnly>{})},
    };
    auto best = found[0];
    for (auto const& each : found)
        if (each.operations > best.operations)
            best = each;
    return best.operations > 0                                   ? best.family
           : is_given<Load, T&> || count<T>(List<Accepts>{}) > 0 ? Family::storage
           : is_given<LoadDict, T&>                              ? Family::serializer
                                                                 : Family::unknown;
}

} // namespace cloakroom::inline v0::testing

#endif
