// SPDX-License-Identifier: MIT
#include <cloakroom/core/version.hpp>

int main()
{
    return cloakroom::version.empty() ? 1 : 0;
}
