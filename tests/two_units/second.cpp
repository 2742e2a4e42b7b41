// SPDX-License-Identifier: MIT
#include "support/everything.hpp"

std::string_view const* version_seen_by_second();

std::string_view const* version_seen_by_second()
{
    return &cloakroom::version;
}
