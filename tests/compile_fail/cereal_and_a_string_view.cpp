// SPDX-License-Identifier: MIT
// expect: a std::string_view that is read from a session would outlive the text; use std::string
// goes on: compilers list the way through cereal's own functions
#include <cloakroom.hpp>
#include <cloakroom/serializer/cereal.hpp>

#include <string>
#include <string_view>

#ifdef WELL_FORMED
using Text = std::string;
#else
using Text = std::string_view;
#endif

struct Article {
    Text name;

    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(CEREAL_NVP(name));
    }
};

Article read(cloakroom::Value const& value)
{
    return value.as<Article>();
}
