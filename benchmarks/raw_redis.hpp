// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_BENCHMARKS_RAW_REDIS_HPP
#define CLOAKROOM_BENCHMARKS_RAW_REDIS_HPP

#include <cloakroom/storage/redis.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <hiredis/hiredis.h>

/// What somebody would write who needs one server and never loses it: GET, and the same script.
class RawRedis {
public:
    explicit RawRedis(int port) : context_(redisConnect("127.0.0.1", port)) {}
    RawRedis(RawRedis const&) = delete;
    RawRedis& operator=(RawRedis const&) = delete;
    ~RawRedis() { redisFree(context_); }

    std::string load(std::string_view key)
    {
        auto const reply = command(std::array<std::string_view, 2>{"GET", key});
        if (reply->type != REDIS_REPLY_STRING)
            throw std::runtime_error{"the record has gone"};
        return {reply->str, reply->len};
    }

    void commit(std::string_view key, std::string_view time, std::string_view seen, std::string_view value,
                std::string_view milliseconds)
    {
        auto const& script =
            cloakroom::storage::detail::redis_scripts<cloakroom::storage::detail::redis_read_record>.commit;
        auto const reply = command(std::array<std::string_view, 8>{"EVALSHA", script.name.text(), "1", key,
                                                                   time, seen, value, milliseconds});
        if (reply->type != REDIS_REPLY_INTEGER || reply->integer != 0)
            throw std::runtime_error{"the record was not updated"};
    }

private:
    struct Free {
        void operator()(redisReply* reply) const { freeReplyObject(reply); }
    };

    template <std::size_t size>
    std::unique_ptr<redisReply, Free> command(std::array<std::string_view, size> const& words)
    {
        std::array<char const*, size> texts{};
        std::array<std::size_t, size> sizes{};
        for (std::size_t i = 0; i < size; ++i) {
            texts[i] = words[i].data();
            sizes[i] = words[i].size();
        }
        auto* const reply = redisCommandArgv(context_, static_cast<int>(size), texts.data(), sizes.data());
        if (reply == nullptr)
            throw std::runtime_error{context_->errstr};
        return std::unique_ptr<redisReply, Free>{static_cast<redisReply*>(reply)};
    }

    redisContext* context_;
};

#endif
