// SPDX-License-Identifier: MIT
#include <cloakroom/storage/memcached.hpp>

#include <cloakroom/core/error.hpp>

#include "support/catch.hpp"
#include "support/error_text.hpp"
#include "support/in_child.hpp"
#include "support/memcached_server.hpp"
#include "support/storage.hpp"
#include "support/temporary_folder.hpp"
#include "support/vectors.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cr = cloakroom;
using cr::WriteResult;
using cr::storage::Memcached;
using cr::storage::MemcachedOptions;
using namespace std::chrono_literals;

namespace {

static_assert(cr::StoragePolicy<Memcached>);
static_assert(!cr::EnumerablePolicy<Memcached>);
static_assert(std::is_nothrow_move_constructible_v<Memcached>);
static_assert(!std::is_copy_constructible_v<Memcached>);
static_assert(Memcached::purpose == "django.contrib.sessions.SessionStore");
static_assert(Memcached::accepts == cr::Content::bytes);

auto const a = key_of("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
auto const b = key_of("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
std::string const prefix = ":1:django.contrib.sessions.cache";
std::string const full_a = prefix + "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// A server removes what is dead by its own clock, so these tests are in the present; some minutes back, as
/// if the tests before had taken that long. What measures the server's own deadline asks system_now().
auto const now = cr::system_now() - 10min;
auto const later = now + 1h;

cr::Record record(std::string payload)
{
    return {std::move(payload), later};
}

std::string full(cr::SessionKey const& key)
{
    return prefix + std::string{key.reveal()};
}

/// Every operation that asks the server about a key, for errors that all of them meet.
Operations all_operations(Memcached& storage)
{
    return record_operations(storage, a, b, now);
}

/// A moment of this test's own that a deadline can be, to the microsecond.
std::string digits_of(cr::TimePoint moment)
{
    auto text = std::to_string(moment.time_since_epoch().count());
    return std::string(18 - text.size(), '0') + text;
}

/// A session key that lies on the server at that place, of the numbered ones from `start` on.
cr::SessionKey key_on(MemcachedServers& servers, std::size_t place, std::size_t start = 0)
{
    Memcached storage{servers.url()};
    for (auto i = start;; ++i) {
        auto const key = numbered_key(i);
        REQUIRE(storage.create(key, record("x"), now));
        auto const found = servers.place_of(full(key));
        REQUIRE(storage.erase(key));
        if (found == place)
            return key;
    }
}

/// Greets as a memcached does, and then gives the same answer to everything, or, where that is empty, closes
/// the connection. One connection at a time; it counts them.
class RudeServer {
public:
    explicit RudeServer(std::string answer, bool greets = true)
        : answer_(std::move(answer)),
          greets_(greets),
          listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 8) != 0 ||
            getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
            throw std::runtime_error{"cannot listen"};
        port_ = ntohs(address.sin_port);
        thread_ = std::thread{[this] { serve(); }};
    }
    RudeServer(RudeServer const&) = delete;
    RudeServer& operator=(RudeServer const&) = delete;
    ~RudeServer()
    {
        shutdown(listener_, SHUT_RDWR);
        thread_.join();
        close(listener_);
    }

    std::string url() const { return "memcached://127.0.0.1:" + std::to_string(port_); }
    int connections() const { return connections_; }

private:
    void serve()
    {
        for (int client = 0; (client = accept(listener_, nullptr, nullptr)) >= 0; close(client)) {
            ++connections_;
            std::array<char, 4096> bytes;
            for (ssize_t size = 0; (size = recv(client, bytes.data(), bytes.size(), 0)) > 0;) {
                auto const answer = answer_to({bytes.data(), static_cast<std::size_t>(size)});
                if (answer.empty())
                    break;
                send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
            }
        }
    }
    std::string answer_to(std::string_view command) const
    {
        if (greets_ && command.starts_with("delete cloakroom.login"))
            return "NOT_FOUND\r\n";
        if (greets_ && command.starts_with("version"))
            return "VERSION 1.6.18\r\n";
        if (greets_ && command.starts_with("stats"))
            return "STAT pid 7\r\nSTAT uptime 5\r\nSTAT time 1780000000\r\nEND\r\n";
        return answer_;
    }

    std::string answer_;
    bool greets_;
    int listener_;
    int port_ = 0;
    std::atomic<int> connections_{0};
    std::thread thread_;
};

/// Passes on what is said to a server and what it answers.
class Relay {
public:
    explicit Relay(int port) : server_port_(port), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        auto address = loopback(0);
        socklen_t size = sizeof address;
        if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 8) != 0 ||
            getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
            throw std::runtime_error{"cannot listen"};
        port_ = ntohs(address.sin_port);
        thread_ = std::thread{[this] {
            while (!ending_)
                step();
        }};
    }
    Relay(Relay const&) = delete;
    Relay& operator=(Relay const&) = delete;
    ~Relay()
    {
        ending_ = true;
        thread_.join();
        for (auto const& line : lines_)
            end(line);
        close(listener_);
    }

    std::string url() const { return "memcached://127.0.0.1:" + std::to_string(port_); }

    /// Closes every connection that is there now.
    void close_all()
    {
        closing_ = true;
        while (closing_)
            std::this_thread::sleep_for(1ms);
    }
    /// Closes the connection instead of passing on the answer of that number from now on.
    void lose_answer(int number) { answers_until_loss_ = number; }
    /// The same for all that follow it, too.
    void lose_answers_from(int number)
    {
        lose_answer(number);
        loses_the_rest_ = true;
    }
    void lose_no_more() { loses_the_rest_ = false; }

private:
    struct Line {
        int client;
        int server;
    };

    static sockaddr_in loopback(int port)
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<in_port_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return address;
    }
    static void end(Line const& line)
    {
        close(line.client);
        close(line.server);
    }
    bool is_next_answer_lost()
    {
        auto const number = answers_until_loss_--;
        return number == 1 || (number < 1 && loses_the_rest_);
    }
    /// False when one side has closed.
    static bool pass(int from, int to, bool keeps = false)
    {
        std::array<char, 65'536> bytes;
        auto const size = recv(from, bytes.data(), bytes.size(), 0);
        return size > 0 && !keeps &&
               send(to, bytes.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL) == size;
    }
    void step()
    {
        std::vector<pollfd> waits{{listener_, POLLIN, 0}};
        for (auto const& line : lines_) {
            waits.push_back({line.client, POLLIN, 0});
            waits.push_back({line.server, POLLIN, 0});
        }
        poll(waits.data(), waits.size(), 1);
        bool const is_closing = closing_;
        std::vector<Line> kept;
        for (std::size_t i = 0; i < lines_.size(); ++i) {
            auto const& line = lines_[i];
            auto is_open = !is_closing;
            if (is_open && waits[2 * i + 1].revents != 0)
                is_open = pass(line.client, line.server);
            if (is_open && waits[2 * i + 2].revents != 0)
                is_open = pass(line.server, line.client, is_next_answer_lost());
            if (is_open)
                kept.push_back(line);
            else
                end(line);
        }
        lines_ = std::move(kept);
        if (is_closing)
            closing_ = false;
        if (waits[0].revents != 0) {
            Line const line{accept(listener_, nullptr, nullptr),
                            socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
            auto const address = loopback(server_port_);
            std::ignore = connect(line.server, reinterpret_cast<sockaddr const*>(&address), sizeof address);
            lines_.push_back(line);
        }
    }

    int server_port_;
    int listener_;
    int port_ = 0;
    std::atomic<bool> ending_{false};
    std::atomic<bool> closing_{false};
    std::atomic<int> answers_until_loss_{0};
    std::atomic<bool> loses_the_rest_{false};
    std::vector<Line> lines_; // the thread's own
    std::thread thread_;
};

} // namespace

TEST_CASE("S-140, S-500: keys on a memcached are Django's")
{
    MemcachedServer server;
    auto const key = vectors({"cache", "session_key"}).as<std::string>();
    int compared = 0;
    for (auto const& entry : vectors({"cache", "keys"}).as<cr::Array>()) {
        auto const version = static_cast<int>(entry.get_if<cr::Dict>()->at("version").as<std::int64_t>());
        Memcached storage{server.url(),
                          {.key_prefix = cr::storage::memcached_key_prefix(
                               text_at(entry, "key_prefix"), version, text_at(entry, "engine"))}};
        REQUIRE(storage.create(key_of(key), record("x"), now));
        CHECK(contains(server("get " + text_at(entry, "full")), ":x"));
        REQUIRE(storage.erase(key_of(key)));
        CHECK_FALSE(contains(server("get " + text_at(entry, "full")), "VALUE"));
        ++compared;
    }
    CHECK(compared == 12);
    CHECK(MemcachedOptions{}.key_prefix == cr::storage::memcached_key_prefix(""));
}

TEST_CASE("Memcached: a record is its payload behind its exact deadline")
{
    MemcachedServer server;
    Memcached storage{server.url()};
    auto const expires = std::chrono::floor<std::chrono::seconds>(now) + 1h + 1us;
    REQUIRE(storage.create(a, {"text", expires}, now));
    CHECK(server("get " + full_a) ==
          "VALUE " + full_a + " 0 27\r\ncr1:" + digits_of(expires) + ":text\r\nEND");
    auto const seen = storage.load(a, now).value();
    CHECK(seen.payload == "text");
    CHECK(seen.expires == expires);
    CHECK(storage.load(a, expires - microsecond));
    CHECK_FALSE(storage.load(a, expires));
    CHECK(storage.commit(a, seen, {"new", expires}, expires) == WriteResult::absent);
    CHECK(storage.touch(a, seen, later, expires) == WriteResult::absent);
    CHECK(storage.rotate(a, seen, b, {"new", later}, expires) == WriteResult::absent);
    CHECK_FALSE(storage.create(a, record("another"), expires));

    CHECK(storage.touch(a, seen, expires + 1min, now) == WriteResult::committed);
    CHECK(contains(server("get " + full_a), "cr1:" + digits_of(expires + 1min) + ":text"));
    CHECK(storage.commit(a, seen, record("new"), now) == WriteResult::conflict);
    CHECK(storage.commit(a, storage.load(a, now).value(), {"new", expires}, now) == WriteResult::committed);
    CHECK(contains(server("get " + full_a), "cr1:" + digits_of(expires) + ":new"));
    CHECK(storage.rotate(a, storage.load(a, now).value(), b, {"moved", expires}, now) ==
          WriteResult::committed);
    CHECK(server("get " + full_a) == "END");
    CHECK(server("add " + full_a + " 0 0 1\r\nx") == "STORED"); // and not even a tombstone is left
    CHECK(storage.load(b, now)->payload == "moved");
}

TEST_CASE("S-502: the server's deadline is never before the record's, within 30 days, after them and never")
{
    MemcachedServer server;
    Memcached storage{server.url()};
    auto const seconds_left = [&](cr::TimePoint expires) {
        REQUIRE(storage.create(a, {"x", expires}, now));
        auto const answer = server("mg " + full_a + " t"); // "HD t3601", or "HD t-1" for never
        REQUIRE(storage.erase(a));
        INFO(answer);
        REQUIRE(answer.starts_with("HD t"));
        return std::stol(answer.substr(4));
    };
    auto const day = 86'400L;
    for (auto const days : {0L, 29L, 30L, 31L, 365L}) {
        auto const expires = cr::system_now() + std::chrono::seconds{days * day + 100};
        auto const left = seconds_left(expires);
        CHECK(left <= days * day + 104);
        CHECK(left >= std::chrono::floor<std::chrono::seconds>(expires - cr::system_now()).count());
    }
    CHECK(seconds_left(cr::latest_time) == -1);
    CHECK(seconds_left(cr::TimePoint{std::chrono::seconds{2'147'483'647}}) == -1);
    CHECK(seconds_left(cr::TimePoint{std::chrono::seconds{2'147'483'600}}) > 0);

    for (auto const dead :
         {cr::earliest_time, cr::TimePoint{}, cr::TimePoint{29 * 24h}, cr::TimePoint{31 * 24h}, now - 1h}) {
        CHECK(storage.create(a, {"x", dead}, now)); // S-145
        CHECK(server("mg " + full_a + " t") == "EN");
    }
    REQUIRE(storage.create(a, {"x", cr::system_now() + 300ms}, now));
    CHECK(storage.load(a, now));
    for (int i = 0; i < 400 && storage.load(a, now); ++i)
        std::this_thread::sleep_for(10ms);
    CHECK_FALSE(storage.load(a, now));
    CHECK(storage.clear_expired(later, 10) == 0);
}

TEST_CASE("Memcached: a value of another shape under a session's key is an error and is left alone")
{
    MemcachedServer server;
    Memcached storage{server.url()};
    auto const pickle = from_hex("8005950a000000000000007d948c0161944b01732e");
    auto const value = GENERATE_COPY(catch_::values<std::string>(
        {"", pickle, "{}", "cr1:", "cr1:12345678901234567:x", "cr1:1234567890123456789:",
         "cr1:12345678901234567x:", "cr1:-12345678901234567:x", "cr2:001780000000123456:x"}));
    auto const set = [&](std::string const& text) {
        return server("set " + full_a + " 1 0 " + std::to_string(text.size()) + "\r\n" + text);
    };
    REQUIRE(set(value) == "STORED");
    for (auto const& [name, operation] : all_operations(storage)) {
        if (name == "create")
            continue;
        auto const error = error_of(operation);
        INFO(value << ", " << name << ": " << error);
        CHECK(contains(error, "does not begin as a record does"));
        CHECK(contains(error, "key_prefix"));
        CHECK_FALSE(contains(error, "aaaaaaaa"));
    }
    CHECK_FALSE(storage.create(a, record("z"), now));
    CHECK_FALSE(storage.load(b, now)); // what rotate made is gone
    REQUIRE(storage.create(b, record("z"), now));
    CHECK(storage.rotate(b, storage.load(b, now).value(), a, record("z"), now) == WriteResult::taken);
    CHECK(storage.load(b, now));
    CHECK(contains(server("get " + full_a), " 1 " + std::to_string(value.size()) + "\r\n" + value + "\r\n"));
    REQUIRE(set("cr1:" + digits_of(later) + ":x") == "STORED");
    CHECK(storage.load(a, now)->payload == "x");
    CHECK(storage.erase(a));
}

TEST_CASE("Memcached: sessions are spread over the servers, each has one place, and a fourth takes a share")
{
    MemcachedServers servers;
    MemcachedServer fourth;
    Memcached three{servers.url()};
    Memcached four{servers.url() + "," + fourth.name()};
    constexpr std::size_t count = 300;
    for (std::size_t i = 0; i < count; ++i)
        REQUIRE(three.create(numbered_key(i), record("x"), now));
    long sum = 0;
    for (auto const& server : servers.each) {
        auto const items = server.number("curr_items");
        CHECK(items > 50);
        sum += items;
    }
    CHECK(sum == count);
    std::size_t moved = 0;
    for (std::size_t i = 0; i < count; ++i)
        moved += four.load(numbered_key(i), now) ? 0U : 1U;
    CHECK(moved > count / 10);
    CHECK(moved < count / 2);
}

TEST_CASE("Memcached: a rotate between any two servers leaves one key")
{
    MemcachedServers servers;
    Memcached storage{servers.url()};
    std::array const keys{key_on(servers, 0), key_on(servers, 1), key_on(servers, 2)};
    std::array const others{key_on(servers, 0, 1'000), key_on(servers, 1, 1'000), key_on(servers, 2, 1'000)};
    for (auto const& old : keys)
        for (auto const& fresh : others) {
            REQUIRE(storage.create(old, record("1"), now));
            auto const seen = storage.load(old, now).value();
            REQUIRE(storage.commit(old, seen, record("2"), now) == WriteResult::committed);
            CHECK(storage.rotate(old, seen, fresh, record("3"), now) == WriteResult::conflict);
            CHECK_FALSE(storage.load(fresh, now));
            auto const newer = storage.load(old, now).value();
            CHECK(storage.rotate(old, newer, fresh, record("3"), now) == WriteResult::committed);
            CHECK_FALSE(storage.load(old, now));
            CHECK_FALSE(storage.erase(old));
            CHECK(storage.load(fresh, now)->payload == "3");
            CHECK(storage.rotate(old, newer, old, record("4"), now) == WriteResult::absent);
            REQUIRE(storage.erase(fresh));
            CHECK(storage.rotate(old, newer, fresh, record("4"), now) == WriteResult::absent);
            CHECK_FALSE(storage.load(fresh, now));
        }
}

TEST_CASE("Memcached: a logout during a rotate between two servers leaves no session")
{
    MemcachedServers servers;
    Memcached storage{servers.url()};
    auto const old = key_on(servers, 0);
    auto const fresh = key_on(servers, 1);
    int rotated = 0;
    int ended = 0;
    for (int round = 0; round < 300; ++round) {
        REQUIRE(storage.create(old, record("1"), now));
        auto const seen = storage.load(old, now).value();
        std::atomic<int> ready{0};
        auto answer = WriteResult::conflict;
        bool erased = false;
        auto const failed = run_threads(2, [&](int thread) {
            for (++ready; ready < 2;)
                continue;
            if (thread == 0)
                answer = storage.rotate(old, seen, fresh, record("2"), now);
            else
                erased = storage.erase(old);
        });
        REQUIRE(failed == 0);
        CHECK_FALSE(storage.load(old, now));
        CHECK((answer == WriteResult::committed) == storage.load(fresh, now).has_value());
        // A logout that comes after the rotate finds nothing; one that found the record may lose the race.
        CHECK((answer == WriteResult::committed || (answer == WriteResult::absent && erased)));
        ++(answer == WriteResult::committed ? rotated : ended);
        storage.erase(fresh);
    }
    INFO(rotated << " rotated, " << ended << " ended");
    CHECK(rotated + ended == 300);
}

TEST_CASE(
    "Memcached: a version of an earlier life of a server is none of the next one, nor of another server")
{
    MemcachedServers servers;
    Memcached storage{servers.url()};
    auto const key = key_on(servers, 0);
    auto const fresh = key_on(servers, 1);
    servers.each[0].kill();
    servers.each[0].start();
    auto const cas = [&] {
        auto const answer = servers.each[0]("gets " + full(key));
        auto const line = answer.substr(0, answer.find('\r'));
        return std::stoull(line.substr(line.rfind(' ')));
    };
    // Newer servers count a refused write too, so that the first write of a life need not be number 1.
    constexpr unsigned count = 40;
    auto const write_until_counted = [&](std::string const& payload) {
        REQUIRE(storage.create(key, record(payload), now));
        while (cas() < count) {
            auto const current = storage.load(key, now).value();
            REQUIRE(storage.commit(key, current, record(payload), now) == WriteResult::committed);
        }
        REQUIRE(cas() == count);
        return storage.load(key, now).value();
    };
    auto const seen = write_until_counted("mine");
    servers.each[0].kill();
    servers.each[0].start();
    CHECK(storage.commit(key, seen, record("late"), now) == WriteResult::absent);
    CHECK(storage.touch(key, seen, later + 1h, now) == WriteResult::absent);
    CHECK(storage.rotate(key, seen, fresh, record("late"), now) == WriteResult::absent);
    write_until_counted("another's"); // memcached alone could not tell them apart
    CHECK(storage.commit(key, seen, record("late"), now) == WriteResult::conflict);
    CHECK(storage.touch(key, seen, later + 1h, now) == WriteResult::conflict);
    CHECK(storage.rotate(key, seen, fresh, record("late"), now) == WriteResult::conflict);
    CHECK(storage.load(key, now)->payload == "another's");
    CHECK_FALSE(storage.load(fresh, now));

    auto const& elsewhere = fresh;
    REQUIRE(storage.create(elsewhere, record("elsewhere"), now));
    auto foreign = storage.load(elsewhere, now).value();
    for (int i = 0; i < 50; ++i) {
        foreign.version += static_cast<std::uint64_t>(i % 2 == 0 ? i : -i);
        CHECK(storage.commit(key, foreign, record("late"), now) == WriteResult::conflict);
    }
    for (auto const version : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}})
        CHECK(storage.commit(key, {"x", later, version}, record("late"), now) == WriteResult::conflict);
}

TEST_CASE("Memcached: an entry over the server's size is an error that names it, and the old one stays")
{
    MemcachedServer server;
    Memcached storage{server.url()};
    REQUIRE(storage.create(a, record("1"), now));
    auto const seen = storage.load(a, now).value();
    std::string const large((1U << 20) + 1'000, 'x');
    for (auto const& [name, operation] : Operations{
             {"create", [&] { storage.create(b, record(large), now); }},
             {"commit", [&] { storage.commit(a, seen, record(large), now); }},
             {"rotate", [&] { storage.rotate(a, seen, b, record(large), now); }},
         }) {
        auto const error = error_of(operation);
        INFO(name << ": " << error);
        CHECK(contains(error, "object too large for cache"));
        CHECK(contains(error, std::to_string(large.size() + 23) + " bytes"));
        CHECK(contains(error, "option -I"));
    }
    CHECK(storage.load(a, now) == seen);
    CHECK_FALSE(storage.load(b, now));
    std::string const fits(1'000'000, 'y');
    CHECK(storage.commit(a, seen, record(fits), now) == WriteResult::committed);
    CHECK((storage.load(a, now)->payload == fits));

    MemcachedServer generous{{"-I", "4m"}};
    Memcached more{generous.url()};
    REQUIRE(more.create(a, record(large), now));
    CHECK((more.load(a, now)->payload == large));
}

TEST_CASE("Memcached: full memory is an error where the server evicts nothing, and passes when there is room")
{
    MemcachedServer server{{"-m", "2", "-M"}};
    Memcached storage{server.url()};
    REQUIRE(storage.create(a, record("1"), now));
    auto const seen = storage.load(a, now).value();
    std::string const large(10'000, 'x');
    std::size_t count = 0;
    std::string error;
    for (; count < 1'000 && error.empty(); ++count)
        if (auto const text = error_of([&] { storage.create(numbered_key(count), record(large), now); });
            text != no_error)
            error = text;
    INFO(error);
    CHECK(contains(error, "out of memory"));
    CHECK(contains(error, "option -m"));
    REQUIRE(count > 1);
    CHECK(contains(error_of([&] { storage.commit(a, seen, record(large), now); }), "out of memory"));
    CHECK(contains(error_of([&] { storage.rotate(a, seen, b, record(large), now); }), "out of memory"));
    CHECK(storage.load(a, now) == seen);
    CHECK_FALSE(storage.load(b, now));
    for (std::size_t i = 0; i + 1 < count; ++i)
        CHECK((storage.load(numbered_key(i), now)->payload == large));
    REQUIRE(storage.erase(numbered_key(0)));
    auto answer = WriteResult::absent;
    auto const rotate = [&] { answer = storage.rotate(a, seen, b, record(large), now); };
    for (int i = 0; i < 500 && error_of(rotate) != no_error; ++i)
        std::this_thread::sleep_for(10ms); // the server holds what was read last a little longer
    CHECK(answer == WriteResult::committed);
    CHECK((storage.load(b, now).value().payload == large));
    CHECK_FALSE(storage.load(a, now));
}

TEST_CASE("Memcached: a server that keeps no versions is an error that says so")
{
    MemcachedServer server{{"-C"}};
    Memcached storage{server.url()};
    REQUIRE(storage.create(a, record("1"), now));
    CHECK(contains(error_of([&] { storage.load(a, now); }), "without the option -C"));
}

TEST_CASE("Memcached: a server that nobody runs is an error for its keys alone, which move to no other one")
{
    MemcachedServers servers;
    Memcached storage{servers.url()};
    std::array const keys{key_on(servers, 0), key_on(servers, 1), key_on(servers, 2)};
    for (auto const& key : keys)
        REQUIRE(storage.create(key, record("1"), now));
    auto const seen = storage.load(keys[1], now).value();
    servers.each[1].kill();
    auto const& down = keys[1];
    for (int round = 0; round < 2; ++round)
        for (auto const& [name, operation] : Operations{
                 {"load", [&] { storage.load(down, now); }},
                 {"create", [&] { storage.create(down, record("2"), now); }},
                 {"commit", [&] { storage.commit(down, seen, record("2"), now); }},
                 {"touch", [&] { storage.touch(down, seen, later + 1h, now); }},
                 {"rotate from there", [&] { storage.rotate(down, seen, b, record("2"), now); }},
                 {"rotate to there",
                  [&] { storage.rotate(keys[0], *storage.load(keys[0], now), down, record("2"), now); }},
                 {"erase", [&] { storage.erase(down); }},
             }) {
            auto const error = error_of(operation);
            INFO(name << ": " << error);
            CHECK(contains(error, "Connection refused"));
            CHECK(contains(error, servers.each[1].name()));
            CHECK(contains(error, "Check that the server runs"));
        }
    for (auto const& key : {keys[0], keys[2]})
        CHECK(count_up(storage, key, now));
    CHECK(servers.each[0].number("curr_items") + servers.each[2].number("curr_items") == 2);
    servers.each[1].start();
    CHECK_FALSE(storage.load(down, now)); // at once, and absent: a restart forgets
    CHECK(storage.create(down, record("3"), now));
    CHECK(servers.place_of(full(down)) == 1);
    for (auto const& key : {keys[0], keys[2]})
        CHECK(storage.load(key, now)->payload == "2");

    CHECK_THROWS_AS(Memcached{"unix:///nowhere/memcached.sock"}.load(a, now), cr::StorageError);
    CHECK(contains(error_of([] { Memcached{"memcached://host.invalid"}.load(a, now); }), "LOOKUP FAILURE"));
}

TEST_CASE(
    "Memcached: a server that does not answer is an error after command_timeout, and passes with its pause")
{
    MemcachedServer server;
    Memcached storage{server.url(), {.connect_timeout = 100ms, .command_timeout = 100ms}};
    REQUIRE(storage.create(a, record("1"), now));
    auto const seen = storage.load(a, now).value();
    server.pause();
    for (auto const& [name, operation] : all_operations(storage)) {
        auto const start = std::chrono::steady_clock::now();
        auto const error = error_of(operation);
        INFO(name << ": " << error);
        CHECK(contains(error, "time out"));
        auto const waited = std::chrono::steady_clock::now() - start;
        CHECK(waited >= 90ms);
        CHECK(waited < 2s);
    }
    server.resume();
    CHECK_NOTHROW(storage.load(b, now)); // not the late answer to something else
    CHECK_FALSE(storage.load(numbered_key(5), now));
}

TEST_CASE(
    "Memcached: a rotate that loses the old server leaves the old record, or the fresh one, not neither")
{
    MemcachedServers servers;
    Memcached storage{servers.url(), {.connect_timeout = 100ms, .command_timeout = 100ms}};
    auto const old = key_on(servers, 0);
    auto const fresh = key_on(servers, 1);
    REQUIRE(storage.create(old, record("1"), now));
    auto const seen = storage.load(old, now).value();
    servers.each[0].pause();
    auto const error = error_of([&] { storage.rotate(old, seen, fresh, record("2"), now); });
    INFO(error);
    CHECK(contains(error, "is not known"));
    servers.each[0].resume();
    CHECK((storage.load(old, now) || storage.load(fresh, now)));

    storage.erase(old);
    storage.erase(fresh);
    REQUIRE(storage.create(old, record("1"), now));
    auto const again = storage.load(old, now).value();
    Memcached another{servers.url()};
    servers.each[0].kill(); // certainly nothing was done: the fresh record goes again
    CHECK(contains(error_of([&] { another.rotate(old, again, fresh, record("2"), now); }),
                   "Connection refused"));
    CHECK_FALSE(storage.load(fresh, now));
}

TEST_CASE("Memcached: connections that a restart has closed are replaced before anybody notices")
{
    MemcachedServer server;
    Memcached storage{server.url()};
    REQUIRE(storage.create(a, record("0"), now));
    auto seen = storage.load(a, now).value();
    auto const restart = [&] {
        // Several connections, all of them closed.
        CHECK(run_threads(4, [&](int) { std::ignore = storage.load(b, now); }) == 0);
        server.kill();
        server.start();
    };
    restart();
    CHECK(storage.create(a, record("1"), now));
    restart();
    CHECK_FALSE(storage.load(a, now));
    restart();
    CHECK(storage.commit(a, seen, record("1"), now) == WriteResult::absent);
    restart();
    CHECK_FALSE(storage.erase(a));
    restart();
    CHECK(storage.rotate(a, seen, b, record("1"), now) == WriteResult::absent);
    restart();
    CHECK(storage.create(a, record("1"), now));
    CHECK(count_up(storage, a, now));
}

TEST_CASE("Memcached: connections that something on the way has closed are replaced")
{
    MemcachedServer server;
    Relay relay{server.port()};
    Memcached storage{relay.url()};
    REQUIRE(storage.create(a, record("0"), now));
    auto const seen = storage.load(a, now).value();
    relay.close_all();
    CHECK(storage.load(a, now) == seen);
    relay.close_all();
    CHECK(storage.commit(a, seen, record("1"), now) == WriteResult::committed);
    relay.close_all();
    CHECK(storage.commit(a, storage.load(a, now).value(), record("2"), now) == WriteResult::committed);
    auto const newer = storage.load(a, now).value();
    relay.close_all();
    CHECK(storage.touch(a, newer, later + 1h, now) == WriteResult::committed);
    relay.close_all();
    CHECK(storage.create(numbered_key(1), record("1"), now));
    auto const touched = storage.load(a, now).value();
    relay.close_all();
    CHECK(storage.rotate(a, touched, b, record("3"), now) == WriteResult::committed);
    relay.close_all();
    CHECK(storage.erase(b));
}

TEST_CASE("Memcached: nothing is done twice when the answer is lost on the way")
{
    MemcachedServer server;
    Relay relay{server.port()};
    Memcached storage{relay.url()};
    REQUIRE(storage.create(a, record("0"), now));
    auto const seen = storage.load(a, now).value();

    relay.lose_answer(1);
    CHECK(storage.load(a, now) == seen);
    relay.lose_answer(1);
    CHECK(contains(error_of([&] { storage.commit(a, seen, record("1"), now); }), "is not known"));
    auto const committed = storage.load(a, now).value();
    CHECK(committed.payload == "1");
    relay.lose_answer(1);
    CHECK(contains(error_of([&] { storage.touch(a, committed, later + 1h, now); }), "is not known"));
    auto const touched = storage.load(a, now).value();
    CHECK(touched.expires == later + 1h);
    relay.lose_answer(1);
    CHECK_FALSE(storage.create(numbered_key(1), record("1"), now)); // a key that its owner gives up
    CHECK(storage.load(numbered_key(1), now));

    relay.lose_answer(1); // of adding the fresh record
    CHECK(storage.rotate(a, touched, numbered_key(2), record("2"), now) == WriteResult::taken);
    CHECK(storage.load(a, now) == touched);
    relay.lose_answer(2); // of ending the old one: rather no session than two
    CHECK(contains(error_of([&] { storage.rotate(a, touched, b, record("2"), now); }), "is not known"));
    CHECK_FALSE(storage.load(a, now));
    CHECK_FALSE(storage.load(b, now));

    REQUIRE(storage.create(a, record("0"), now));
    relay.lose_answer(1); // of looking first
    CHECK(storage.erase(a));
    REQUIRE(storage.create(a, record("0"), now));
    relay.lose_answer(2);
    CHECK(storage.erase(a));
    CHECK_FALSE(storage.erase(a));
}

TEST_CASE("Memcached: a rotate whose fresh record cannot be removed still answers what it knows")
{
    MemcachedServer server;
    Relay relay{server.port()};
    Memcached storage{relay.url()};
    REQUIRE(storage.create(a, record("0"), now));
    auto const seen = storage.load(a, now).value();
    REQUIRE(storage.erase(a));
    relay.lose_answers_from(3); // of removing the fresh one
    CHECK(storage.rotate(a, seen, b, record("1"), now) == WriteResult::absent);
    relay.lose_no_more();
    CHECK_FALSE(storage.load(a, now));
}

TEST_CASE("Memcached: kills under load lose what was on that server, and nothing on the others")
{
    MemcachedServers servers;
    Memcached storage{servers.url(), {.connect_timeout = 1s, .command_timeout = 1s}};
    std::array const keys{key_on(servers, 0), key_on(servers, 1), key_on(servers, 2)};
    for (auto const& key : keys)
        REQUIRE(storage.create(key, record("0"), now));
    std::array<std::atomic<long>, 3> acknowledged{};
    std::atomic<bool> stopping{false};
    std::atomic<int> wrong{0};
    std::atomic<int> refused{0};
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < 6; ++i)
        threads.emplace_back([&, i] {
            auto const place = i % 3;
            while (!stopping)
                try {
                    if (count_up(storage, keys[place], now))
                        ++acknowledged[place];
                    else if (place != 0)
                        ++wrong;
                    else
                        storage.create(keys[0], record("0"), now);
                } catch (cr::StorageError const&) {
                    ++(place == 0 ? refused : wrong);
                }
        });
    for (int round = 0; round < 3; ++round) {
        auto const goal = acknowledged[0] + 100;
        for (int i = 0; i < 1000 && acknowledged[0] < goal; ++i)
            std::this_thread::sleep_for(2ms);
        CHECK(acknowledged[0] >= goal);
        servers.each[0].kill();
        std::this_thread::sleep_for(20ms);
        servers.each[0].start();
    }
    auto const goal = acknowledged[0] + 100;
    for (int i = 0; i < 1000 && acknowledged[0] < goal; ++i)
        std::this_thread::sleep_for(2ms);
    stopping = true;
    for (auto& thread : threads)
        thread.join();
    CHECK(acknowledged[0] >= goal);
    CHECK(refused > 0);
    CHECK(wrong == 0);
    for (std::size_t place = 1; place < 3; ++place)
        CHECK(std::stol(storage.load(keys[place], now).value().payload) == acknowledged[place]);
    CHECK(std::stol(storage.load(keys[0], now).value().payload) < acknowledged[0]);
    CHECK(servers.place_of(full(keys[0])) == 0);
}

TEST_CASE("Memcached: the URL and the options say where and who")
{
    TemporaryFolder folder;
    std::ofstream{folder.path("passwords")} << "web:p@ss/w:rd%\n";
    MemcachedServer server{{"-Y", folder.path("passwords")}};
    auto const works = [](Memcached storage) {
        auto const created = storage.create(a, record("1"), now);
        return created && storage.erase(a);
    };
    CHECK(works(Memcached{"memcached://web:p%40ss%2Fw:rd%25@" + server.name()}));
    CHECK(works(Memcached{"memcached://web:p%40ss%2fw%3ard%25@" + server.name() + "/"}));
    CHECK(works(Memcached{server.url(), {.user = "web", .password = "p@ss/w:rd%"}}));
    auto const missing = error_of([&] { Memcached{server.url()}.load(a, now); });
    CHECK(contains(missing, "unauthenticated"));
    CHECK(contains(missing, "Check the user and the password"));
    auto const wrong = error_of(
        [&] { Memcached{server.url(), {.user = "web", .password = "battery staple"}}.load(a, now); });
    INFO(wrong);
    CHECK(contains(wrong, "authentication failure"));
    CHECK_FALSE(contains(wrong, "battery"));

    MemcachedServer open;
    CHECK(works(Memcached{open.url(), {.user = "web", .password = "battery staple"}}));
    CHECK(open("get cloakroom.login") == "END"); // the password has not become an entry
    CHECK(works(Memcached{"memcached://localhost:" + std::to_string(open.port())}));
}

TEST_CASE("Memcached: a socket in the file system")
{
    TemporaryFolder folder;
    auto const path = folder.path("socket");
    MemcachedServer server{{"-s", path}};
    Memcached storage{"unix://" + path};
    REQUIRE(storage.create(a, record("0"), now));
    CHECK(count_up(storage, a, now));
}

TEST_CASE("Memcached: a URL or an option that is wrong is refused without being repeated")
{
    auto const* const url = GENERATE(
        "", "memcached:/", "http://hunter2", "memcached://hunter2@127.0.0.1",
        "memcached://:hunter2@127.0.0.1", "memcached://u:hunter2@127.0.0.1:x",
        "memcached://u:hunter2@127.0.0.1:70000", "memcached://u:hunter2@127.0.0.1:0",
        "memcached://u:hunter2@127.0.0.1:", "memcached://u:hunter2@127.0.0.1/x",
        "memcached://u:hunter2%4@127.0.0.1", "memcached://u:hunter2@[::1", "memcached://u:hunter2@[::1]x",
        "memcached://u:hunter2@a,b,a", "unix://hunter2", "unix:///x,hunter2");
    auto const error = error_of<cr::ImproperlyConfigured>([&] { Memcached{url}; });
    INFO(url << " " << error);
    CHECK(contains(error, "Memcached: "));
    CHECK(contains(error, "memcached://127.0.0.1:11211"));
    CHECK_FALSE(contains(error, "hunter2"));
    CHECK_NOTHROW(Memcached{"memcached://u:hunter2@[::1]:11211,[::1]:11212,host"});
    CHECK_NOTHROW(Memcached{"memcached://"});

    auto const refusal = [](MemcachedOptions options) {
        return error_of<cr::ImproperlyConfigured>([&] { Memcached{"memcached://", std::move(options)}; });
    };
    CHECK(contains(refusal({.connect_timeout = 0s}), "connect_timeout"));
    CHECK(contains(refusal({.command_timeout = -1s}), "command_timeout"));
    CHECK(contains(refusal({.user = "someone"}), "without a password"));
    CHECK(contains(refusal({.password = "something"}), "without a user"));
    for (auto const* const bad : {"a b", "a\tb", "a\x7f", "a\r\nflush_all\r\n"})
        CHECK(contains(refusal({.key_prefix = bad}), "control characters")); // S-502
    CHECK(contains(refusal({.key_prefix = std::string(211, 'x')}), "at most 210 bytes"));
    CHECK_NOTHROW(Memcached{"memcached://", {.key_prefix = std::string(210, 'x')}});
}

TEST_CASE("Memcached: the longest prefix and the longest key")
{
    MemcachedServer server;
    Memcached storage{server.url(), {.key_prefix = std::string(209, 'x') + "\xc3"}};
    auto const key = key_of(std::string(40, 'k'));
    REQUIRE(storage.create(key, record("0"), now));
    CHECK(count_up(storage, key, now));
}

TEST_CASE("Memcached: what is no answer of a memcached is an error and never an absent record")
{
    auto const answer = GENERATE(catch_::values<std::string>(
        {"SERVER_ERROR out of memory writing get response\r\n", "SERVER_ERROR\r\n",
         "SERVER_ERROR maintenance\r\n", "ERROR\r\n", "CLIENT_ERROR line too long\r\n", "VALUE x\r\n",
         "VALUE x 0 abc\r\n", "HD\r\n", "HTTP/1.1 400 Bad Request\r\n", "\r\n"}));
    RudeServer server{answer};
    Memcached storage{server.url(), {.command_timeout = 50ms}};
    for (auto const& [name, operation] : all_operations(storage)) {
        auto const error = error_of(operation);
        INFO(answer << name << ": " << error);
        CHECK(contains(error, "Memcached at 127.0.0.1:"));
        CHECK_FALSE(contains(error, "aaaaaaaa"));
    }
}

TEST_CASE("Memcached: a server that is none is an error")
{
    auto const [answer, words] =
        GENERATE(std::tuple{"HTTP/1.1 400 Bad Request\r\n\r\n", "Check that it is a memcached"},
                 std::tuple{"ERROR\r\n", "Check that it is a memcached"},
                 std::tuple{"220 ready\r\n", "Check that it is a memcached"},
                 std::tuple{"END\r\n", "Check that it is a memcached"});
    RudeServer server{answer, false};
    Memcached storage{server.url(), {.command_timeout = 50ms}};
    for (auto const& [name, operation] : all_operations(storage)) {
        auto const error = error_of(operation);
        INFO(answer << name << ": " << error);
        CHECK(contains(error, words));
    }
}

TEST_CASE("Memcached: a new connection that is lost is an error that says what is not known")
{
    RudeServer server{""};
    Memcached storage{server.url()};
    for (auto const& [name, operation] : all_operations(storage)) {
        auto const before = server.connections();
        auto const error = error_of(operation);
        INFO(name << ": " << error);
        CHECK(contains(error, "the connection was lost"));
        CHECK(contains(error, "is not known"));
        CHECK(server.connections() == before + 1);
    }
}

TEST_CASE("Memcached: 8 threads that count in shared records on three servers lose nothing")
{
    MemcachedServers servers;
    Memcached storage{servers.url()};
    constexpr std::size_t records = 5;
    constexpr int steps = 100;
    for (std::size_t i = 0; i < records; ++i)
        REQUIRE(storage.create(numbered_key(i), record("0"), now));
    auto const failed = run_threads(8, [&](int thread) {
        for (int step = 0; step < steps; ++step)
            if (!count_up(storage, numbered_key(static_cast<std::size_t>(step * 3 + thread) % records), now))
                throw std::runtime_error{"a record has gone"};
    });
    CHECK(failed == 0);
    long sum = 0;
    for (std::size_t i = 0; i < records; ++i)
        sum += std::stol(storage.load(numbered_key(i), now).value().payload);
    CHECK(sum == 8L * steps);
}

TEST_CASE("Memcached: a child process uses no connection of its parent, and takes none away")
{
    MemcachedServer server;
    Memcached storage{server.url()};
    REQUIRE(storage.create(a, record("0"), now));
    auto const before = server.number("total_connections");
    CHECK(in_child([&] {
              auto const counted = count_up(storage, a, now);
              std::ignore = Memcached{std::move(storage)}; // and the parent's connections with it
              return counted;
          }) == 0);
    CHECK(server.number("total_connections") == before + 2); // the child's and this question's
    CHECK(count_up(storage, a, now));
    CHECK(server.number("total_connections") == before + 3); // the parent goes on with its own

    CHECK(count_in_four_processes(storage, a, now));
    CHECK(storage.load(a, now)->payload == "402");
}

TEST_CASE("Memcached can be moved")
{
    MemcachedServer server;
    Memcached storage{server.url()};
    REQUIRE(storage.create(a, record("1"), now));
    Memcached moved{std::move(storage)};
    CHECK(moved.load(a, now));
    storage = std::move(moved);
    CHECK(storage.load(a, now));
}
