// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_FILE_ERROR_HPP
#define CLOAKROOM_STORAGE_FILE_ERROR_HPP

#include <cloakroom/core/error.hpp>

#include <string>
#include <string_view>
#include <system_error>

#include <cerrno>

namespace cloakroom::inline v0::storage::detail {

/// Throws StorageError: the folder, what could not be done, the system's own words, and what to do about it.
[[noreturn]] inline void fail_file(std::string_view folder, std::string_view action, int code)
{
    auto const advice = [code]() -> std::string_view {
        switch (code) {
        case ENOSPC:
        case EDQUOT:
            return "Make room on the file system, or remove expired sessions with clear_expired.";
        case EROFS:
            return "The file system is mounted read-only.";
        case EACCES:
        case EPERM:
            return "The folder and the session files have to belong to the user that runs this program, and "
                   "to whom Django runs as.";
        case ENOENT:
        case ENOTDIR:
            return "Make the folder again.";
        case EMFILE:
        case ENFILE:
            return "Too many files are open: raise the limit (ulimit -n).";
        case ELOOP:
            return "Under the name of a session stands something that is no regular file. It is left alone; "
                   "look for it with: find -name '<cookie name>*' ! -type f";
        case EFBIG:
            return "A session file is larger than 64 MiB, or than the file system or the limits of this "
                   "program allow.";
        case EOVERFLOW:
            return "The file system cannot hold the time of a session that lives that long. Shorten its "
                   "expiry, or use a file system with times beyond 2038.";
        case ENOLCK:
        case EINVAL:
            return "The file system has to support file locks.";
        case EAGAIN:
            return "Another process held the lock of this session until lock_timeout ran out; it may be "
                   "stopped.";
        case ESTALE:
            return "Somebody removed files that were being written. Leave names with _out_ alone for an "
                   "hour.";
        default:
            return "See to the file system.";
        }
    }();
    throw StorageError{"Session folder \"" + std::string{folder} + "\": cannot " + std::string{action} +
                       ": " + std::generic_category().message(code) + ". " + std::string{advice}};
}

} // namespace cloakroom::inline v0::storage::detail

#endif
