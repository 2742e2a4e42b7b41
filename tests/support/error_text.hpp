// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTS_SUPPORT_ERROR_TEXT_HPP
#define CLOAKROOM_TESTS_SUPPORT_ERROR_TEXT_HPP

#include <cloakroom/core/error.hpp>

#include <functional>
#include <string>
#include <string_view>

/// What error_of answers where nothing was thrown.
inline constexpr std::string_view no_error = "no such error";

/// What the error of `action` says. Errors of other types pass through.
template <class Error = cloakroom::StorageError>
std::string error_of(std::function<void()> const& action)
{
    try {
        action();
    } catch (Error const& error) {
        return error.what();
    }
    return std::string{no_error};
}

inline bool contains(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

#endif
