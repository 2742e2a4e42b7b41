// SPDX-License-Identifier: MIT
// expect: this type has no conversion from a session value
#include <cloakroom.hpp>

struct Point {
    int x;
    int y;
};

#ifdef WELL_FORMED
template <>
struct cloakroom::Conversion<Point> {
    static Value to_value(Point const& point) { return Array{point.x, point.y}; }
    static Point from_value(Value const& value, Where const& where)
    {
        auto const numbers = value.as<std::vector<int>>(where);
        return {numbers.at(0), numbers.at(1)};
    }
};
#endif

int x(cloakroom::Value const& value)
{
    return value.as<Point>().x;
}
