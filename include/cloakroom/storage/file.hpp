// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_STORAGE_FILE_HPP
#define CLOAKROOM_STORAGE_FILE_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/cookie_token.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/storage/concept.hpp>
#include <cloakroom/storage/file_folder.hpp>
#include <cloakroom/storage/file_lock.hpp>
#include <cloakroom/storage/file_options.hpp>
#include <cloakroom/storage/file_replace.hpp>
#include <cloakroom/storage/file_sweep.hpp>
#include <cloakroom/storage/file_time.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::storage {

/// Django's session files, name for name and byte for byte, for the processes of one user on one host (Linux
/// 3.15 or newer). The name is the cookie's name and the key (S-201), the content the signed text (S-203),
/// and the record expires the cookie's age after the file's time (S-209); of an `_session_expiry` inside the
/// text a storage knows nothing, Session looks at it. Times are the clock's that the Backend has.
///
/// Beside Django, which takes no locks and where the last save wins:
/// - What we commit never overwrites what Django saved meanwhile, and never brings back what Django deleted.
/// - Django overwrites what we committed while its request ran; a Django request in the middle of its save
///   brings back what was erased or rotated meanwhile. So it does among Djangos.
/// - What Django saves in the same instant as a rotation may go with the old key, and what it saves to an
///   expired record in the instant in which clear_expired takes that, with the record.
/// - When Django saves in the instant of a commit, a reader may see for that instant what is then withdrawn
///   as a conflict; in that of a rotation, no record. A Django request that reads just then does not find
///   what the one before it saved, and its own save loses that.
/// - Django never lets a record with a duration of its own expire (S-211), and lets one with a moment of its
///   own live until then. Here the file's time and the cookie's age alone count: a record that Django saved
///   to expire later than after the cookie's age counts as expired after it, and one saved to expire after a
///   duration does not expire before it. Records that Session saves are not affected.
///
/// The version of a record is its text; a touch in between is no conflict. The folder also gets a lock file,
/// `.cloakroom-lock-<user>-`. A killed process may leave a file `..._out_...`; clear_expired removes it an
/// hour later. On a file system that cannot exchange two files nothing is promised beside Django.
///
/// All operations throw StorageError when the folder is gone, full, read-only or forbidden, and for what
/// stands under a record's name and is no regular file; that is left alone. Idle descriptors are closed
/// before a fork(); while forking, no other thread may be inside a call. A moved-from File may only be
/// destroyed or assigned to.
///
/// `Probe` lets tests look in between two steps; File is what programs use.
template <class Probe>
class BasicFile {
public:
    static constexpr std::string_view display_name = "File";
    static constexpr std::string_view purpose = session_store_purpose;
    static constexpr Content accepts = Content::bytes;
    /// Django saves an expiry in the data only (S-209).
    static constexpr bool expiry_in_data = true;

    /// Without a folder, the system's one for temporary files, as Django does. Throws ImproperlyConfigured
    /// when there is no such folder (S-200) or an option is of no use.
    explicit BasicFile(std::string const& folder = {}, FileOptions const& options = {});

    std::optional<Stored> load(SessionKey const& key, TimePoint now);
    bool create(SessionKey const& key, Record const& record, TimePoint now);
    WriteResult commit(SessionKey const& key, Stored const& seen, Record const& record, TimePoint now);
    WriteResult touch(SessionKey const& key, Stored const& seen, TimePoint expires, TimePoint now);
    /// Killed in the middle, it leaves one of both records live.
    WriteResult rotate(SessionKey const& key, Stored const& seen, SessionKey const& fresh,
                       Record const& record, TimePoint now);
    bool erase(SessionKey const& key);
    /// A folder has no order of deadlines: each walk looks at every file's time, and remembers up to 100,000
    /// expired ones for the calls that follow. Also removes leftovers of writers that were killed.
    std::size_t clear_expired(TimePoint now, std::size_t budget);

    /// Calls visit(key, stored) for every live record. Nothing is locked meanwhile: `visit` may use this
    /// storage, and sees each record as it was shortly before. Needs memory for the names of all.
    template <class Visit>
    void for_each(TimePoint now, Visit&& visit);

    /// The folder, for people.
    std::string const& where() const noexcept { return state_->path; }

private:
    using Folder = detail::FileFolder;
    using Found = Folder::Found;
    using Writer = detail::FileReplace<Probe>;

    /// A record that was looked at under its lock: whether it is the one seen.
    struct Checked {
        WriteResult answer;
        std::optional<Found> found;
    };

    struct State {
        State(std::string const& folder, FileOptions given)
            : path(folder), options(std::move(given)), folders(folder)
        {
        }

        std::string path;
        FileOptions options;
        detail::FileFolders folders;
        detail::FileSweep sweep;
    };

    std::string name_of(SessionKey const& key) const
    {
        std::string name;
        name.reserve(state_->options.prefix.size() + SessionKey::max_storable_length);
        return name.append(state_->options.prefix).append(key.reveal());
    }
    timespec time_of(TimePoint expires) const
    {
        auto const age = state_->options.cookie_age;
        return detail::FileTime::from(expires < earliest_time + age ? earliest_time : expires - age);
    }
    TimePoint deadline(struct stat const& status) const
    {
        return saturating_add(detail::FileTime::to_moment(status.st_mtim), state_->options.cookie_age);
    }
    detail::FileLock lock(Folder& folder, std::string const& name) const
    {
        return {folder, name, state_->options.lock_timeout};
    }

    Checked check(Folder const& folder, std::string const& name, Stored const& seen, TimePoint now) const;
    std::optional<Stored> load_file(Folder const& folder, std::string const& name, TimePoint now) const;
    detail::TemporaryFile write(Folder& folder, std::string const& name, Record const& record) const;
    bool scan(Folder const& folder, TimePoint now, std::vector<std::string>& expired) const;
    bool remove_expired(Folder& folder, std::string const& name, TimePoint now) const;

    std::unique_ptr<State> state_;
};

namespace detail {

/// Looks at nothing and changes nothing.
struct NoProbe {
    static constexpr bool can_exchange = true;
    static void point(std::string_view) noexcept {}
    /// The clock that the file system has.
    static TimePoint now() { return system_now(); }
};

} // namespace detail

using File = BasicFile<detail::NoProbe>;

template <class Probe>
BasicFile<Probe>::BasicFile(std::string const& folder, FileOptions const& options)
{
    if (options.prefix.empty() || options.prefix.size() > 128 || !is_cookie_token(options.prefix))
        throw ImproperlyConfigured{"FileOptions::prefix: not the name of a cookie"};
    if (options.cookie_age < Duration::zero() || options.cookie_age > std::chrono::days{36'525})
        throw ImproperlyConfigured{"FileOptions::cookie_age: not between 0 and 100 years"};
    std::error_code error;
    auto path = folder.empty() ? std::filesystem::temp_directory_path(error) : std::filesystem::path{folder};
    if (!error && std::filesystem::is_directory(path, error))
        path = std::filesystem::absolute(path, error); // the program may change its folder
    else if (!error)
        error = std::make_error_code(std::errc::no_such_file_or_directory);
    if (error)
        throw ImproperlyConfigured{"File: the folder \"" + folder + "\" cannot be used (" + error.message() +
                                   "). Name an existing folder in which sessions can be stored."};
    state_ = std::make_unique<State>(path.string(), options);
}

template <class Probe>
std::optional<Stored> BasicFile<Probe>::load(SessionKey const& key, TimePoint now)
{
    return state_->folders.use([&](Folder& folder) { return load_file(folder, name_of(key), now); });
}

template <class Probe>
bool BasicFile<Probe>::create(SessionKey const& key, Record const& record, TimePoint)
{
    return state_->folders.use([&](Folder& folder) {
        auto const name = name_of(key);
        auto const held = lock(folder, name);
        auto temporary = write(folder, name, record);
        Probe::point("publish");
        auto const created = temporary.publish(name);
        if (created && state_->options.sync)
            folder.sync_directory();
        return created;
    });
}

template <class Probe>
WriteResult BasicFile<Probe>::commit(SessionKey const& key, Stored const& seen, Record const& record,
                                     TimePoint now)
{
    return state_->folders.use([&](Folder& folder) {
        auto const name = name_of(key);
        auto const held = lock(folder, name);
        Probe::point("check");
        auto const checked = check(folder, name, seen, now);
        if (checked.answer != WriteResult::committed)
            return checked.answer;
        auto temporary = write(folder, name, record);
        auto const answer = Writer::replace(folder, name, *checked.found, temporary);
        if (state_->options.sync)
            folder.sync_directory();
        return answer;
    });
}

template <class Probe>
WriteResult BasicFile<Probe>::touch(SessionKey const& key, Stored const& seen, TimePoint expires,
                                    TimePoint now)
{
    return state_->folders.use([&](Folder& folder) {
        auto const name = name_of(key);
        auto const held = lock(folder, name);
        Probe::point("check");
        auto const checked = check(folder, name, seen, now);
        if (checked.answer != WriteResult::committed)
            return checked.answer;
        if (deadline(checked.found->status) != seen.expires)
            return WriteResult::conflict;
        Probe::point("set the time");
        folder.set_time(checked.found->file, time_of(expires));
        if (state_->options.sync)
            folder.sync(checked.found->file);
        // The time that was set is that of the file opened, which Django may have replaced or removed.
        Probe::point("look again");
        auto const there = folder.status(name);
        if (!there)
            return WriteResult::absent;
        return detail::FileId{*there} == detail::FileId{checked.found->status} ? WriteResult::committed
                                                                               : WriteResult::conflict;
    });
}

template <class Probe>
WriteResult BasicFile<Probe>::rotate(SessionKey const& key, Stored const& seen, SessionKey const& fresh,
                                     Record const& record, TimePoint now)
{
    if (key == fresh)
        return commit(key, seen, record, now);
    return state_->folders.use([&](Folder& folder) {
        auto const name = name_of(key);
        auto const fresh_name = name_of(fresh);
        detail::FileLock const held{folder, name, fresh_name, state_->options.lock_timeout};
        Probe::point("check");
        auto const checked = check(folder, name, seen, now);
        if (checked.answer != WriteResult::committed)
            return checked.answer;
        auto const answer =
            Writer::move(folder, name, *checked.found, fresh_name, write(folder, fresh_name, record));
        if (state_->options.sync)
            folder.sync_directory();
        return answer;
    });
}

template <class Probe>
bool BasicFile<Probe>::erase(SessionKey const& key)
{
    return state_->folders.use([&](Folder& folder) {
        auto const name = name_of(key);
        auto const held = lock(folder, name);
        Probe::point("remove");
        auto const removed = folder.remove(name);
        if (!removed)
            folder.check_is_there();
        else if (state_->options.sync)
            folder.sync_directory();
        return removed;
    });
}

template <class Probe>
std::size_t BasicFile<Probe>::clear_expired(TimePoint now, std::size_t budget)
{
    if (budget == 0)
        return 0;
    return state_->folders.use([&](Folder& folder) {
        auto names = state_->sweep.take();
        std::size_t removed = 0;
        for (auto is_complete = false; removed < budget;) {
            if (names.empty()) {
                if (is_complete)
                    break;
                is_complete = scan(folder, now, names);
                if (names.empty())
                    break;
            }
            removed += remove_expired(folder, names.back(), now) ? 1U : 0U;
            names.pop_back();
        }
        state_->sweep.give_back(std::move(names));
        return removed;
    });
}

template <class Probe>
template <class Visit>
void BasicFile<Probe>::for_each(TimePoint now, Visit&& visit)
{
    std::vector<std::string> names;
    state_->folders.use([&](Folder& folder) {
        names.clear();
        detail::list_folder(folder, [&](std::string name) {
            if (detail::kind_of_file(name, state_->options.prefix) == detail::FileKind::record)
                names.push_back(std::move(name));
        });
    });
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    for (auto const& name : names) {
        auto const stored = state_->folders.use([&](Folder& folder) { return load_file(folder, name, now); });
        if (stored)
            visit(*SessionKey::parse(std::string_view{name}.substr(state_->options.prefix.size())), *stored);
    }
}

/// The answer that a write under the record's lock would have, were Django not there.
template <class Probe>
typename BasicFile<Probe>::Checked BasicFile<Probe>::check(Folder const& folder, std::string const& name,
                                                           Stored const& seen, TimePoint now) const
{
    auto found = folder.open(name);
    if (!found || deadline(found->status) <= now)
        return {WriteResult::absent, std::nullopt};
    if (folder.read(*found) != seen.payload)
        return {WriteResult::conflict, std::nullopt};
    return {WriteResult::committed, std::move(found)};
}

template <class Probe>
std::optional<Stored> BasicFile<Probe>::load_file(Folder const& folder, std::string const& name,
                                                  TimePoint now) const
{
    auto const found = folder.open(name);
    if (!found)
        return std::nullopt;
    auto const expires = deadline(found->status);
    if (expires <= now)
        return std::nullopt;
    return std::optional<Stored>{{folder.read(*found), expires, 0}};
}

/// The record as a file that only we know of.
template <class Probe>
detail::TemporaryFile BasicFile<Probe>::write(Folder& folder, std::string const& name,
                                              Record const& record) const
{
    detail::TemporaryFile temporary{folder, name};
    folder.write(temporary.file(), record.payload);
    folder.set_time(temporary.file(), time_of(record.expires));
    if (state_->options.sync)
        folder.sync(temporary.file());
    return temporary;
}

/// Collects the names of expired records, and removes leftovers. False when it stopped before the end.
template <class Probe>
bool BasicFile<Probe>::scan(Folder const& folder, TimePoint now, std::vector<std::string>& expired) const
{
    constexpr std::size_t enough = 100'000;
    auto const abandoned = Probe::now() - std::chrono::hours{1};
    auto is_complete = true;
    detail::list_folder(folder, [&](std::string name) {
        auto const kind = detail::kind_of_file(name, state_->options.prefix);
        if (kind == detail::FileKind::foreign)
            return;
        auto const status = folder.status(name);
        if (!status || !S_ISREG(status->st_mode))
            return;
        if (kind == detail::FileKind::leftover) {
            // Its own time is a session's; that of its last change is the system's.
            if (detail::FileTime::to_moment(status->st_ctim) < abandoned)
                folder.remove(name);
        } else if (deadline(*status) < now) {
            if (expired.size() < enough)
                expired.push_back(std::move(name));
            else
                is_complete = false;
        }
    });
    return is_complete;
}

template <class Probe>
bool BasicFile<Probe>::remove_expired(Folder& folder, std::string const& name, TimePoint now) const
{
    auto const held = lock(folder, name);
    auto const status = folder.status(name);
    Probe::point("remove the expired");
    return status && S_ISREG(status->st_mode) && deadline(*status) < now && folder.remove(name);
}

static_assert(EnumerablePolicy<File>);

} // namespace cloakroom::inline v0::storage

#endif
