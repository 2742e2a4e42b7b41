// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_CORE_RECORD_HPP
#define CLOAKROOM_CORE_RECORD_HPP

#include <cloakroom/core/clock.hpp>

#include <cstdint>
#include <string>

namespace cloakroom::inline v0 {

/// What a session hands to a storage: the signed payload and the moment from which it is dead.
struct Record {
    std::string payload;
    TimePoint expires;

    friend bool operator==(Record const&, Record const&) = default;
};

/// What a storage found. The caller hands it back unchanged to say which version it means.
struct Stored {
    std::string payload;
    TimePoint expires;
    /// Whatever the storage compares besides payload and expiry; 0 where these two are all it needs.
    std::uint64_t version = 0;

    friend bool operator==(Stored const&, Stored const&) = default;
};

/// What the bytes of a payload may be.
enum class Content {
    text,      ///< ASCII text without NUL: fits a text column, a cookie, a file
    bytes,     ///< any bytes
    unchanged, ///< only for a signer's output: whatever the serializer gave
};

} // namespace cloakroom::inline v0

#endif
