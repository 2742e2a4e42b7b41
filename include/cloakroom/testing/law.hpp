// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_LAW_HPP
#define CLOAKROOM_TESTING_LAW_HPP

#include <stdexcept>
#include <string>

namespace cloakroom::inline v0::testing {

/// A model does not keep a law of its contract. The text is the law in a sentence, and what happened instead.
/// Not an Error: nothing but a test is meant to catch it, and any test framework reports it.
struct LawBroken : std::logic_error {
    using std::logic_error::logic_error;
};

/// Throws LawBroken{law} unless `kept`.
inline void require(bool kept, char const* law)
{
    if (!kept)
        throw LawBroken{law};
}

/// The same with a text that had to be put together.
inline void require(bool kept, std::string const& law)
{
    if (!kept)
        throw LawBroken{law};
}

} // namespace cloakroom::inline v0::testing

#endif
