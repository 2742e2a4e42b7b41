// SPDX-License-Identifier: MIT
// expect: this cache holds text, but the store behind it holds bytes
#include <cloakroom.hpp>
#include <cloakroom/storage/sqlite.hpp>

#include <utility>

namespace cr = cloakroom;

#ifdef WELL_FORMED
void use(cr::storage::Memory cache, cr::storage::Sqlite store)
#else
void use(cr::storage::Sqlite cache, cr::storage::Memory store)
#endif
{
    cr::storage::Cached{std::move(cache), std::move(store)};
}
