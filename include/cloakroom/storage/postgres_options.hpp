// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_POSTGRES_OPTIONS_HPP
#define CLOAKROOM_STORAGE_POSTGRES_OPTIONS_HPP

#include <cloakroom/core/clock.hpp>

#include <chrono>

namespace cloakroom::inline v0::storage {

/// How long a Postgres waits for its server before StorageError.
struct PostgresOptions {
    /// For each address of the server until it has accepted a connection, in whole seconds; libpq before 17
    /// waits 2 at least. A connect_timeout in the connection string comes first. Looking a name up may take
    /// longer: that is up to the system.
    Duration connect_timeout = std::chrono::seconds{5};
    /// For the answer to a statement; an operation has one or two. The server itself is told to give up after
    /// four fifths of it, so that what waits for a lock ends there with nothing changed.
    Duration call_timeout = std::chrono::seconds{5};
};

} // namespace cloakroom::inline v0::storage

#endif
