// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_FILE_REPLACE_HPP
#define CLOAKROOM_STORAGE_FILE_REPLACE_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/descriptor.hpp>
#include <cloakroom/storage/concept.hpp>
#include <cloakroom/storage/file_error.hpp>
#include <cloakroom/storage/file_folder.hpp>
#include <cloakroom/storage/file_time.hpp>

#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <cerrno>
#include <sys/stat.h>

namespace cloakroom::inline v0::storage::detail {

/// Which file it is, whatever its name. The number is not given to another file while this one is open.
struct FileId {
    explicit FileId(struct stat const& status) : device(status.st_dev), number(status.st_ino) {}

    friend bool operator==(FileId const&, FileId const&) = default;

    dev_t device;
    ino_t number;
};

/// A file under a name that nobody else knows. What is under that name at the end is removed.
class TemporaryFile {
public:
    TemporaryFile(FileFolder& folder, std::string const& target) : folder_(&folder)
    {
        std::tie(name_, file_) = folder.make_temporary(target);
    }
    TemporaryFile(TemporaryFile&& other) noexcept
        : folder_(other.folder_), name_(std::exchange(other.name_, {})), file_(std::move(other.file_))
    {
    }
    TemporaryFile& operator=(TemporaryFile&&) = delete;
    ~TemporaryFile()
    {
        if (!name_.empty())
            folder_->discard(name_);
    }

    std::string const& name() const noexcept { return name_; }
    Descriptor const& file() const noexcept { return file_; }
    FileId id() const
    {
        struct stat status;
        if (::fstat(file_.get(), &status) != 0)
            fail_file(folder_->path(), "look at a session", errno);
        return FileId{status};
    }

    /// Gives the file its name; false when that is taken.
    bool publish(std::string const& target)
    {
        auto const moved = folder_->move(name_, target);
        if (moved == FileFolder::Renamed::absent)
            fail_file(folder_->path(), "write a session", ESTALE);
        if (moved == FileFolder::Renamed::done)
            name_.clear();
        return moved == FileFolder::Renamed::done;
    }

    /// Another name took the file over.
    void forget() noexcept { name_.clear(); }

private:
    FileFolder const* folder_;
    std::string name_;
    Descriptor file_;
};

/// The changes of a record beside Django, which takes no locks. Who calls holds the record's lock.
///
/// Why this is right. The lock makes each change by cloakroom one after the other, so while one is under way
/// nobody but Django changes the name. Django does that in three ways, each one atomic: it renames a complete
/// file over the name (save), it unlinks it (delete), it makes an empty file where there is none (create,
/// before its save; nobody but the creator knows the key then). It never writes into a file that already has
/// the record's name. So a file that was read and compared under the lock stays what it is, and whether it is
/// still the record is only a question of whether the name still means that file.
///
/// replace() exchanges name and temporary file in one step, which fails if Django has deleted the record:
/// absent, nothing was inserted. If the file that comes out is the one compared, then no save of Django came
/// between, and the exchange is the moment of the commit. If another comes out, Django saved it between
/// comparison and exchange; it is exchanged back. Now our own file must come out. If instead one comes out
/// that is neither, Django saved once more in between, and that one is newer than the one just put back, so
/// it is exchanged in, and the one put back must come out; and so on. Each turn needs another save of Django
/// within microseconds, and ends with its newest file under the name, as the last of Django's saves wants. If
/// Django deletes the record in between, an exchange finds no name: the deletion was last, and nothing is put
/// back. Meanwhile a reader may have seen our file, which is then withdrawn; what it commits on it is a
/// conflict, since it waits for the lock and finds another text. Django waits for nothing: a request of its
/// that reads our file in that instant saves over what the request before it saved. So replace() looks once
/// more right before the exchange: what Django saved while our file was written is then found without showing
/// anybody ours.
///
/// move() first makes the fresh record, whose key nobody knows yet, then replaces the old one by a tombstone:
/// an empty file that has expired, absent for us and without content for Django. That is the moment of the
/// rotation, and everything said of replace() holds of it; where that ends in conflict or absent the fresh
/// record goes. Then the tombstone is unlinked, and with it what Django saved over it, whose request had
/// loaded the old record or the tombstone. A save of Django that had looked for the file before and renames
/// its own after that brings the old key back; no order of steps here can prevent that. Taking the old file
/// away first and giving it its name back on a conflict would not do: a deletion by Django in between would
/// find nothing, and the deleted record would come back.
template <class Probe>
class FileReplace {
public:
    /// `seen` is what was compared.
    static WriteResult replace(FileFolder const& folder, std::string const& name,
                               FileFolder::Found const& seen, TemporaryFile& temporary);

    /// Moves the record `seen` to `fresh_name` as `temporary`: committed, conflict, absent or taken.
    static WriteResult move(FileFolder& folder, std::string const& name, FileFolder::Found const& seen,
                            std::string const& fresh_name, TemporaryFile temporary);

private:
    using Renamed = FileFolder::Renamed;
};

template <class Probe>
WriteResult FileReplace<Probe>::replace(FileFolder const& folder, std::string const& name,
                                        FileFolder::Found const& seen, TemporaryFile& temporary)
{
    std::optional<FileId> put; // what stands under the name, once Django came between
    auto wanted = FileId{seen.status};
    auto answer = WriteResult::committed;
    std::vector<Descriptor> open; // keeps the numbers of Django's files from being given to others
    Probe::point("look again");
    auto const there = folder.status(name);
    if (!there)
        return WriteResult::absent;
    if (FileId{*there} != wanted)
        return WriteResult::conflict;
    while (true) {
        Probe::point("exchange");
        auto const exchanged =
            Probe::can_exchange ? folder.exchange(temporary.name(), name) : Renamed::unsupported;
        if (exchanged == Renamed::absent)
            return WriteResult::absent;
        if (exchanged == Renamed::unsupported) {
            folder.replace(temporary.name(), name);
            temporary.forget();
            return answer;
        }
        auto const status = folder.status(temporary.name());
        if (!status)
            fail_file(folder.path(), "write a session", ESTALE);
        if (FileId{*status} == wanted)
            return answer;
        auto out = folder.open(temporary.name());
        if (!out)
            fail_file(folder.path(), "write a session", ESTALE);
        answer = WriteResult::conflict;
        auto const found = FileId{out->status};
        open.push_back(std::move(out->file));
        wanted = put.value_or(temporary.id());
        put = found;
    }
}

template <class Probe>
WriteResult FileReplace<Probe>::move(FileFolder& folder, std::string const& name,
                                     FileFolder::Found const& seen, std::string const& fresh_name,
                                     TemporaryFile temporary)
{
    Probe::point("publish");
    if (!temporary.publish(fresh_name))
        return WriteResult::taken;
    auto answer = WriteResult::conflict;
    try {
        TemporaryFile tombstone{folder, name};
        folder.set_time(tombstone.file(), FileTime::from(earliest_time));
        answer = replace(folder, name, seen, tombstone);
        if (answer == WriteResult::committed) {
            Probe::point("remove the tombstone");
            folder.discard(name);
        }
    } catch (...) {
        folder.discard(fresh_name);
        throw;
    }
    if (answer != WriteResult::committed)
        folder.discard(fresh_name);
    return answer;
}

} // namespace cloakroom::inline v0::storage::detail

#endif
