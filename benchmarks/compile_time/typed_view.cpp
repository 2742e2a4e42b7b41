// SPDX-License-Identifier: MIT
// The ten members of by_hand.cpp, in a struct that Boost.Hana knows.
#include <cloakroom/http/middleware.hpp>
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/serializer/struct.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/storage/memory.hpp>

#include <cstdint>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

namespace cr = cloakroom;
using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Hmac>;

struct Shop {
    BOOST_HANA_DEFINE_STRUCT(Shop, (int, visits), (std::string, name), (std::string, language), (bool, dark),
                             (double, total), (std::vector<int>, cart), (std::vector<std::string>, seen),
                             (std::optional<int>, user), (std::int64_t, last_visit), (unsigned, coupons));
};

int main()
{
    Session::Backend backend{cr::storage::Memory{}, {}, cr::signer::Hmac{"a secret of the benchmark"}};
    cr::http::Middleware<Session> const middleware{backend};
    auto session = middleware.open("");
    auto shop = session.as<Shop>();
    ++shop.visits;
    session.assign(shop);
    for (auto const& header : middleware.close(session, 200).headers)
        std::cout << header.name << ": " << header.value << '\n';
}
