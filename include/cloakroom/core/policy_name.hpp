// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_POLICY_NAME_HPP
#define CLOAKROOM_CORE_POLICY_NAME_HPP

#include <concepts>
#include <string>
#include <string_view>

namespace cloakroom::inline v0 {

/// The type as the compiler writes it.
template <class T>
constexpr std::string_view type_name() noexcept
{
    // "... type_name() [with T = X; std::string_view = ...]", or "... type_name() [T = X]".
    constexpr std::string_view whole = __PRETTY_FUNCTION__;
    constexpr auto begin = whole.find("T = ") + 4;
    constexpr auto alias = whole.rfind("; std::string_view = ");
    return whole.substr(begin, (alias == std::string_view::npos ? whole.rfind(']') : alias) - begin);
}

/// What people call a policy: its own `static constexpr std::string_view display_name` if it has one, else
/// the name of its type, without the namespaces that all of ours are in.
template <class Policy>
std::string policy_name()
{
    if constexpr (requires {
                      { Policy::display_name } -> std::convertible_to<std::string_view>;
                  }) {
        return std::string{std::string_view{Policy::display_name}};
    } else {
        std::string text{type_name<Policy>()};
        for (std::string_view const ours : {"cloakroom::", "v0::", "storage::", "serializer::", "signer::"})
            for (auto at = text.find(ours); at != std::string::npos; at = text.find(ours, at))
                text.erase(at, ours.size());
        return text;
    }
}

} // namespace cloakroom::inline v0

#endif
