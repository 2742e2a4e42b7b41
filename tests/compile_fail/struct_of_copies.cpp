// SPDX-License-Identifier: MIT
// expect: this struct is adapted with functions that return copies, which a session cannot fill
#include <cloakroom.hpp>

class Shop {
public:
    int visits() const { return visits_; }

private:
    int visits_ = 0;

#ifdef WELL_FORMED
public:
    int& visits() { return visits_; }
    int const& counted() const { return visits_; }
#endif
};

#ifdef WELL_FORMED
struct Visits {
    auto operator()(Shop& shop) const -> int& { return shop.visits(); }
    auto operator()(Shop const& shop) const -> int const& { return shop.counted(); }
};
BOOST_HANA_ADAPT_ADT(Shop, (visits, Visits{}));
#else
BOOST_HANA_ADAPT_ADT(Shop, (visits, [](auto const& shop) { return shop.visits(); }));
#endif

cloakroom::Value value(Shop const& shop)
{
    return shop;
}
