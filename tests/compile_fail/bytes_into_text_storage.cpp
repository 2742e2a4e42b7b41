// SPDX-License-Identifier: MIT
// expect: this storage holds text, but the serializer and signer give bytes
#include <cloakroom.hpp>
#include <cloakroom/storage/sqlite.hpp>

namespace cr = cloakroom;

struct Binary {
    static constexpr cr::Content output = cr::Content::bytes;

    std::string dump(cr::Dict const&) const;
    cr::Result<cr::Dict, cr::DecodeError> load(std::string_view) const;
};

#ifdef WELL_FORMED
using Session = cr::Session<cr::storage::Sqlite, Binary, cr::signer::Hmac>;
#else
using Session = cr::Session<cr::storage::Sqlite, Binary, cr::signer::Unsigned>;
#endif

bool use(Session::Backend& backend)
{
    return Session{backend}.contains("visit");
}
