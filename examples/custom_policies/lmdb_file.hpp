// SPDX-License-Identifier: MIT
#ifndef EXAMPLES_CUSTOM_POLICIES_LMDB_FILE_HPP
#define EXAMPLES_CUSTOM_POLICIES_LMDB_FILE_HPP

#include <cloakroom.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <lmdb.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace custom_policies {

namespace cr = cloakroom;

struct LmdbOptions {
    /// The most bytes that the file may have; writing to a full one is StorageError.
    std::size_t max_size = std::size_t{1} << 30;
    /// Whether a write is on the disk before it is answered. Without, a power failure may break the file.
    bool durable = true;
};

/// An LMDB file with two databases: the records under their keys, and the keys in the order of their
/// deadlines, so that who clears looks at what has expired and at nothing else.
class LmdbFile {
public:
    class Transaction;

    explicit LmdbFile(std::string const& path, LmdbOptions const& options);

private:
    struct Close {
        void operator()(MDB_env* env) const { mdb_env_close(env); }
    };

    static void check(int code)
    {
        if (code != MDB_SUCCESS)
            throw cr::StorageError{std::string{"LMDB: "} + mdb_strerror(code) +
                                   (code == MDB_MAP_FULL ? "; open it with a larger max_size" : "")};
    }
    /// A broken store throws; that something is not there, or there already, is an answer.
    static bool succeeds(int code)
    {
        if (code == MDB_NOTFOUND || code == MDB_KEYEXIST)
            return false;
        check(code);
        return true;
    }

    static MDB_val value_of(std::string_view text) { return {text.size(), const_cast<char*>(text.data())}; }
    static std::string_view text_of(MDB_val value)
    {
        return {static_cast<char const*>(value.mv_data), value.mv_size};
    }

    /// Sorts by moment, then by key: LMDB compares bytes, so the number is big-endian and its sign turned.
    static std::string deadline(cr::TimePoint expires, std::string_view key)
    {
        auto const ticks = static_cast<std::uint64_t>(expires.time_since_epoch().count()) ^ std::uint64_t{1}
                                                                                                << 63;
        std::string text;
        for (int shift = 56; shift >= 0; shift -= 8)
            text += static_cast<char>(ticks >> shift & 255);
        return text.append(key);
    }

    std::unique_ptr<MDB_env, Close> env_;
    MDB_dbi records_ = 0;
    MDB_dbi deadlines_ = 0;
};

/// A step that is one for all threads and processes: LMDB lets one transaction write at a time. Undone at its
/// end unless it was committed.
class LmdbFile::Transaction {
public:
    explicit Transaction(LmdbFile const& file, unsigned flags = 0) : file_{file}
    {
        check(mdb_txn_begin(file.env_.get(), nullptr, flags, &transaction_));
    }
    Transaction(Transaction const&) = delete;
    ~Transaction()
    {
        if (transaction_ != nullptr)
            mdb_txn_abort(transaction_);
    }
    void commit() { check(mdb_txn_commit(std::exchange(transaction_, nullptr))); }

    std::optional<cr::Stored> find(cr::SessionKey const& key)
    {
        auto name = value_of(key.reveal());
        MDB_val row;
        if (!succeeds(mdb_get(transaction_, file_.records_, &name, &row)))
            return std::nullopt;
        Head head{};
        if (row.mv_size < sizeof head)
            throw cr::StorageError{"LMDB: a record that is none of ours; give sessions a file of their own"};
        std::memcpy(&head, row.mv_data, sizeof head);
        return cr::Stored{std::string{text_of(row).substr(sizeof head)},
                          cr::TimePoint{cr::Duration{head.expires}}, head.version};
    }

    /// False when the key is taken. The version is the number of the transaction, which is never given twice.
    bool add(cr::SessionKey const& key, cr::Record const& record)
    {
        Head const head{record.expires.time_since_epoch().count(), mdb_txn_id(transaction_)};
        std::string row(sizeof head, '\0');
        std::memcpy(row.data(), &head, sizeof head);
        row += record.payload;
        auto name = value_of(key.reveal());
        auto content = value_of(row);
        if (!succeeds(mdb_put(transaction_, file_.records_, &name, &content, MDB_NOOVERWRITE)))
            return false;
        auto const when = deadline(record.expires, key.reveal());
        auto moment = value_of(when);
        MDB_val nothing{};
        check(mdb_put(transaction_, file_.deadlines_, &moment, &nothing, 0));
        return true;
    }

    void remove(cr::SessionKey const& key, cr::Stored const& found)
    {
        remove(key.reveal(), deadline(found.expires, key.reveal()));
    }

    /// Removes the record with the earliest deadline, if that is before `now`.
    bool remove_expired(cr::TimePoint now)
    {
        MDB_cursor* cursor = nullptr;
        check(mdb_cursor_open(transaction_, file_.deadlines_, &cursor));
        MDB_val moment{};
        auto const code = mdb_cursor_get(cursor, &moment, nullptr, MDB_FIRST);
        mdb_cursor_close(cursor);
        if (!succeeds(code) || text_of(moment) >= deadline(now, ""))
            return false;
        auto const when = std::string{text_of(moment)};
        remove(std::string_view{when}.substr(sizeof(cr::TimePoint)), when);
        return true;
    }

private:
    friend LmdbFile;
    struct Head {
        std::int64_t expires; // microseconds since 1970
        std::uint64_t version;
    };

    void remove(std::string_view key, std::string_view when)
    {
        auto name = value_of(key);
        auto moment = value_of(when);
        check(mdb_del(transaction_, file_.records_, &name, nullptr));
        check(mdb_del(transaction_, file_.deadlines_, &moment, nullptr));
    }

    LmdbFile const& file_;
    MDB_txn* transaction_ = nullptr;
};

inline LmdbFile::LmdbFile(std::string const& path, LmdbOptions const& options)
{
    MDB_env* env = nullptr;
    check(mdb_env_create(&env));
    env_.reset(env);
    check(mdb_env_set_mapsize(env, options.max_size));
    check(mdb_env_set_maxdbs(env, 2));
    unsigned const flags = MDB_NOSUBDIR | MDB_NOTLS | (options.durable ? 0U : MDB_NOSYNC);
    if (auto const code = mdb_env_open(env, path.c_str(), flags, 0600); code != MDB_SUCCESS)
        throw cr::StorageError{"LMDB cannot open " + path + ": " + mdb_strerror(code)};
    Transaction step{*this};
    check(mdb_dbi_open(step.transaction_, "records", MDB_CREATE, &records_));
    check(mdb_dbi_open(step.transaction_, "deadlines", MDB_CREATE, &deadlines_));
    step.commit();
}

} // namespace custom_policies

#endif
