// SPDX-License-Identifier: MIT
#ifndef EXAMPLES_CUSTOM_POLICIES_LMDB_HPP
#define EXAMPLES_CUSTOM_POLICIES_LMDB_HPP

#include "lmdb_file.hpp"

#include <cloakroom.hpp>

#include <cstddef>
#include <lmdb.h>
#include <optional>
#include <string>
#include <string_view>

namespace custom_policies {

namespace cr = cloakroom;

/// Sessions in an LMDB file, for the processes of one machine. What is read and then changed within one
/// transaction is a single step for everybody, so that the contract is what the code says line by line.
///
/// Opened once in a process, and not used across fork().
class Lmdb {
public:
    static constexpr std::string_view purpose = cr::storage::session_store_purpose;
    static constexpr cr::Content accepts = cr::Content::bytes;

    /// Opens the file, or makes it. Throws StorageError as all other functions do.
    explicit Lmdb(std::string const& path, LmdbOptions const& options = {}) : file_{path, options} {}

    std::optional<cr::Stored> load(cr::SessionKey const& key, cr::TimePoint now)
    {
        auto found = Transaction{file_, MDB_RDONLY}.find(key);
        return found && found->expires > now ? found : std::nullopt;
    }

    bool create(cr::SessionKey const& key, cr::Record const& record, cr::TimePoint)
    {
        Transaction step{file_};
        auto const added = step.add(key, record);
        step.commit();
        return added;
    }

    cr::WriteResult commit(cr::SessionKey const& key, cr::Stored const& seen, cr::Record const& record,
                           cr::TimePoint now)
    {
        return change(key, seen, now, [&](Transaction& step, cr::Stored const& found) {
            step.remove(key, found);
            step.add(key, record);
            return cr::WriteResult::committed;
        });
    }

    cr::WriteResult touch(cr::SessionKey const& key, cr::Stored const& seen, cr::TimePoint expires,
                          cr::TimePoint now)
    {
        return change(key, seen, now, [&](Transaction& step, cr::Stored const& found) {
            step.remove(key, found);
            step.add(key, {found.payload, expires});
            return cr::WriteResult::committed;
        });
    }

    cr::WriteResult rotate(cr::SessionKey const& key, cr::Stored const& seen, cr::SessionKey const& fresh,
                           cr::Record const& record, cr::TimePoint now)
    {
        return change(key, seen, now, [&](Transaction& step, cr::Stored const& found) {
            if (!step.add(fresh, record))
                return cr::WriteResult::taken;
            step.remove(key, found);
            return cr::WriteResult::committed;
        });
    }

    bool erase(cr::SessionKey const& key)
    {
        Transaction step{file_};
        auto const found = step.find(key);
        if (found)
            step.remove(key, *found);
        step.commit();
        return found.has_value();
    }

    std::size_t clear_expired(cr::TimePoint now, std::size_t budget)
    {
        Transaction step{file_};
        std::size_t cleared = 0;
        while (cleared < budget && step.remove_expired(now))
            ++cleared;
        step.commit();
        return cleared;
    }

private:
    using Transaction = LmdbFile::Transaction;

    /// Does `make` with the record if it is the version that was seen, and keeps what it did if that is
    /// committed.
    template <class Make>
    cr::WriteResult change(cr::SessionKey const& key, cr::Stored const& seen, cr::TimePoint now,
                           Make const& make)
    {
        Transaction step{file_};
        auto const found = step.find(key);
        if (!found || found->expires <= now)
            return cr::WriteResult::absent;
        if (found->version != seen.version)
            return cr::WriteResult::conflict;
        auto const answer = make(step, *found);
        if (answer == cr::WriteResult::committed)
            step.commit();
        return answer;
    }

    LmdbFile file_;
};

static_assert(cr::StoragePolicy<Lmdb>);

} // namespace custom_policies

#endif
