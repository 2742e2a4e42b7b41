// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SESSION_ITEM_RESOLVER_HPP
#define CLOAKROOM_SESSION_ITEM_RESOLVER_HPP

#include <cloakroom/core/value.hpp>

#include <optional>

namespace cloakroom::inline v0 {

/// A rule as the session asks it: what becomes of an item that this request has set or erased and another
/// request has changed meanwhile. Of the value that both began with, theirs and ours, nullptr is a missing
/// one, and so is the answer nothing. Throws where there is no answer. Repeatable.
using ItemResolver = std::optional<Value> (*)(Value const* base, Value const* theirs, Value const* ours);

/// Throws where an item must not have such a value.
using ItemCheck = void (*)(Value const&);

} // namespace cloakroom::inline v0

#endif
