// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTS_SUPPORT_POSTGRES_SERVER_HPP
#define CLOAKROOM_TESTS_SUPPORT_POSTGRES_SERVER_HPP

#include "support/temporary_folder.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/// A PostgreSQL server of its own on 127.0.0.1, with its data in a temporary folder. It ends with the object,
/// and when the program that made it dies. PostgreSQL refuses to run as root: then it runs as the user
/// postgres.
class PostgresServer {
public:
    static constexpr auto user = "cloakroom";
    static constexpr auto password = "coat-and-hat";

    /// Settings are those of postgresql.conf, `name=value`.
    explicit PostgresServer(std::vector<std::string> settings = {"fsync=off", "synchronous_commit=off"})
        : settings_(std::move(settings)), port_(free_port())
    {
        if (binaries().empty())
            throw std::runtime_error{
                "PostgreSQL's server is not installed: tools/install_dependencies servers"};
        std::ofstream{folder_.path("password")} << password;
        if (auto const* const owner = other_user(); owner != nullptr)
            for (auto const& path : {folder_.path(""), folder_.path("password")})
                if (chown(path.c_str(), owner->pw_uid, owner->pw_gid) != 0)
                    throw std::runtime_error{"cannot give a folder to the user postgres"};
        auto const status = wait_for(run({binaries() + "/initdb", "--pgdata", data(), "--username", user,
                                          "--pwfile", folder_.path("password"), "--auth=scram-sha-256",
                                          "--encoding=UTF8", "--locale=C", "--no-sync"}));
        if (status != 0)
            throw std::runtime_error{"initdb failed:\n" + log()};
        start();
    }
    PostgresServer(PostgresServer const&) = delete;
    PostgresServer& operator=(PostgresServer const&) = delete;
    ~PostgresServer()
    {
        if (server_ > 0)
            kill_it();
    }

    int port() const { return port_; }
    std::string address(std::string const& database = "postgres", std::string const& word = password) const
    {
        return "postgresql://" + std::string{user} + ":" + word + "@127.0.0.1:" + std::to_string(port_) +
               "/" + database;
    }

    /// Returns when the server takes connections.
    void start()
    {
        // After a kill, what is left of the server before needs a moment to go.
        for (int attempt = 0; attempt < 50; ++attempt) {
            std::vector<std::string> command{binaries() + "/postgres", "-D", data(), "-h", "127.0.0.1", "-p",
                                             std::to_string(port_)};
            std::vector<std::string> all{"unix_socket_directories=", "shared_buffers=16MB",
                                         "max_connections=40"};
            all.insert(all.end(), settings_.begin(), settings_.end());
            for (auto const& setting : all) {
                command.push_back("-c");
                command.push_back(setting);
            }
            server_ = run(command);
            for (int i = 0; i < 3'000; ++i) {
                if (is_ready())
                    return;
                if (int status = 0; waitpid(server_, &status, WNOHANG) == server_) {
                    server_ = 0;
                    break;
                }
                std::this_thread::sleep_for(std::chrono::milliseconds{10});
            }
            std::this_thread::sleep_for(std::chrono::milliseconds{100});
        }
        throw std::runtime_error{"the server does not start:\n" + log()};
    }

    /// An orderly end: open connections are told, nothing is lost.
    void stop()
    {
        ::kill(server_, SIGINT);
        wait_for(server_);
        server_ = 0;
    }

    /// An end as of a power failure, but for what the system still has to write.
    void kill_it()
    {
        auto const all = processes();
        for (auto const process : all)
            ::kill(process, SIGKILL);
        wait_for(server_);
        server_ = 0;
    }

    /// All of the server's processes stand still.
    void pause()
    {
        for (auto const process : processes())
            ::kill(process, SIGSTOP);
    }
    void resume()
    {
        for (auto const process : processes())
            ::kill(process, SIGCONT);
    }

    std::string log() const
    {
        std::ifstream file{folder_.path("log")};
        std::stringstream text;
        text << file.rdbuf();
        return text.str();
    }

private:
    static std::string binaries()
    {
        std::string newest;
        std::error_code ignored;
        for (auto const& version : std::filesystem::directory_iterator{"/usr/lib/postgresql", ignored})
            if (std::filesystem::exists(version.path() / "bin/postgres"))
                newest = std::max(newest, (version.path() / "bin").string());
        return newest;
    }

    static passwd const* other_user()
    {
        if (geteuid() != 0)
            return nullptr;
        auto const* const found = getpwnam("postgres");
        if (found == nullptr)
            throw std::runtime_error{"there is no user postgres"};
        return found;
    }

    static int free_port()
    {
        auto const socket = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (bind(socket, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
            getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0)
            throw std::runtime_error{"there is no free port"};
        close(socket);
        return ntohs(address.sin_port);
    }

    std::string data() const { return folder_.path("data"); }

    /// Starts a program whose output goes to the log.
    pid_t run(std::vector<std::string> command)
    {
        auto const* const owner = other_user();
        auto const file = folder_.path("log");
        std::vector<char*> arguments;
        for (auto& word : command)
            arguments.push_back(word.data());
        arguments.push_back(nullptr);
        auto const parent = getpid();
        auto const child = fork();
        if (child < 0)
            throw std::runtime_error{"cannot fork"};
        if (child > 0)
            return child;
        auto const output = open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
        dup2(output, STDOUT_FILENO);
        dup2(output, STDERR_FILENO);
        setsid();
        if (owner != nullptr && (setgroups(0, nullptr) != 0 || setgid(owner->pw_gid) != 0 ||
                                 setuid(owner->pw_uid) != 0 || chdir("/") != 0))
            _exit(126);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(126);
        unsetenv("PGDATA");
        execv(arguments[0], arguments.data());
        _exit(127);
    }

    static int wait_for(pid_t child)
    {
        int status = 0;
        if (waitpid(child, &status, 0) != child)
            throw std::runtime_error{"cannot wait for a program"};
        return status;
    }

    /// The last line of the server's own file says how far it has come.
    bool is_ready() const
    {
        std::ifstream file{data() + "/postmaster.pid"};
        std::string line;
        std::string first;
        std::string last;
        for (int number = 0; std::getline(file, line); ++number)
            (number == 0 ? first : last) = line;
        return first == std::to_string(server_) && last.starts_with("ready");
    }

    /// The server and its children.
    std::vector<pid_t> processes() const
    {
        std::vector<pid_t> found{server_};
        std::ifstream file{"/proc/" + std::to_string(server_) + "/task/" + std::to_string(server_) +
                           "/children"};
        for (pid_t child = 0; file >> child;)
            found.push_back(child);
        return found;
    }

    std::vector<std::string> settings_;
    TemporaryFolder folder_;
    int port_;
    pid_t server_ = 0;
};

#endif
