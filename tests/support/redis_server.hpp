// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTS_SUPPORT_REDIS_SERVER_HPP
#define CLOAKROOM_TESTS_SUPPORT_REDIS_SERVER_HPP

#include "support/temporary_folder.hpp"

#include <cloakroom/adapters/hiredis.hpp>

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/// A port on 127.0.0.1 on which nobody listens now.
inline int free_port()
{
    int const listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto const is_bound = bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                          getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    close(listener);
    if (!is_bound)
        throw std::runtime_error{"no port is free"};
    return ntohs(address.sin_port);
}

/// A redis-server of its own on 127.0.0.1, with its data in a temporary folder. It ends with the object, or
/// with the thread that made it. Without options it saves nothing.
class RedisServer {
public:
    using Words = std::vector<std::string>;

    explicit RedisServer(Words options = {}) : options_(std::move(options)) { start(); }
    RedisServer(RedisServer const&) = delete;
    RedisServer& operator=(RedisServer const&) = delete;
    ~RedisServer() { kill(); }

    int port() const { return port_; }
    std::string url(int database = 0) const
    {
        return "redis://127.0.0.1:" + std::to_string(port_) + "/" + std::to_string(database);
    }
    std::string socket() const { return folder_.path("socket"); }
    std::string log() const { return folder_.path("log"); }

    /// Starts it again on the same port, with the data that it has kept.
    void start();
    /// Ends it at once, as a crash does.
    void kill() { end(SIGKILL); }
    /// Lets it finish.
    void stop() { end(SIGTERM); }
    /// Until resume() it answers nobody, but its port stays open.
    void pause() { ::kill(process_, SIGSTOP); }
    void resume() { ::kill(process_, SIGCONT); }

    /// What the server answers to a command, for people: numbers and texts as they are, "(nil)", the words of
    /// an error, the parts of an array joined by '|'.
    std::string operator()(std::initializer_list<std::string_view> words) const { return ask(words); }
    std::string ask(std::vector<std::string_view> const& words) const
    {
        return text_of(connection_to().ask(words));
    }

    /// How many commands it has been sent so far.
    std::int64_t commands() const
    {
        auto const info = (*this)({"INFO", "stats"});
        auto const place = info.find("total_commands_processed:");
        return std::stoll(info.substr(place + 25));
    }

private:
    struct Line {
        cloakroom::adapters::hiredis::Connection connection;

        cloakroom::adapters::hiredis::Answer ask(std::vector<std::string_view> const& words)
        {
            auto text = "*" + std::to_string(words.size()) + "\r\n";
            for (auto const word : words)
                text += "$" + std::to_string(word.size()) + "\r\n" + std::string{word} + "\r\n";
            connection.send(text, 1);
            return connection.receive();
        }
    };

    Line connection_to() const
    {
        using namespace std::chrono_literals;
        Line line{{{"127.0.0.1", port_, {}}, 5s, 5s}};
        for (auto option = options_.begin(); option != options_.end(); ++option)
            if (*option == "--requirepass")
                line.ask({"AUTH", *std::next(option)});
        return line;
    }

    static std::string text_of(cloakroom::adapters::hiredis::Reply reply)
    {
        if (auto const number = reply.integer())
            return std::to_string(*number);
        if (auto const text = reply.text() ? reply.text() : reply.status() ? reply.status() : reply.error())
            return std::string{*text};
        if (reply.is_nil())
            return "(nil)";
        std::string all;
        for (std::size_t i = 0; i < reply.size(); ++i)
            all += (i == 0 ? "" : "|") + text_of(reply[i]);
        return all;
    }

    void end(int signal);
    bool answers() const;

    TemporaryFolder folder_;
    Words options_;
    int port_ = free_port();
    pid_t process_ = 0;
};

inline void RedisServer::start()
{
    end(SIGKILL);
    Words words{
        "redis-server", "--port", std::to_string(port_), "--bind", "127.0.0.1", "--dir", folder_.path(""),
        "--unixsocket", socket(), "--logfile",           log(),    "--save",    ""};
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
        if (answers())
            return;
        int status = 0;
        if (waitpid(process_, &status, WNOHANG) == process_) {
            process_ = 0;
            throw std::runtime_error{WEXITSTATUS(status) == 127
                                         ? "redis-server is not installed: apt-get install redis-server"
                                         : "redis-server has ended at once"};
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    throw std::runtime_error{"redis-server does not answer"};
}

inline bool RedisServer::answers() const
{
    try {
        return (*this)({"PING"}).find("LOADING") == std::string::npos;
    } catch (cloakroom::StorageError const&) {
        return false;
    }
}

inline void RedisServer::end(int signal)
{
    if (process_ == 0)
        return;
    ::kill(process_, signal);
    if (signal == SIGTERM)
        ::kill(process_, SIGCONT);
    waitpid(process_, nullptr, 0);
    process_ = 0;
}

#endif
