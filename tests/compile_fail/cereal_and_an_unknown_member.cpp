// SPDX-License-Identifier: MIT
// expect: a part of what is stored is a type that cereal does not know
// expect: for a container include <cereal/types/...>
// goes on: clang lists the way through cereal's own functions
#include <cloakroom.hpp>
#include <cloakroom/serializer/cereal.hpp>

#ifdef WELL_FORMED
#include <cereal/types/set.hpp>
#endif
#include <set>

struct Wishes {
    std::set<int> numbers;

    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(CEREAL_NVP(numbers));
    }
};

cloakroom::Value kept(Wishes const& wishes)
{
    return wishes;
}
