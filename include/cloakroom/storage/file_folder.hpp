// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_FILE_FOLDER_HPP
#define CLOAKROOM_STORAGE_FILE_FOLDER_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/descriptor.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/fork.hpp>
#include <cloakroom/core/pool.hpp>
#include <cloakroom/core/random.hpp>
#include <cloakroom/storage/file_error.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <cerrno>
#include <cstdio>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cloakroom::inline v0::storage::detail {

/// Thrown and caught within: what is open is no longer what the path names.
struct FolderIsStale {};

/// An open session folder, for one thread at a time: what a File does with files, each a system call or few.
/// Names are relative to the folder, symbolic links are not followed. Throws StorageError, without the names,
/// which hold keys.
class FileFolder {
public:
    /// A file that was opened for reading.
    struct Found {
        Descriptor file;
        struct stat status;
    };

    explicit FileFolder(std::string const& path)
        : path_(path), directory_(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC))
    {
        if (!directory_)
            fail_file(path_, "open the folder", errno);
    }

    std::string const& path() const noexcept { return path_; }
    int directory() const noexcept { return directory_.get(); }

    /// The file, unless there is none. Throws for what is no regular file.
    std::optional<Found> open(std::string const& name) const;
    /// All of it.
    std::string read(Found const& found) const;
    /// The state of a file, unless there is none.
    std::optional<struct stat> status(std::string const& name) const;

    /// Makes a file of mode 0600 named `<target>_out_<random>` as Django does (S-204).
    std::pair<std::string, Descriptor> make_temporary(std::string const& target);
    void write(Descriptor const& file, std::string_view content) const;
    void set_time(Descriptor const& file, timespec const& time) const;
    void sync(Descriptor const& file) const;
    void sync_directory() const { sync(directory_); }

    enum class Renamed { done, absent, taken, unsupported };

    /// Two names exchange their files in one step; absent when `b` names none.
    Renamed exchange(std::string const& a, std::string const& b) const;
    /// Renames, and never over another file.
    Renamed move(std::string const& from, std::string const& to) const;
    /// Renames over whatever there is.
    void replace(std::string const& from, std::string const& to) const;
    /// Whether there was one.
    bool remove(std::string const& name) const;
    void discard(std::string const& name) const noexcept { ::unlinkat(directory(), name.c_str(), 0); }

    /// The file whose byte ranges are the records' locks, opened when it is first needed.
    Descriptor const& lock_file();

    /// Throws FolderIsStale when the folder has been removed: then everything in it seems absent.
    void check_is_there() const
    {
        struct stat status;
        if (::fstat(directory(), &status) != 0 || status.st_nlink == 0)
            throw FolderIsStale{};
    }

private:
    /// A name of that kind, most probably one that nobody uses.
    std::string temporary_name(std::string const& target);

    std::string path_;
    Descriptor directory_;
    Descriptor lock_file_;
    std::uint64_t next_name_ = random_numbers<1>().front();
};

/// The open folders that nobody uses now, none of them inherited from a parent process: a child would share
/// the locks of what it inherits.
class FileFolders {
public:
    explicit FileFolders(std::string const& path)
        : pool_([path] { return std::make_unique<FileFolder>(path); })
    {
    }

    /// Answers `operation(folder)`, with a folder that nobody else uses meanwhile; again with a newly opened
    /// one when this one turns out to be stale.
    template <class Operation>
    auto use(Operation operation)
    {
        while (true) {
            auto folder = pool_.lease();
            try {
                return operation(*folder);
            } catch (FolderIsStale const&) {
                folder.discard();
            } catch (...) {
                folder.discard();
                throw;
            }
        }
    }

private:
    Pool<FileFolder, 64> pool_;
    BeforeFork close_idle_{[this] { pool_.clear(); }};
};

inline std::optional<FileFolder::Found> FileFolder::open(std::string const& name) const
{
    Found found{
        Descriptor{::openat(directory(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)}, {}};
    if (!found.file) {
        if (errno != ENOENT)
            fail_file(path_, "read a session", errno);
        check_is_there();
        return std::nullopt;
    }
    if (::fstat(found.file.get(), &found.status) != 0)
        fail_file(path_, "read a session", errno);
    if (!S_ISREG(found.status.st_mode))
        fail_file(path_, "read a session", ELOOP);
    return found;
}

inline std::string FileFolder::read(Found const& found) const
{
    constexpr off_t limit = off_t{64} << 20;
    if (found.status.st_size > limit)
        fail_file(path_, "read a session", EFBIG);
    std::string content(static_cast<std::size_t>(found.status.st_size), '\0');
    std::size_t done = 0;
    while (done < content.size()) {
        auto const count = ::read(found.file.get(), content.data() + done, content.size() - done);
        if (count == 0)
            break;
        if (count > 0)
            done += static_cast<std::size_t>(count);
        else if (errno != EINTR)
            fail_file(path_, "read a session", errno);
    }
    content.resize(done);
    return content;
}

inline std::optional<struct stat> FileFolder::status(std::string const& name) const
{
    struct stat status;
    if (::fstatat(directory(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0)
        return status;
    if (errno != ENOENT)
        fail_file(path_, "look at a session", errno);
    return std::nullopt;
}

inline std::string FileFolder::temporary_name(std::string const& target)
{
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz012345";
    constexpr std::size_t length = 8;
    next_name_ += 0x9e37'79b9'7f4a'7c15; // no pattern in the upper bits, of which the name is made
    std::string name;
    name.reserve(target.size() + 5 + length);
    name.append(target).append("_out_");
    for (std::size_t i = 0; i < length; ++i)
        name += letters[(next_name_ >> (24 + 5 * i)) % letters.size()];
    return name;
}

inline std::pair<std::string, Descriptor> FileFolder::make_temporary(std::string const& target)
{
    while (true) {
        auto name = temporary_name(target);
        Descriptor file{::openat(directory(), name.c_str(),
                                 O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR)};
        if (file)
            return {std::move(name), std::move(file)};
        auto const code = errno;
        if (code == ENOENT)
            check_is_there();
        if (code != EEXIST)
            fail_file(path_, "make a file", code);
    }
}

inline void FileFolder::write(Descriptor const& file, std::string_view content) const
{
    while (!content.empty()) {
        auto const count = ::write(file.get(), content.data(), content.size());
        if (count >= 0)
            content.remove_prefix(static_cast<std::size_t>(count));
        else if (errno != EINTR)
            fail_file(path_, "write a session", errno);
    }
}

inline void FileFolder::set_time(Descriptor const& file, timespec const& time) const
{
    std::array<timespec, 2> const times{timespec{0, UTIME_OMIT}, time};
    if (::futimens(file.get(), times.data()) != 0)
        fail_file(path_, "set a session's time", errno);
    constexpr time_t end_of_32_bits = 0x7fff'ffff;
    if (time.tv_sec >= 0 && time.tv_sec <= end_of_32_bits)
        return;
    struct stat status;
    if (::fstat(file.get(), &status) != 0)
        fail_file(path_, "set a session's time", errno);
    if (status.st_mtim.tv_sec != time.tv_sec || status.st_mtim.tv_nsec != time.tv_nsec)
        fail_file(path_, "set a session's time", EOVERFLOW);
}

inline void FileFolder::sync(Descriptor const& file) const
{
    if (::fsync(file.get()) != 0)
        fail_file(path_, "bring a session to the disk", errno);
}

inline FileFolder::Renamed FileFolder::exchange(std::string const& a, std::string const& b) const
{
    if (::renameat2(directory(), a.c_str(), directory(), b.c_str(), RENAME_EXCHANGE) == 0)
        return Renamed::done;
    if (errno == EINVAL || errno == ENOSYS)
        return Renamed::unsupported;
    if (errno != ENOENT)
        fail_file(path_, "write a session", errno);
    if (!status(a))
        fail_file(path_, "write a session", ESTALE);
    return Renamed::absent;
}

inline FileFolder::Renamed FileFolder::move(std::string const& from, std::string const& to) const
{
    auto failed = ::renameat2(directory(), from.c_str(), directory(), to.c_str(), RENAME_NOREPLACE);
    if (failed != 0 && (errno == EINVAL || errno == ENOSYS)) {
        failed = ::linkat(directory(), from.c_str(), directory(), to.c_str(), 0);
        if (failed == 0)
            discard(from);
    }
    if (failed == 0)
        return Renamed::done;
    if (errno == EEXIST)
        return Renamed::taken;
    if (errno != ENOENT)
        fail_file(path_, "write a session", errno);
    return Renamed::absent;
}

inline void FileFolder::replace(std::string const& from, std::string const& to) const
{
    if (::renameat(directory(), from.c_str(), directory(), to.c_str()) != 0)
        fail_file(path_, "write a session", errno);
}

inline bool FileFolder::remove(std::string const& name) const
{
    if (::unlinkat(directory(), name.c_str(), 0) == 0)
        return true;
    if (errno != ENOENT)
        fail_file(path_, "remove a session", errno);
    return false;
}

inline Descriptor const& FileFolder::lock_file()
{
    if (lock_file_)
        return lock_file_;
    struct stat folder;
    if (::fstat(directory(), &folder) != 0)
        fail_file(path_, "open the folder", errno);
    // Files of mode 0600 are shared by the processes of one user alone, and so is the lock; root works for
    // the folder's owner. The dash keeps the name from being a record's under any prefix.
    auto const is_root = ::geteuid() == 0;
    auto const owner = is_root ? folder.st_uid : ::geteuid();
    auto const name = ".cloakroom-lock-" + std::to_string(owner) + "-";
    Descriptor file{
        ::openat(directory(), name.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR)};
    if (!file) {
        auto const code = errno;
        if (code == ENOENT)
            check_is_there();
        fail_file(path_, "open the lock file", code);
    }
    if (is_root && owner != 0 && ::fchown(file.get(), owner, folder.st_gid) != 0)
        fail_file(path_, "hand the lock file to the folder's owner", errno);
    lock_file_ = std::move(file);
    return lock_file_;
}

} // namespace cloakroom::inline v0::storage::detail

#endif
