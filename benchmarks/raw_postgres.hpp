// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_BENCHMARKS_RAW_POSTGRES_HPP
#define CLOAKROOM_BENCHMARKS_RAW_POSTGRES_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <libpq-fe.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

/// The two statements of a request, prepared once, and what a program needs of their rows.
class RawPostgres {
public:
    explicit RawPostgres(std::string const& address) : connection_(PQconnectdb(address.c_str()), PQfinish)
    {
        if (PQstatus(connection_.get()) != CONNECTION_OK)
            throw std::runtime_error{PQerrorMessage(connection_.get())};
        prepare("load", "SELECT session_data, expire_date FROM django_session WHERE session_key = $1");
        prepare("commit", "UPDATE django_session SET session_data = $4, expire_date = $5 "
                          "WHERE session_key = $1 AND session_data = $2 AND expire_date > $3");
    }

    void load(std::string_view key, std::string& data, std::array<char, 8>& expires)
    {
        auto const result = run<1>("load", {key});
        if (PQntuples(result.get()) != 1)
            throw std::runtime_error{"the row has gone"};
        data.assign(PQgetvalue(result.get(), 0, 0),
                    static_cast<std::size_t>(PQgetlength(result.get(), 0, 0)));
        std::copy_n(PQgetvalue(result.get(), 0, 1), expires.size(), expires.begin());
    }

    void commit(std::string_view key, std::string_view seen, std::string_view at, std::string_view data,
                std::string_view expires)
    {
        auto const result = run<5>("commit", {key, seen, at, data, expires});
        if (std::string_view{PQcmdTuples(result.get())} != "1")
            throw std::runtime_error{"the row was not updated"};
    }

private:
    using Result = std::unique_ptr<PGresult, void (*)(PGresult*)>;

    void prepare(char const* name, char const* sql)
    {
        Result const result{PQprepare(connection_.get(), name, sql, 0, nullptr), PQclear};
        if (PQresultStatus(result.get()) != PGRES_COMMAND_OK)
            throw std::runtime_error{PQresultErrorMessage(result.get())};
    }

    template <std::size_t count>
    Result run(char const* name, std::array<std::string_view, count> const& parameters)
    {
        std::array<char const*, count> values;
        std::array<int, count> sizes;
        std::array<int, count> formats;
        for (std::size_t i = 0; i < count; ++i) {
            values[i] = parameters[i].data();
            sizes[i] = static_cast<int>(parameters[i].size());
            formats[i] = 1;
        }
        Result result{
            PQexecPrepared(connection_.get(), name, count, values.data(), sizes.data(), formats.data(), 1),
            PQclear};
        auto const status = PQresultStatus(result.get());
        if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
            throw std::runtime_error{PQresultErrorMessage(result.get())};
        return result;
    }

    std::unique_ptr<PGconn, void (*)(PGconn*)> connection_;
};

#endif
