// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_HTTP_SAME_SITE_HPP
#define CLOAKROOM_HTTP_SAME_SITE_HPP

#include <cloakroom/session/settings.hpp>

#include <string_view>

namespace cloakroom::inline v0::http {

/// The attribute SameSite as it is written, SetCookie::same_site; empty for none.
constexpr std::string_view same_site_text(SameSite value)
{
    constexpr std::string_view texts[] = {"Lax", "Strict", "None", ""};
    return texts[static_cast<int>(value)];
}

} // namespace cloakroom::inline v0::http

#endif
