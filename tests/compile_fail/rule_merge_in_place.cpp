// SPDX-License-Identifier: MIT
// expect: cloakroom: a merge function of a field of type T is T(base, theirs, ours)
#include <cloakroom.hpp>

namespace cr = cloakroom;

struct Cart {
    int articles;

#ifdef WELL_FORMED
    Cart join(Cart const& ours) const { return {articles + ours.articles}; }
#else
    void join(Cart const& ours) { articles += ours.articles; }
#endif
};

template <>
struct cr::Conversion<Cart> {
    static Value to_value(Cart const& cart) { return Value{cart.articles}; }
    static Cart from_value(Value const& value, Where const& where) { return {value.as<int>(where)}; }
};

inline constexpr auto item = cr::field<"cart", Cart, cr::merge<&Cart::join>>;
