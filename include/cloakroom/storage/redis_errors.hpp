// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_REDIS_ERRORS_HPP
#define CLOAKROOM_STORAGE_REDIS_ERRORS_HPP

#include <cloakroom/core/error.hpp>
#include <cloakroom/storage/redis_scripts.hpp>

#include <array>
#include <string>
#include <string_view>

namespace cloakroom::inline v0::storage::detail {

/// What somebody who meets a server's refusal can do. Older servers put a script's error into a longer text,
/// so the words are looked for anywhere in it.
inline std::string_view redis_advice(std::string_view words)
{
    struct Line {
        std::string_view words;
        std::string_view advice;
    };
    static constexpr std::array<Line, 22> lines{{
        {"WRONGTYPE", "Another program keeps something under a session's key. It is left alone: give the "
                      "sessions a key_prefix or a database of their own."},
        {"WRONGPASS", "Check the user and the password."},
        {"invalid password", "Check the password."},
        {"NOAUTH", "Give the password in the URL or in RedisOptions."},
        {"without any password configured", "Leave the password out, or set one on the server."},
        {"wrong number of arguments for 'auth'",
         "Servers before Redis 6 know no users: give the password alone."},
        {"NOPERM",
         "Let the user run auth, select, get, set, setrange, del, pexpireat, pexpiretime, pttl, time, "
         "scan, eval and evalsha on keys that begin with the key_prefix, and in a cluster asking and "
         "cluster|slots."},
        {"OOM",
         "The server's memory is full and its maxmemory-policy evicts nothing: raise maxmemory, or choose "
         "volatile-ttl, which forgets the sessions that end soonest."},
        {"READONLY", "This is a replica: connect to its master."},
        {"LOADING", "The server has just started and still reads its data: try again soon."},
        {"MISCONF", "The server cannot save its data: check its disk and its log."},
        {"BUSY", "A script of somebody else keeps the server busy: see SCRIPT KILL."},
        {"MASTERDOWN", "This replica has lost its master: connect to a server that has not."},
        {"NOREPLICAS", "The server wants more replicas than it has: check them, or min-replicas-to-write."},
        {"MOVED", "This server is part of a cluster, and the key lives on another one: set "
                  "RedisOptions::cluster."},
        {"ASK ", "This server is part of a cluster that moves the key: set RedisOptions::cluster."},
        {"CROSSSLOT", "This server is part of a cluster: set RedisOptions::cluster."},
        {"cluster support disabled",
         "This server is not part of a cluster: do not set RedisOptions::cluster, and name one server."},
        {"max number of clients",
         "The server has all the connections that it takes: raise its maxclients, or let fewer connect."},
        {"CLUSTERDOWN", "The cluster is not whole: see CLUSTER INFO."},
        {"TRYAGAIN", "The cluster moves the keys: try again soon."},
        {"DB index", "Choose a database that the server has, see its setting databases."},
    }};
    for (auto const& line : lines)
        if (words.find(line.words) != std::string_view::npos)
            return line.advice;
    return "Look the words up in the server's documentation and its log.";
}

/// Where, the server's words without the arguments that it repeats, and what to do.
inline std::string redis_error_text(std::string_view name, std::string_view words)
{
    std::string text{"Redis at "};
    text.append(name).append(": ");
    if (words.find(redis_foreign_value) != std::string_view::npos)
        return text + "under a session's key is a string that does not begin as a record does. Another "
                      "program has put it there, and it is left alone: give the sessions a key_prefix or a "
                      "database of their own, or use RedisFormat::bare to share them.";
    auto told = words.substr(0, words.find(", with args"));
    while (told.ends_with('.'))
        told.remove_suffix(1);
    return text.append(told).append(". ").append(redis_advice(words));
}

/// Throws StorageError with that text.
[[noreturn]] inline void fail_redis(std::string_view name, std::string_view words)
{
    throw StorageError{redis_error_text(name, words)};
}

/// The same for an answer that no Redis gives.
[[noreturn]] inline void fail_redis_protocol(std::string_view name)
{
    fail_redis(name, "the answer is not of the kind that the command has");
}

} // namespace cloakroom::inline v0::storage::detail

#endif
