// SPDX-License-Identifier: MIT
// A program of two units that both include every header links, and both see the same entities.
#include "support/everything.hpp"

std::string_view const* version_seen_by_second();

int main()
{
    return &cloakroom::version == version_seen_by_second() ? 0 : 1;
}
