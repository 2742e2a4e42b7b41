// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_KNOWN_HPP
#define CLOAKROOM_CORE_KNOWN_HPP

namespace cloakroom::inline v0::detail {

/// For concepts that want a constant of a type: `typename std::bool_constant<detail::is_known(*&S::purpose)>`
/// is no type when the compiler does not know the value. The `*&` refuses what each object has for itself,
/// which compilers otherwise accept.
template <class Value>
constexpr bool is_known(Value)
{
    return true;
}

} // namespace cloakroom::inline v0::detail

#endif
