// SPDX-License-Identifier: MIT
// The ten members of typed_view.cpp, read and written item by item.
#include <cloakroom/http/middleware.hpp>
#include <cloakroom/serializer/json.hpp>
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
    int visits = 0;
    std::string name;
    std::string language;
    bool dark = false;
    double total = 0;
    std::vector<int> cart;
    std::vector<std::string> seen;
    std::optional<int> user;
    std::int64_t last_visit = 0;
    unsigned coupons = 0;
};

Shop read(Session& session)
{
    Shop shop;
    shop.visits = session.get("visits", 0);
    shop.name = session.get("name", "");
    shop.language = session.get("language", "");
    shop.dark = session.get("dark", false);
    shop.total = session.get("total", 0.0);
    shop.cart = session.get("cart", std::vector<int>{});
    shop.seen = session.get("seen", std::vector<std::string>{});
    shop.user = session.get<int>("user");
    shop.last_visit = session.get("last_visit", std::int64_t{0});
    shop.coupons = session.get("coupons", 0U);
    return shop;
}

void write(Session& session, Shop const& shop)
{
    session["visits"] = shop.visits;
    session["name"] = shop.name;
    session["language"] = shop.language;
    session["dark"] = shop.dark;
    session["total"] = shop.total;
    session["cart"] = shop.cart;
    session["seen"] = shop.seen;
    session["user"] = shop.user;
    session["last_visit"] = shop.last_visit;
    session["coupons"] = shop.coupons;
}

int main()
{
    Session::Backend backend{cr::storage::Memory{}, {}, cr::signer::Hmac{"a secret of the benchmark"}};
    cr::http::Middleware<Session> const middleware{backend};
    auto session = middleware.open("");
    auto shop = read(session);
    ++shop.visits;
    write(session, shop);
    for (auto const& header : middleware.close(session, 200).headers)
        std::cout << header.name << ": " << header.value << '\n';
}
