// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_REDIS_REDIRECTION_HPP
#define CLOAKROOM_STORAGE_REDIS_REDIRECTION_HPP

#include <cloakroom/adapters/hiredis.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/storage/redis_errors.hpp>
#include <cloakroom/storage/redis_slot.hpp>

#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace cloakroom::inline v0::storage::detail {

/// What a server of a cluster says instead of doing a command: who does it, or that nobody does it now.
struct RedisRedirection {
    enum class Kind {
        moved, ///< the slot lives at `endpoint`, for all commands
        ask,   ///< this one command goes to `endpoint`, behind an ASKING
        later, ///< the same command may be done soon
    };

    /// Nothing for other words.
    static std::optional<RedisRedirection> parse(std::string_view words);

    Kind kind = Kind::later;
    std::size_t slot = 0;
    /// Without a host it is that of the server that said so.
    adapters::hiredis::Endpoint endpoint{{}, 0, {}};
};

/// A server has refused a command that another one does, or that it does itself soon. Nothing was done.
class RedisRedirected : public StorageError {
public:
    RedisRedirected(std::string const& text, RedisRedirection redirection)
        : StorageError(text), redirection_(std::move(redirection))
    {
    }

    RedisRedirection const& redirection() const noexcept { return redirection_; }

private:
    RedisRedirection redirection_;
};

/// Throws what the server's words mean: RedisRedirected or StorageError.
[[noreturn]] inline void refuse_redis(std::string_view name, std::string_view words)
{
    if (auto redirection = RedisRedirection::parse(words))
        throw RedisRedirected{redis_error_text(name, words), std::move(*redirection)};
    fail_redis(name, words);
}

inline std::optional<RedisRedirection> RedisRedirection::parse(std::string_view words)
{
    for (std::string_view const word : {"TRYAGAIN", "CLUSTERDOWN", "LOADING"})
        if (words.starts_with(word))
            return RedisRedirection{};
    RedisRedirection redirection;
    if (words.starts_with("MOVED "))
        redirection.kind = Kind::moved;
    else if (words.starts_with("ASK "))
        redirection.kind = Kind::ask;
    else
        return std::nullopt;
    auto const number = [](std::string_view text, auto& value) {
        auto const* const end = text.data() + text.size();
        auto const read = std::from_chars(text.data(), end, value);
        return read.ec == std::errc{} && read.ptr == end;
    };
    words.remove_prefix(words.find(' ') + 1);
    auto const space = words.find(' ');
    auto const colon = words.rfind(':'); // an IPv6 address has colons of its own, and no brackets
    if (space == std::string_view::npos || colon == std::string_view::npos || colon < space ||
        !number(words.substr(0, space), redirection.slot) || redirection.slot >= redis_slots ||
        !number(words.substr(colon + 1), redirection.endpoint.port))
        return std::nullopt;
    redirection.endpoint.host = words.substr(space + 1, colon - space - 1);
    return redirection;
}

} // namespace cloakroom::inline v0::storage::detail

#endif
