// SPDX-License-Identifier: MIT
#include <cloakroom.hpp>
#include <cloakroom/storage/sqlite.hpp>

namespace cr = cloakroom;

int main()
{
    using Session = cr::Session<cr::storage::Sqlite, cr::serializer::Json, cr::signer::Hmac>;
    Session::Backend backend{
        cr::storage::Sqlite{"consumer.sqlite3"}, {}, cr::signer::Hmac{"not-a-secret"}, cr::Settings{}};
    backend.storage().migrate();
    Session session{backend};
    session["visit"] += 1;
    session.save();
    return session.get<int>("visit") == 1 ? 0 : 1;
}
