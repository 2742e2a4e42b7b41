// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_BENCHMARKS_RAW_SQLITE_HPP
#define CLOAKROOM_BENCHMARKS_RAW_SQLITE_HPP

#include <sqlite3.h>
#include <stdexcept>
#include <string>
#include <string_view>

/// The two statements of a request, prepared once, through SQLite's C API and nothing else.
class RawSqlite {
public:
    explicit RawSqlite(std::string const& path)
    {
        constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
        check(sqlite3_open_v2(path.c_str(), &database_, flags, nullptr));
        check(sqlite3_busy_timeout(database_, 5'000));
        check(sqlite3_exec(database_, "PRAGMA synchronous=NORMAL", nullptr, nullptr, nullptr));
        load_ = prepare("SELECT session_data, expire_date FROM django_session WHERE session_key = ?1");
        commit_ = prepare("UPDATE django_session SET session_data = ?4, expire_date = ?5 "
                          "WHERE session_key = ?1 AND session_data = ?2 AND expire_date > ?3");
    }
    RawSqlite(RawSqlite const&) = delete;
    RawSqlite& operator=(RawSqlite const&) = delete;
    ~RawSqlite()
    {
        sqlite3_finalize(load_);
        sqlite3_finalize(commit_);
        sqlite3_close(database_);
    }

    void load(std::string_view key, std::string& data, std::string& expires)
    {
        bind(load_, 1, key);
        if (sqlite3_step(load_) != SQLITE_ROW)
            throw std::runtime_error{"the row has gone"};
        data.assign(text(load_, 0));
        expires.assign(text(load_, 1));
        sqlite3_reset(load_);
    }

    void commit(std::string_view key, std::string_view seen, std::string_view at, std::string_view data,
                std::string_view expires)
    {
        bind(commit_, 1, key);
        bind(commit_, 2, seen);
        bind(commit_, 3, at);
        bind(commit_, 4, data);
        bind(commit_, 5, expires);
        if (sqlite3_step(commit_) != SQLITE_DONE || sqlite3_changes(database_) != 1)
            throw std::runtime_error{"the row was not updated"};
        sqlite3_reset(commit_);
    }

private:
    static void check(int code)
    {
        if (code != SQLITE_OK)
            throw std::runtime_error{sqlite3_errstr(code)};
    }
    sqlite3_stmt* prepare(char const* sql)
    {
        sqlite3_stmt* statement = nullptr;
        check(sqlite3_prepare_v3(database_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
        return statement;
    }
    static void bind(sqlite3_stmt* statement, int place, std::string_view text)
    {
        check(sqlite3_bind_text64(statement, place, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8));
    }
    static std::string_view text(sqlite3_stmt* statement, int column)
    {
        return {reinterpret_cast<char const*>(sqlite3_column_text(statement, column)),
                static_cast<std::size_t>(sqlite3_column_bytes(statement, column))};
    }

    sqlite3* database_ = nullptr;
    sqlite3_stmt* load_ = nullptr;
    sqlite3_stmt* commit_ = nullptr;
};

#endif
