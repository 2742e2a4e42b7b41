// SPDX-License-Identifier: MIT
// expect: StoragePolicy
// expect: commit
#include <cloakroom.hpp>

namespace cr = cloakroom;

struct Storage {
    static constexpr std::string_view purpose = cr::storage::session_store_purpose;
    static constexpr cr::Content accepts = cr::Content::bytes;

    std::optional<cr::Stored> load(cr::SessionKey const&, cr::TimePoint);
    bool create(cr::SessionKey const&, cr::Record const&, cr::TimePoint);
#ifdef WELL_FORMED
    cr::WriteResult commit(cr::SessionKey const&, cr::Stored const&, cr::Record const&, cr::TimePoint);
#endif
    cr::WriteResult touch(cr::SessionKey const&, cr::Stored const&, cr::TimePoint, cr::TimePoint);
    cr::WriteResult rotate(cr::SessionKey const&, cr::Stored const&, cr::SessionKey const&, cr::Record const&,
                           cr::TimePoint);
    bool erase(cr::SessionKey const&);
    std::size_t clear_expired(cr::TimePoint, std::size_t);
};

static_assert(sizeof(cr::Session<Storage, cr::serializer::Json, cr::signer::Unsigned>) != 0);
