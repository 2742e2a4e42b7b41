// SPDX-License-Identifier: MIT
// expect: this type has no conversion from a session value
// expect: <cloakroom/serializer/cereal.hpp> for a default constructible type that cereal knows
// expect: or specialize cloakroom::Conversion<T>
#include <cloakroom.hpp>
#include <cloakroom/serializer/cereal.hpp>

struct Point {
    int x = 0;
    int y = 0;

#ifdef WELL_FORMED
    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(CEREAL_NVP(x), CEREAL_NVP(y));
    }
#endif
};

int x(cloakroom::Value const& value)
{
    return value.as<Point>().x;
}
