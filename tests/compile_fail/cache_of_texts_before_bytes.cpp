// SPDX-License-Identifier: MIT
// expect: this cache holds text, but the store behind it holds bytes
#include <cloakroom.hpp>
#include <cloakroom/storage/sqlite.hpp>

namespace cr = cloakroom;

#ifdef WELL_FORMED
using Storage = cr::storage::Cached<cr::storage::Memory, cr::storage::Sqlite>;
#else
using Storage = cr::storage::Cached<cr::storage::Sqlite, cr::storage::Memory>;
#endif
using Session = cr::Session<Storage, cr::serializer::Json, cr::signer::Hmac>;

bool use(Session::Backend& backend)
{
    return Session{backend}.contains("visit");
}
