// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_SQLITE_OPTIONS_HPP
#define CLOAKROOM_STORAGE_SQLITE_OPTIONS_HPP

#include <cloakroom/core/clock.hpp>

#include <chrono>

namespace cloakroom::inline v0::storage {

/// How SQLite protects what is being written. A write-ahead log is a mode of the file and holds for all who
/// open it.
enum class SqliteJournal {
    /// A write-ahead log, synchronous=NORMAL: readers and the writer do not wait for each other, and the file
    /// is always whole. A crash of the program loses nothing; a power failure may lose the last commits.
    wal,
    /// A write-ahead log, synchronous=FULL: a power failure loses nothing either. Several times slower.
    wal_full,
    /// The mode that the file has, and SQLite's default for how each commit reaches the disk.
    unchanged,
};

/// How a Sqlite uses its file.
struct SqliteOptions {
    /// How long to wait for another writer before StorageError. 0 does not wait.
    Duration busy_timeout = std::chrono::seconds{5};
    SqliteJournal journal = SqliteJournal::wal;
};

} // namespace cloakroom::inline v0::storage

#endif
