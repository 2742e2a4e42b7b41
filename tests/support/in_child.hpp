// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTS_SUPPORT_IN_CHILD_HPP
#define CLOAKROOM_TESTS_SUPPORT_IN_CHILD_HPP

#include <functional>
#include <stdexcept>

#include <sys/wait.h>
#include <unistd.h>

/// Does the work in a child of fork() and waits for it: 0 if it was right, 2 if not, 1 if it threw, more if
/// the child crashed.
inline int in_child(std::function<bool()> const& work)
{
    auto const child = fork();
    if (child < 0)
        throw std::runtime_error{"cannot fork"};
    if (child == 0) {
        int status = 1;
        try {
            status = work() ? 0 : 2;
        } catch (...) {
        }
        _exit(status);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#endif
