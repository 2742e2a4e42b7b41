// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_FILE_OPTIONS_HPP
#define CLOAKROOM_STORAGE_FILE_OPTIONS_HPP

#include <cloakroom/core/clock.hpp>

#include <chrono>
#include <string>

namespace cloakroom::inline v0::storage {

/// How a File uses its folder. The first two must be what Settings, and a Django beside it, have.
struct FileOptions {
    /// What file names begin with: Django's SESSION_COOKIE_NAME, Settings::cookie_name (S-201). Two sites
    /// share a folder under two prefixes of which neither begins with the other.
    std::string prefix = "sessionid";
    /// Django's SESSION_COOKIE_AGE, Settings::cookie_age: a record expires that long after its file's time
    /// (S-209). Up to 100 years.
    Duration cookie_age = std::chrono::weeks{2};
    /// How long to wait for another writer of the same record before StorageError. 0 does not wait.
    Duration lock_timeout = std::chrono::seconds{5};
    /// Whether a write is on the disk before it is acknowledged. Without, as in Django, a crash of the
    /// program loses nothing, but a power failure may lose the last writes or leave files empty.
    bool sync = false;
};

} // namespace cloakroom::inline v0::storage

#endif
