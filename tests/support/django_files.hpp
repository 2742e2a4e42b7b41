// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTS_SUPPORT_DJANGO_FILES_HPP
#define CLOAKROOM_TESTS_SUPPORT_DJANGO_FILES_HPP

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/// What Django's file engine does to a folder, system call for system call, with a function called before
/// each.
class DjangoFiles {
public:
    using Point = std::function<void(std::string_view)>;

    explicit DjangoFiles(
        std::filesystem::path folder, Point point = [](std::string_view) {})
        : folder_(std::move(folder)), point_(std::move(point))
    {
    }

    /// save(): false for its UpdateError (S-204).
    bool save(std::string const& name, std::string const& text)
    {
        point_("Django looks for the file");
        if (!std::filesystem::exists(folder_ / name))
            return false;
        auto const temporary = folder_ / (name + "_out_dj" + std::to_string(++count_));
        write(temporary, text);
        point_("Django renames its file");
        std::filesystem::rename(temporary, folder_ / name);
        return true;
    }

    /// save(must_create=True): false for its CreateError. The placeholder stands there before the text does.
    bool create(std::string const& name, std::string const& text)
    {
        point_("Django makes a placeholder");
        auto const file = ::open((folder_ / name).c_str(), O_WRONLY | O_CREAT | O_EXCL, 0600);
        if (file < 0)
            return false;
        ::close(file);
        auto const temporary = folder_ / (name + "_out_dj" + std::to_string(++count_));
        write(temporary, text);
        point_("Django renames its file");
        std::filesystem::rename(temporary, folder_ / name);
        return true;
    }

    /// delete()
    void remove(std::string const& name)
    {
        point_("Django deletes the file");
        std::filesystem::remove(folder_ / name);
    }

    /// The text that load() would decode, whatever its age.
    std::optional<std::string> text(std::string const& name) const
    {
        std::ifstream file{folder_ / name, std::ios::binary};
        if (!file)
            return std::nullopt;
        return std::string{std::istreambuf_iterator<char>{file}, {}};
    }

private:
    static void write(std::filesystem::path const& path, std::string const& text)
    {
        std::ofstream{path, std::ios::binary} << text;
        if (::chmod(path.c_str(), 0600) != 0)
            throw std::runtime_error{"cannot change a mode"};
    }

    std::filesystem::path folder_;
    Point point_;
    int count_ = 0;
};

/// Sets the time of a file's content, in seconds and nanoseconds since 1970.
inline void set_file_time(std::string const& path, time_t seconds, long nanoseconds = 0)
{
    timespec const times[2] = {{0, UTIME_OMIT}, {seconds, nanoseconds}};
    if (::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0)
        throw std::runtime_error{"cannot set a time"};
}

inline struct stat status_of(std::string const& path)
{
    struct stat status = {};
    if (::lstat(path.c_str(), &status) != 0)
        throw std::runtime_error{"cannot look at a file"};
    return status;
}

#endif
