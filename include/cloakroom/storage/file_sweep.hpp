// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_FILE_SWEEP_HPP
#define CLOAKROOM_STORAGE_FILE_SWEEP_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/descriptor.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/storage/file_error.hpp>
#include <cloakroom/storage/file_folder.hpp>

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <cerrno>
#include <dirent.h>
#include <fcntl.h>

namespace cloakroom::inline v0::storage::detail {

/// What a name in a session folder is.
enum class FileKind { record, leftover, foreign };

/// A record is the prefix and a key that a storage may see; a leftover what make_temporary, or Django, named
/// for one.
inline FileKind kind_of_file(std::string_view name, std::string_view prefix)
{
    if (!name.starts_with(prefix))
        return FileKind::foreign;
    auto const rest = name.substr(prefix.size());
    auto const out = rest.find("_out_");
    auto const key = SessionKey::parse(rest.substr(0, out));
    if (!key || !key->is_storable())
        return FileKind::foreign;
    return out == std::string_view::npos ? FileKind::record : FileKind::leftover;
}

/// Calls visit(name) for every name in the folder. What comes or goes meanwhile may be left out.
template <class Visit>
void list_folder(FileFolder const& folder, Visit visit)
{
    Descriptor again{::openat(folder.directory(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!again)
        fail_file(folder.path(), "list the folder", errno);
    struct Close {
        void operator()(DIR* stream) const noexcept { ::closedir(stream); }
    };
    std::unique_ptr<DIR, Close> const stream{::fdopendir(again.get())};
    if (!stream)
        fail_file(folder.path(), "list the folder", errno);
    again.release();
    while (true) {
        errno = 0;
        // NOLINTNEXTLINE(concurrency-mt-unsafe): a stream of our own
        auto const* const entry = ::readdir(stream.get());
        if (entry == nullptr)
            break;
        visit(std::string{entry->d_name});
    }
    if (errno != 0)
        fail_file(folder.path(), "list the folder", errno);
    folder.check_is_there();
}

/// The records that a walk through the folder found expired and that no sweep has come to yet. A folder has
/// no index of times: without this each step of a long sweep would walk through all of it again.
class FileSweep {
public:
    /// What one sweep takes away to work on, and gives back.
    std::vector<std::string> take()
    {
        std::lock_guard const lock{mutex_};
        return std::exchange(names_, {});
    }
    void give_back(std::vector<std::string> names)
    {
        std::lock_guard const lock{mutex_};
        if (names_.empty())
            names_ = std::move(names);
    }

private:
    std::mutex mutex_;
    std::vector<std::string> names_;
};

} // namespace cloakroom::inline v0::storage::detail

#endif
