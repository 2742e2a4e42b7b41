// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTS_SUPPORT_SHOP_HPP
#define CLOAKROOM_TESTS_SUPPORT_SHOP_HPP

#include <cloakroom/serializer/struct.hpp>

#include <optional>
#include <string>
#include <vector>

/// The struct that tests of typed views read and write.
namespace shop {

struct Item {
    BOOST_HANA_DEFINE_STRUCT(Item, (std::string, name), (double, price));

    friend bool operator==(Item const&, Item const&) = default;
};

struct Address {
    std::string city = "Ulm";
    std::string street;

    friend bool operator==(Address const&, Address const&) = default;
};

struct Shop {
    BOOST_HANA_DEFINE_STRUCT(Shop, (int, visits), (std::vector<Item>, cart), (Address, address),
                             (std::optional<Address>, second), (std::string, note));

    friend bool operator==(Shop const&, Shop const&) = default;
};

} // namespace shop

BOOST_HANA_ADAPT_STRUCT(shop::Address, city, street);

#endif
