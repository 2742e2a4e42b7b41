// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_POLICY_NAME_HPP
#define CLOAKROOM_CORE_POLICY_NAME_HPP

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

namespace cloakroom::inline v0 {

/// The type as the compiler writes it.
template <class T>
constexpr std::string_view spelled_type() noexcept
{
    // "... spelled_type() [with T = X; std::string_view = ...]", or "... spelled_type() [T = X]".
    constexpr std::string_view whole = __PRETTY_FUNCTION__;
    constexpr auto begin = whole.find("T = ") + 4;
    constexpr auto alias = whole.rfind("; std::string_view = ");
    return whole.substr(begin, (alias == std::string_view::npos ? whole.rfind(']') : alias) - begin);
}

/// What people call a policy: its own `static constexpr std::string_view display_name` if it has one, else
/// the name of its type, without cloakroom's namespaces.
template <class Policy>
std::string policy_name();

namespace policy_name_detail {

/// How many characters at `at` name namespaces of ours. g++ leaves the outer ones out, as we are in them
/// ourselves.
constexpr std::size_t our_namespaces(std::string_view text, std::size_t at)
{
    auto const is_within_name = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == ':';
    };
    auto rest = text.substr(at);
    auto const skip = [&rest](std::string_view name) {
        auto const is_there = rest.starts_with(name);
        rest.remove_prefix(is_there ? name.size() : 0);
        return is_there;
    };
    if (at > 0 && is_within_name(text[at - 1]))
        return 0;
    static_cast<void>(skip("cloakroom::") && skip("v0::"));
    static_cast<void>(skip("storage::") || skip("serializer::") || skip("signer::"));
    return text.size() - at - rest.size();
}

} // namespace policy_name_detail

template <class Policy>
std::string policy_name()
{
    if constexpr (requires {
                      { Policy::display_name } -> std::convertible_to<std::string_view>;
                  }) {
        return std::string{std::string_view{Policy::display_name}};
    } else {
        std::string text{spelled_type<Policy>()};
        for (std::size_t at = 0; at < text.size(); ++at)
            text.erase(at, policy_name_detail::our_namespaces(text, at));
        return text;
    }
}

} // namespace cloakroom::inline v0

#endif
