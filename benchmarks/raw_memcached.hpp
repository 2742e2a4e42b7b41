// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_BENCHMARKS_RAW_MEMCACHED_HPP
#define CLOAKROOM_BENCHMARKS_RAW_MEMCACHED_HPP

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <libmemcached/memcached.h>

/// What somebody would write who needs one server and never loses it.
class RawMemcached {
public:
    struct Found {
        std::string value;
        std::uint64_t cas;
    };

    RawMemcached(int port, bool is_binary) : handle_(memcached_create(nullptr))
    {
        memcached_behavior_set(handle_.get(), MEMCACHED_BEHAVIOR_SUPPORT_CAS, 1);
        memcached_behavior_set(handle_.get(), MEMCACHED_BEHAVIOR_TCP_NODELAY, 1);
        memcached_behavior_set(handle_.get(), MEMCACHED_BEHAVIOR_BINARY_PROTOCOL, is_binary ? 1 : 0);
        memcached_server_add(handle_.get(), "127.0.0.1", static_cast<in_port_t>(port));
        memcached_result_create(handle_.get(), &result_);
    }
    RawMemcached(RawMemcached const&) = delete;
    RawMemcached& operator=(RawMemcached const&) = delete;
    ~RawMemcached() { memcached_result_free(&result_); }

    Found load(std::string_view key)
    {
        auto const* const data = key.data();
        auto const size = key.size();
        if (memcached_mget(handle_.get(), &data, &size, 1) != MEMCACHED_SUCCESS)
            throw std::runtime_error{memcached_last_error_message(handle_.get())};
        auto code = MEMCACHED_SUCCESS;
        if (memcached_fetch_result(handle_.get(), &result_, &code) == nullptr)
            throw std::runtime_error{"the record has gone"};
        Found found{{memcached_result_value(&result_), memcached_result_length(&result_)},
                    memcached_result_cas(&result_)};
        while (memcached_fetch_result(handle_.get(), &result_, &code) != nullptr)
            continue;
        return found;
    }

    void commit(std::string_view key, std::string_view value, std::uint64_t cas)
    {
        if (memcached_cas(handle_.get(), key.data(), key.size(), value.data(), value.size(), server_deadline,
                          0, cas) != MEMCACHED_SUCCESS)
            throw std::runtime_error{"the record was not updated"};
    }

private:
    static constexpr std::time_t server_deadline = 2'000'000'000;

    struct Free {
        void operator()(memcached_st* handle) const noexcept { memcached_free(handle); }
    };
    std::unique_ptr<memcached_st, Free> handle_;
    memcached_result_st result_{};
};

#endif
