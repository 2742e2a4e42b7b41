// SPDX-License-Identifier: MIT
// expect: a unique_ptr to a class with load_and_construct cannot be read from a session
// goes on: clang lists the way through cereal's own functions
#include <cloakroom.hpp>
#include <cloakroom/serializer/cereal.hpp>

#include <memory>

struct Ticket {
    explicit Ticket(int given) : number{given} {}

    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(CEREAL_NVP(number));
    }
    template <class Archive>
    static void load_and_construct(Archive& archive, cereal::construct<Ticket>& construct)
    {
        int number = 0;
        archive(CEREAL_NVP(number));
        construct(number);
    }

    int number;
};

#ifdef WELL_FORMED
using Pointer = std::shared_ptr<Ticket>;
#else
using Pointer = std::unique_ptr<Ticket>;
#endif

int number(cloakroom::Value const& value)
{
    return value.as<Pointer>()->number;
}
