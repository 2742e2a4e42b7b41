// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTS_SUPPORT_IN_CHILD_HPP
#define CLOAKROOM_TESTS_SUPPORT_IN_CHILD_HPP

#include <cstdio>
#include <exception>
#include <stdexcept>
#include <type_traits>

#include <sys/wait.h>
#include <unistd.h>

/// A child of fork() that does the work.
class Child {
public:
    template <class Work>
    explicit Child(Work const& work) : id_(fork())
    {
        if (id_ < 0)
            throw std::runtime_error{"cannot fork"};
        if (id_ == 0)
            _exit(status_of(work));
    }

    /// Waits for it: 0 if the work was done or answered true, 2 if it answered false, its answer if that is a
    /// number; 1 if it threw, 128 and more if it crashed.
    int wait() const
    {
        int status = 0;
        if (waitpid(id_, &status, 0) != id_)
            throw std::runtime_error{"cannot wait"};
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

private:
    template <class Work>
    static int status_of(Work const& work) noexcept
    {
        using Answer = std::invoke_result_t<Work const&>;
        try {
            if constexpr (std::is_same_v<Answer, bool>)
                return work() ? 0 : 2;
            else if constexpr (std::is_same_v<Answer, int>)
                return work();
            else
                work();
            return 0;
        } catch (std::exception const& error) {
            std::fprintf(stderr, "in the child: %s\n", error.what());
        } catch (...) {
        }
        return 1;
    }

    pid_t id_;
};

/// Does the work in a child and waits for it.
template <class Work>
int in_child(Work const& work)
{
    return Child{work}.wait();
}

#endif
