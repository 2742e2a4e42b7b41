// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTS_SUPPORT_IN_CHILD_HPP
#define CLOAKROOM_TESTS_SUPPORT_IN_CHILD_HPP

#include <functional>
#include <stdexcept>

#include <sys/wait.h>
#include <unistd.h>

/// A child of fork() that does the work.
class Child {
public:
    explicit Child(std::function<bool()> const& work) : id_(fork())
    {
        if (id_ < 0)
            throw std::runtime_error{"cannot fork"};
        if (id_ > 0)
            return;
        int status = 1;
        try {
            status = work() ? 0 : 2;
        } catch (...) {
        }
        _exit(status);
    }

    /// Waits for it: 0 if it was right, 2 if not, 1 if it threw, more if it crashed.
    int wait() const
    {
        int status = 0;
        waitpid(id_, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

private:
    pid_t id_;
};

/// Does the work in a child and waits for it.
inline int in_child(std::function<bool()> const& work)
{
    return Child{work}.wait();
}

#endif
