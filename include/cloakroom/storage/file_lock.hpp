// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_FILE_LOCK_HPP
#define CLOAKROOM_STORAGE_FILE_LOCK_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/storage/bounded_wait.hpp>
#include <cloakroom/storage/file_error.hpp>
#include <cloakroom/storage/file_folder.hpp>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <thread>

#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <sys/stat.h>

namespace cloakroom::inline v0::storage::detail {

/// The right to change a record, or two, for one thread among all threads and processes that use cloakroom.
/// Django does not ask for it. It ends with the object, and with the process.
///
/// A record's lock is a byte of the lock file, at a place that its name tells. It belongs to the open file
/// (an "open file description lock"), and each FileFolder opened its own.
class FileLock {
public:
    /// Waits up to `patience`. Throws StorageError, and FolderIsStale when the lock file was removed.
    FileLock(FileFolder& folder, std::string_view name, Duration patience)
        : FileLock(folder, place(name), place(name), patience)
    {
    }
    FileLock(FileFolder& folder, std::string_view one, std::string_view other, Duration patience)
        : FileLock(folder, std::min(place(one), place(other)), std::max(place(one), place(other)), patience)
    {
    }
    FileLock(FileLock const&) = delete;
    FileLock& operator=(FileLock const&) = delete;
    ~FileLock() { set(F_UNLCK, 0, 0); }

private:
    /// Everybody takes the lower place first, so that nobody waits in a circle.
    FileLock(FileFolder& folder, off_t low, off_t high, Duration patience) : file_(folder.lock_file().get())
    {
        auto const deadline = std::chrono::steady_clock::now() + bounded_wait(patience);
        try {
            wait(folder, low, deadline);
            if (high != low)
                wait(folder, high, deadline);
            struct stat status;
            if (::fstat(file_, &status) != 0 || status.st_nlink == 0)
                throw FolderIsStale{};
        } catch (...) {
            set(F_UNLCK, 0, 0);
            throw;
        }
    }

    static off_t place(std::string_view name) noexcept
    {
        std::uint64_t hash = 14695981039346656037U; // FNV-1a: the same in every process
        for (char const c : name)
            hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
        return static_cast<off_t>((hash ^ hash >> 32) & 0x3fff'ffff'ffff'ffffU);
    }

    bool set(int kind, off_t start, off_t length) const noexcept
    {
        struct flock range = {};
        range.l_type = static_cast<short>(kind);
        range.l_whence = SEEK_SET;
        range.l_start = start;
        range.l_len = length;
        return ::fcntl(file_, F_OFD_SETLK, &range) == 0;
    }

    void wait(FileFolder const& folder, off_t at, std::chrono::steady_clock::time_point deadline) const
    {
        auto pause = std::chrono::microseconds{20};
        while (!set(F_WRLCK, at, 1)) {
            if (errno != EAGAIN && errno != EACCES && errno != EINTR)
                fail_file(folder.path(), "lock a session", errno);
            if (std::chrono::steady_clock::now() >= deadline)
                fail_file(folder.path(), "lock a session", EAGAIN);
            std::this_thread::sleep_for(pause);
            pause = std::min(pause * 2, std::chrono::microseconds{1000});
        }
    }

    int file_;
};

} // namespace cloakroom::inline v0::storage::detail

#endif
