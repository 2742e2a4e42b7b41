// SPDX-License-Identifier: MIT
//
// Postgres' load and commit beside libpq's prepared statements: the same SQL on a server of its own, in
// turns, on two tables of the same rows. `ratio` is ours / raw in the time that passed, which is what a
// request waits; `ratio_computed` in what the client's thread computed. The server does not wait for its
// disk, which would hide everything else.

#include <cloakroom/storage/postgres.hpp>

#include "payloads.hpp"
#include "support/postgres_server.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <initializer_list>
#include <libpq-fe.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cr = cloakroom;
using namespace std::chrono_literals;

namespace {

constexpr cr::TimePoint now{cr::Duration{1'780'000'000'123'456}};
constexpr cr::TimePoint later{cr::Duration{1'780'086'400'000'000}};

/// The two statements of a request, prepared once, and what a program needs of their rows.
class RawTable {
public:
    explicit RawTable(std::string const& address) : connection_(PQconnectdb(address.c_str()), PQfinish)
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

/// What this thread has computed, and what has passed.
struct Times {
    std::chrono::nanoseconds computed{0};
    std::chrono::nanoseconds passed{0};

    static Times read()
    {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return {std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec},
                std::chrono::steady_clock::now().time_since_epoch()};
    }
};

/// The times of single cycles. Their medians do not mind what else the machine does.
struct Samples {
    std::vector<std::int64_t> computed;
    std::vector<std::int64_t> passed;

    void add(Times const& start, Times const& end)
    {
        computed.push_back((end.computed - start.computed).count());
        passed.push_back((end.passed - start.passed).count());
    }

    static double median(std::vector<std::int64_t>& some)
    {
        auto const middle = some.begin() + static_cast<std::ptrdiff_t>(some.size() / 2);
        std::nth_element(some.begin(), middle, some.end());
        return static_cast<double>(*middle);
    }
};

/// Another text for every save, of the same length.
void change(std::string& data, std::uint64_t serial)
{
    for (std::size_t i = 0; i < 8; ++i)
        data[data.size() - 10 - i] = static_cast<char>('a' + (serial >> (4 * i)) % 16);
}

enum class Work { load, load_and_commit };

template <Work work>
void postgres(benchmark::State& state)
{
    auto const count = static_cast<std::size_t>(state.range(0));
    PostgresServer server{{"fsync=off", "synchronous_commit=off", "autovacuum=off"}};
    std::vector<cr::SessionKey> keys;
    while (keys.size() < count)
        keys.push_back(cr::SessionKey::generate());
    for (auto const* const name : {"ours", "raw"}) {
        cr::adapters::postgres::Connection{server.address(), {5s, 60s}}.execute(
            (std::string{"CREATE DATABASE "} + name).c_str());
        cr::storage::Postgres storage{server.address(name)};
        storage.migrate();
        for (auto const& key : keys)
            storage.create(key, {payload_b(), now + 24h}, now);
        cr::adapters::postgres::Connection{server.address(name), {5s, 60s}}.execute("VACUUM ANALYZE");
    }
    cr::storage::Postgres ours{server.address("ours")};
    RawTable raw{server.address("raw")};
    std::string seen;
    std::string data;
    std::array<char, 8> expires{};
    std::uint64_t serial = 0;
    Samples our_times;
    Samples raw_times;

    auto const raw_cycle = [&](cr::SessionKey const& key) {
        auto const start = Times::read();
        raw.load(key.reveal(), seen, expires);
        if constexpr (work == Work::load_and_commit) {
            data = seen;
            change(data, ++serial);
            cr::adapters::postgres::BinaryNumber const at{now};
            cr::adapters::postgres::BinaryNumber const next{later + cr::Duration{serial % 1'000'000}};
            raw.commit(key.reveal(), seen, at.bytes(), data, next.bytes());
        }
        raw_times.add(start, Times::read());
        benchmark::DoNotOptimize(seen);
    };
    auto const our_cycle = [&](cr::SessionKey const& key) {
        auto const start = Times::read();
        auto const stored = ours.load(key, now);
        if (!stored)
            throw std::runtime_error{"the row has gone"};
        if constexpr (work == Work::load_and_commit) {
            cr::Record next{stored->payload, later + cr::Duration{++serial % 1'000'000}};
            change(next.payload, serial);
            if (ours.commit(key, *stored, next, now) != cr::WriteResult::committed)
                throw std::runtime_error{"the row was not updated"};
        }
        our_times.add(start, Times::read());
        benchmark::DoNotOptimize(stored);
    };

    std::size_t place = 0;
    for (auto _ : state) {
        place = (place + 7'919) % count;
        if (place % 2 == 0) {
            raw_cycle(keys[place]);
            our_cycle(keys[place]);
        } else {
            our_cycle(keys[place]);
            raw_cycle(keys[place]);
        }
        state.SetIterationTime(static_cast<double>(our_times.passed.back()) / 1e9);
    }
    auto const our_passed = Samples::median(our_times.passed);
    auto const raw_passed = Samples::median(raw_times.passed);
    state.counters["ours_us"] = our_passed / 1'000;
    state.counters["raw_us"] = raw_passed / 1'000;
    state.counters["ratio"] = our_passed / raw_passed;
    state.counters["ratio_computed"] =
        Samples::median(our_times.computed) / Samples::median(raw_times.computed);
}

BENCHMARK(postgres<Work::load>)->Arg(1'000)->UseManualTime()->Iterations(20'000);
BENCHMARK(postgres<Work::load_and_commit>)->Arg(1'000)->UseManualTime()->Iterations(20'000);

} // namespace
