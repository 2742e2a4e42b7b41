// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_BENCHMARKS_RAW_SQLITE_HPP
#define CLOAKROOM_BENCHMARKS_RAW_SQLITE_HPP

#include <sqlite3.h>
#include <stdexcept>
#include <string>

/// The two statements that a request costs, prepared once, through SQLite's C API and nothing else.
class RawSqlite {
public:
    RawSqlite(std::string const& path, std::string key) : key_{std::move(key)}
    {
        check(sqlite3_open(path.c_str(), &database_));
        check(sqlite3_exec(database_, "PRAGMA synchronous=NORMAL", nullptr, nullptr, nullptr));
        prepare(load_, "SELECT session_data, expire_date FROM django_session WHERE session_key = ?1");
        prepare(commit_, "UPDATE django_session SET session_data = ?4, expire_date = ?5 "
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

    void load_and_commit()
    {
        bind(load_, 1, key_);
        if (sqlite3_step(load_) != SQLITE_ROW)
            throw std::runtime_error{"the row is gone"};
        std::string const seen{reinterpret_cast<char const*>(sqlite3_column_text(load_, 0)),
                               static_cast<std::size_t>(sqlite3_column_bytes(load_, 0))};
        std::string const expires{reinterpret_cast<char const*>(sqlite3_column_text(load_, 1)),
                                  static_cast<std::size_t>(sqlite3_column_bytes(load_, 1))};
        sqlite3_reset(load_);

        // Another text and deadline each time, as a request has them.
        auto text = seen;
        ++serial_;
        for (std::size_t i = 0; i < 8 && i < text.size(); ++i)
            text[i] = static_cast<char>('a' + (serial_ >> (4 * i)) % 16);
        auto later = expires;
        for (std::size_t i = 0; i < 5; ++i)
            later[later.size() - 1 - i] = static_cast<char>('1' + (serial_ >> (3 * i)) % 8);
        bind(commit_, 1, key_);
        bind(commit_, 2, seen);
        bind(commit_, 3, now_);
        bind(commit_, 4, text);
        bind(commit_, 5, later);
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
    void prepare(sqlite3_stmt*& statement, char const* sql)
    {
        check(sqlite3_prepare_v3(database_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
    }
    static void bind(sqlite3_stmt* statement, int place, std::string const& text)
    {
        check(sqlite3_bind_text(statement, place, text.data(), static_cast<int>(text.size()), SQLITE_STATIC));
    }

    sqlite3* database_ = nullptr;
    sqlite3_stmt* load_ = nullptr;
    sqlite3_stmt* commit_ = nullptr;
    std::string key_;
    std::string now_ = "2026-05-28 20:26:40.123456";
    unsigned serial_ = 0;
};

#endif
