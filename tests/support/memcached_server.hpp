// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTS_SUPPORT_MEMCACHED_SERVER_HPP
#define CLOAKROOM_TESTS_SUPPORT_MEMCACHED_SERVER_HPP

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/// A memcached of its own on 127.0.0.1. It ends with the object, or with the thread that made it.
class MemcachedServer {
public:
    using Words = std::vector<std::string>;

    explicit MemcachedServer(Words options = {}) : options_(std::move(options)) { start(); }
    MemcachedServer(MemcachedServer const&) = delete;
    MemcachedServer& operator=(MemcachedServer const&) = delete;
    ~MemcachedServer() { kill(); }

    int port() const { return port_; }
    std::string name() const { return "127.0.0.1:" + std::to_string(port_); }
    std::string url() const { return "memcached://" + name(); }

    /// Starts it again on the same port, empty.
    void start();
    /// Ends it at once, as a crash does.
    void kill();
    /// Until resume() it answers nobody, but its port stays open.
    void pause() const
    {
        ::kill(process_, SIGSTOP);
        int status = 0;
        waitpid(process_, &status, WUNTRACED);
    }
    void resume() const { ::kill(process_, SIGCONT); }

    /// What the server answers to a command, which may have a line of data after "\r\n"; nothing when it does
    /// not answer.
    std::string operator()(std::string_view command) const;

    /// One of the numbers of the command "stats".
    long number(std::string const& name) const
    {
        auto const all = (*this)("stats");
        auto const place = all.find("STAT " + name + " ");
        return place == std::string::npos ? -1 : std::stol(all.substr(place + name.size() + 6));
    }

private:
    static sockaddr_in address_of(int port)
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<in_port_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return address;
    }
    static int free_port();

    Words options_;
    int port_ = free_port();
    pid_t process_ = 0;
};

/// Three of them.
struct MemcachedServers {
    explicit MemcachedServers(MemcachedServer::Words const& options = {})
        : each{{MemcachedServer{options}, MemcachedServer{options}, MemcachedServer{options}}}
    {
    }

    std::string url() const
    {
        return "memcached://" + each[0].name() + "," + each[1].name() + "," + each[2].name();
    }
    /// On which server something lies under the key, 3 for none.
    std::size_t place_of(std::string_view key) const
    {
        std::size_t i = 0;
        while (i < each.size() && each[i]("get " + std::string{key}).find("VALUE") == std::string::npos)
            ++i;
        return i;
    }

    std::array<MemcachedServer, 3> each;
};

inline int MemcachedServer::free_port()
{
    int const listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = address_of(0);
    socklen_t size = sizeof address;
    auto const is_bound = bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                          getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    close(listener);
    if (!is_bound)
        throw std::runtime_error{"no port is free"};
    return ntohs(address.sin_port);
}

inline std::string MemcachedServer::operator()(std::string_view command) const
{
    auto const unix_option = std::find(options_.begin(), options_.end(), "-s");
    auto const is_unix = unix_option != options_.end();
    int const line = socket(is_unix ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    timeval const patience{5, 0};
    setsockopt(line, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    auto const ip = address_of(port_);
    sockaddr_un path{};
    path.sun_family = AF_UNIX;
    if (is_unix)
        std::next(unix_option)->copy(path.sun_path, sizeof path.sun_path - 1);
    auto const connected = is_unix ? connect(line, reinterpret_cast<sockaddr const*>(&path), sizeof path)
                                   : connect(line, reinterpret_cast<sockaddr const*>(&ip), sizeof ip);
    auto const text = std::string{command} + "\r\n";
    std::string answer;
    if (connected == 0 &&
        send(line, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size())) {
        shutdown(line, SHUT_WR);
        std::array<char, 4096> bytes;
        for (ssize_t size = 0; (size = recv(line, bytes.data(), bytes.size(), 0)) > 0;)
            answer.append(bytes.data(), static_cast<std::size_t>(size));
    }
    close(line);
    while (answer.ends_with('\n') || answer.ends_with('\r'))
        answer.pop_back();
    return answer;
}

inline void MemcachedServer::start()
{
    kill();
    Words words{"memcached", "-l", "127.0.0.1", "-p", std::to_string(port_), "-U", "0", "-t", "2"};
    if (geteuid() == 0)
        words.insert(words.end(), {"-u", "root"}); // another user would outlive a test that fails
    words.insert(words.end(), options_.begin(), options_.end());
    std::vector<char*> arguments;
    for (auto& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    auto const parent = getpid();
    process_ = fork();
    if (process_ == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() == parent)
            execvp(arguments[0], arguments.data());
        _exit(127);
    }
    for (int i = 0; i < 1000; ++i) {
        if (!(*this)("version").empty())
            return;
        int status = 0;
        if (waitpid(process_, &status, WNOHANG) == process_) {
            process_ = 0;
            throw std::runtime_error{WEXITSTATUS(status) == 127
                                         ? "memcached is not installed: apt-get install memcached"
                                         : "memcached has ended at once"};
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    throw std::runtime_error{"memcached does not answer"};
}

inline void MemcachedServer::kill()
{
    if (process_ <= 0)
        return;
    ::kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    process_ = 0;
}

#endif
