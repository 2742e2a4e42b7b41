// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_IDENTICAL_HPP
#define CLOAKROOM_TESTING_IDENTICAL_HPP

#include <cloakroom/core/value.hpp>

#include <algorithm>
#include <cmath>

namespace cloakroom::inline v0::testing {

/// Whether two values are the same to the last detail: unlike `==`, one NaN is another, zeros differ by their
/// sign, and dictionaries by their order.
inline bool identical(Value const& a, Value const& b);

inline bool identical(Dict const& a, Dict const& b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](Dict::Entry const& x, Dict::Entry const& y) {
        return x.key == y.key && identical(x.value, y.value);
    });
}

inline bool identical(Value const& a, Value const& b)
{
    if (auto const *const x = a.get_if<Dict>(), *const y = b.get_if<Dict>(); x != nullptr && y != nullptr)
        return identical(*x, *y);
    if (auto const *const x = a.get_if<Array>(), *const y = b.get_if<Array>(); x != nullptr && y != nullptr)
        return std::equal(x->begin(), x->end(), y->begin(), y->end(),
                          [](Value const& p, Value const& q) { return identical(p, q); });
    if (auto const *const x = a.get_if<double>(), *const y = b.get_if<double>(); x != nullptr && y != nullptr)
        return (std::isnan(*x) && std::isnan(*y)) || (*x == *y && std::signbit(*x) == std::signbit(*y));
    return a == b;
}

} // namespace cloakroom::inline v0::testing

#endif
