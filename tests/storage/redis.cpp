// SPDX-License-Identifier: MIT
#include <cloakroom/storage/redis.hpp>

#include <cloakroom/core/error.hpp>
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/unsigned.hpp>

#include "support/catch.hpp"
#include "support/error_text.hpp"
#include "support/in_child.hpp"
#include "support/redis_server.hpp"
#include "support/rude_server.hpp"
#include "support/storage.hpp"
#include "support/vectors.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cr = cloakroom;
using cr::WriteResult;
using cr::storage::Redis;
using cr::storage::RedisFormat;
using cr::storage::RedisOptions;
using namespace std::chrono_literals;

namespace {

static_assert(cr::EnumerablePolicy<Redis>);
static_assert(std::is_nothrow_move_constructible_v<Redis>);
static_assert(!std::is_copy_constructible_v<Redis>);
static_assert(Redis::purpose == "django.contrib.sessions.SessionStore");
static_assert(Redis::accepts == cr::Content::bytes);
static_assert(cr::storage::detail::ScriptName{"abc"}.text() == "a9993e364706816aba3e25717850c26c9cd0d89d");
static_assert(cr::storage::detail::ScriptName{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"}
                  .text() == "84983e441c3bd26ebaae4aa1f95129e5e54670f1");

auto const a = key_of("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
auto const b = key_of("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
std::string const full_a = ":1:django.contrib.sessions.cacheaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// A server removes what is dead by its own clock, so these tests are in the present; some minutes back, as
/// if the tests before had taken that long. What measures the server's own deadline asks system_now().
auto const now = cr::system_now() - 10min;
auto const later = now + 1h;

cr::Record record(std::string payload)
{
    return {std::move(payload), later};
}

/// Every operation that asks the server about a key, for errors that all of them meet.
Operations all_operations(Redis& storage)
{
    auto operations = record_operations(storage, a, b, now);
    operations.emplace_back("for_each", [&] { storage.for_each(now, [](auto const&, auto const&) {}); });
    return operations;
}

/// A moment of this test's own that a deadline can be, to the microsecond.
std::string digits_of(cr::TimePoint moment)
{
    auto text = std::to_string(moment.time_since_epoch().count());
    return std::string(18 - text.size(), '0') + text;
}

/// How often the server was told each command by name, apart from those inside of scripts.
std::string calls_of(RedisServer const& server, std::string const& command)
{
    auto const info = server({"INFO", "commandstats"});
    auto const start = info.find("cmdstat_" + command + ":calls=");
    if (start == std::string::npos)
        return "0";
    auto const number = start + command.size() + 15;
    return info.substr(number, info.find(',', number) - number);
}

} // namespace

TEST_CASE("S-140, S-274, S-500: keys on a Redis server are Django's")
{
    RedisServer server;
    auto const key = vectors({"cache", "session_key"}).as<std::string>();
    int compared = 0;
    for (auto const& entry : vectors({"cache", "keys"}).as<cr::Array>()) {
        auto const version = static_cast<int>(entry.get_if<cr::Dict>()->at("version").as<std::int64_t>());
        Redis storage{server.url(),
                      {.key_prefix = cr::storage::redis_key_prefix(text_at(entry, "key_prefix"), version,
                                                                   text_at(entry, "engine"))}};
        REQUIRE(storage.create(key_of(key), record("x"), now));
        CHECK(server({"KEYS", "*"}) == text_at(entry, "full"));
        CHECK(contains(text_at(entry, "full"),
                       text_at(vectors({"cache", "prefixes"}), text_at(entry, "engine"))));
        REQUIRE(storage.erase(key_of(key)));
        ++compared;
    }
    CHECK(compared == 12);
    CHECK(RedisOptions{}.key_prefix == cr::storage::redis_key_prefix(""));
}

TEST_CASE("Redis: a record is its payload behind its exact deadline, and the server's own is not before that")
{
    RedisServer server;
    Redis storage{server.url()};
    auto const expires = std::chrono::floor<std::chrono::milliseconds>(now) + 1h + 1us;
    REQUIRE(storage.create(a, {"text", expires}, now));
    auto const milliseconds = std::to_string(expires.time_since_epoch().count() / 1000 + 1);
    CHECK(server({"GET", full_a}) == "cr1:" + digits_of(expires) + ":text");
    CHECK(server({"PEXPIRETIME", full_a}) == milliseconds);
    CHECK(storage.load(a, now) == cr::Stored{"text", expires});
    CHECK(storage.load(a, expires - microsecond));
    CHECK_FALSE(storage.load(a, expires));

    auto const touched = expires + 1min;
    CHECK(storage.touch(a, {"text", expires}, touched, now) == WriteResult::committed);
    CHECK(server({"GET", full_a}) == "cr1:" + digits_of(touched) + ":text");
    CHECK(server({"PEXPIRETIME", full_a}) == std::to_string(touched.time_since_epoch().count() / 1000 + 1));
    CHECK(storage.commit(a, {"text", expires}, {"new", expires}, now) == WriteResult::committed);
    CHECK(server({"GET", full_a}) == "cr1:" + digits_of(expires) + ":new");
    CHECK(server({"PEXPIRETIME", full_a}) == milliseconds);
    CHECK(storage.rotate(a, {"new", expires}, b, {"moved", touched}, now) == WriteResult::committed);
    CHECK(server({"EXISTS", full_a}) == "0");
    CHECK(storage.load(b, now) == cr::Stored{"moved", touched});
}

TEST_CASE("Redis: a bare record is its payload, with a deadline of whole milliseconds")
{
    auto const is_old = GENERATE(false, true);
    RedisServer server{is_old ? RedisServer::Words{"--rename-command", "PEXPIRETIME", ""}
                              : RedisServer::Words{}};
    Redis storage{server.url(), {.format = RedisFormat::bare}};
    auto const whole = std::chrono::floor<std::chrono::milliseconds>(now) + 1h;
    auto const is_near = [&](std::optional<cr::Stored> const& found, cr::TimePoint expires) {
        auto const slack = is_old ? 2ms : 0ms; // such a server tells how long, not until when
        return found && found->expires >= expires - slack && found->expires <= expires + slack;
    };
    REQUIRE(storage.create(a, {"text", whole + 999us}, now));
    CHECK(server({"GET", full_a}) == "text");
    CHECK(std::stol(server({"TTL", full_a})) >=
          std::chrono::floor<std::chrono::seconds>(whole - cr::system_now()).count());
    auto const seen = storage.load(a, now);
    REQUIRE(is_near(seen, whole));
    CHECK(seen->payload == "text");
    CHECK(storage.touch(a, {"text", whole + 5ms}, whole + 1min, now) == WriteResult::conflict);
    CHECK(storage.touch(a, *seen, whole + 1min, now) == WriteResult::committed);
    CHECK(is_near(storage.load(a, now), whole + 1min));
    CHECK(storage.commit(a, *seen, {"new", whole}, now) == WriteResult::committed);
    CHECK(is_near(storage.load(a, now), whole));
    CHECK(storage.commit(a, *seen, {"newer", whole}, now) == WriteResult::conflict);
    CHECK(storage.commit(a, {"new", whole}, {"newer", whole}, whole + 1s) == WriteResult::absent);
    CHECK(storage.rotate(a, {"new", whole}, b, {"moved", whole}, now) == WriteResult::committed);
    CHECK_FALSE(storage.load(a, now));
    CHECK(is_near(storage.load(b, now), whole));
    CHECK(storage.erase(b));
    CHECK_FALSE(storage.erase(b));

    REQUIRE(server({"SET", full_a, "for ever"}) == "OK");
    CHECK(storage.load(a, now) == cr::Stored{"for ever", cr::latest_time});
    CHECK(storage.touch(a, {"for ever", cr::latest_time}, whole, now) == WriteResult::committed);
    CHECK(is_near(storage.load(a, now), whole));
}

TEST_CASE("Redis: sessions are shared with a Django whose cache serializes as JSON")
{
    RedisServer server;
    auto const url = server.url();
    // [json_cache]
    using cr::storage::Redis, cr::storage::RedisFormat;
    using Session = cr::Session<Redis, cr::serializer::Json, cr::signer::Unsigned>;
    Session::Backend backend{Redis{url, {.format = RedisFormat::bare}}};
    // [/json_cache]
    REQUIRE(server({"SET", full_a, R"({"a": 1})", "EX", "1209600"}) == "OK");
    Session session{backend, std::string{a.reveal()}};
    CHECK(session.at("a") == cr::Value{1});
    session["b"] = "two";
    session.save();
    auto const value = cr::serializer::Json{}.load(server({"GET", full_a}));
    REQUIRE(value);
    CHECK(*value == cr::Dict{{"a", 1}, {"b", "two"}});
    auto const ttl = std::stol(server({"TTL", full_a}));
    CHECK(ttl >= 1'209'590);
    CHECK(ttl <= 1'209'600);
}

TEST_CASE("Redis: a load is one GET, a write one script")
{
    RedisServer server;
    Redis storage{server.url()};
    REQUIRE(storage.create(a, record("0"), now));
    CHECK(storage.commit(a, {"0", later}, record("1"), now) == WriteResult::committed);
    CHECK(storage.touch(a, {"1", later}, later + 1s, now) == WriteResult::committed);
    CHECK(storage.touch(a, {"1", later + 1s}, later, now) == WriteResult::committed);
    CHECK(storage.rotate(a, {"1", later}, b, record("2"), now) == WriteResult::committed);
    CHECK(storage.erase(b));
    REQUIRE(server({"CONFIG", "RESETSTAT"}) == "OK");
    REQUIRE(storage.create(a, record("0"), now));
    CHECK(storage.load(a, now));
    CHECK(calls_of(server, "get") == "1");
    CHECK(storage.commit(a, {"0", later}, record("1"), now) == WriteResult::committed);
    CHECK(storage.touch(a, {"1", later}, later + 1s, now) == WriteResult::committed);
    CHECK(storage.rotate(a, {"1", later + 1s}, b, record("2"), now) == WriteResult::committed);
    CHECK(storage.erase(b));
    CHECK(calls_of(server, "evalsha") == "5");
    CHECK(calls_of(server, "eval") == "0");
}

TEST_CASE("Redis: a server that has forgotten the scripts is told them again")
{
    RedisServer server;
    auto const format = GENERATE(RedisFormat::record, RedisFormat::bare);
    Redis storage{server.url(), {.format = format}};
    for (int round = 0; round < 2; ++round) {
        for (auto const& [name, operation] : all_operations(storage)) {
            INFO(name);
            CHECK(server({"SCRIPT", "FLUSH"}) == "OK");
            CHECK_NOTHROW(operation());
        }
        CHECK(server({"DBSIZE"}) == "0");
    }
}

TEST_CASE("Redis: dead records are absent by the caller's clock, and go by the server's (S-145)")
{
    RedisServer server;
    Redis storage{server.url()};
    REQUIRE(storage.create(a, {"1", later}, now));
    CHECK(storage.commit(a, {"1", later}, record("2"), later) == WriteResult::absent);
    CHECK(storage.touch(a, {"1", later}, later + 1h, later) == WriteResult::absent);
    CHECK(storage.rotate(a, {"1", later}, b, record("2"), later) == WriteResult::absent);
    CHECK_FALSE(storage.create(a, record("2"), later + 1s));
    CHECK(storage.clear_expired(later + 1s, 10) == 0);
    CHECK(storage.erase(a));

    REQUIRE(storage.create(a, {"1", cr::system_now() + 50ms}, now));
    CHECK(storage.load(a, now));
    std::this_thread::sleep_for(100ms);
    CHECK_FALSE(storage.load(a, now));
    CHECK(storage.create(a, {"dead at once", now - 1h}, now)); // S-145
    CHECK(server({"DBSIZE"}) == "0");
}

TEST_CASE("Redis: for_each visits every live record once, and nothing that is not a session's")
{
    RedisServer server;
    auto const format = GENERATE(RedisFormat::record, RedisFormat::bare);
    Redis storage{server.url(), {.key_prefix = "[a*]?\\:", .format = format}};
    Redis other{server.url(), {.key_prefix = "a:", .format = format}};
    REQUIRE(server({"SET", "[a*]?\\:short", "x"}) == "OK");
    constexpr std::size_t count = 1'300;
    for (std::size_t i = 0; i < count; ++i)
        REQUIRE(storage.create(numbered_key(i), {std::to_string(i), i == 7 ? now + 1min : later}, now));
    REQUIRE(other.create(a, record("other"), now));
    std::map<std::string, int> visits;
    storage.for_each(now + 2min, [&](cr::SessionKey const& key, cr::Stored const& stored) {
        CHECK(key == numbered_key(std::stoul(stored.payload)));
        ++visits[stored.payload];
    });
    CHECK(visits.size() == count - 1);
    CHECK(std::all_of(visits.begin(), visits.end(), [](auto const& each) { return each.second == 1; }));
    CHECK_FALSE(visits.contains("7"));
}

TEST_CASE("Redis: a value of another type under a session's key is an error and is left alone")
{
    RedisServer server;
    auto const format = GENERATE(RedisFormat::record, RedisFormat::bare);
    Redis storage{server.url(), {.format = format}};
    REQUIRE(server({"RPUSH", full_a, "x", "y"}) == "2");
    for (auto const& [name, operation] : all_operations(storage)) {
        if (name == "create")
            continue;
        auto const error = error_of(operation);
        INFO(name << ": " << error);
        CHECK(contains(error, "WRONGTYPE"));
        CHECK(contains(error, "key_prefix"));
        CHECK_FALSE(contains(error, "aaaaaaaa"));
    }
    CHECK_FALSE(storage.create(a, record("z"), now));
    REQUIRE(storage.create(b, record("z"), now));
    CHECK(storage.rotate(b, {"z", later}, a, record("z"), now) == WriteResult::taken);
    CHECK(server({"LRANGE", full_a, "0", "-1"}) == "x|y");
    CHECK(storage.load(b, now));
}

TEST_CASE("Redis: a string of another shape under a session's key is an error and is left alone")
{
    RedisServer server;
    Redis storage{server.url()};
    auto const pickle = from_hex("8005950a000000000000007d948c0161944b01732e");
    auto const value = GENERATE_COPY(catch_::values<std::string>(
        {"", pickle, "{}", "cr1:", "cr1:12345678901234567:x", "cr1:1234567890123456789:",
         "cr1:12345678901234567x:", "cr1:-12345678901234567:x", "cr2:001780000000123456:x"}));
    REQUIRE(server({"SET", full_a, value, "EX", "1000"}) == "OK");
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
    CHECK(server({"GET", full_a}) == value);
    REQUIRE(server({"SET", full_a, "cr1:" + digits_of(later) + ":x"}) == "OK");
    CHECK(storage.load(a, now) == cr::Stored{"x", later});
    CHECK(storage.erase(a));
}

TEST_CASE("Redis: the URL and the options say where, which database and who")
{
    RedisServer server{{"--requirepass", "p@ss/w:rd%"}};
    auto const port = std::to_string(server.port());
    auto const works = [](Redis storage) {
        auto const created = storage.create(a, record("1"), now);
        return created && storage.erase(a);
    };
    CHECK(works(Redis{"redis://:p%40ss%2Fw:rd%25@127.0.0.1:" + port}));
    CHECK(works(Redis{"redis://default:p%40ss%2fw%3ard%25@127.0.0.1:" + port + "/3"}));
    CHECK(works(Redis{"redis://localhost:" + port + "/", {.password = "p@ss/w:rd%"}}));
    CHECK(works(Redis{"unix://" + server.socket(), {.user = "default", .password = "p@ss/w:rd%"}}));
    Redis third{"unix://:p%40ss%2Fw:rd%25@" + server.socket() + "?db=3"};
    REQUIRE(third.create(a, record("third"), now));
    CHECK_FALSE(Redis{"redis://:p%40ss%2Fw:rd%25@127.0.0.1:" + port + "/2"}.load(a, now));
    CHECK(Redis{"redis://:p%40ss%2Fw:rd%25@127.0.0.1:" + port + "/3"}.load(a, now)->payload == "third");
}

TEST_CASE("Redis: a URL or an option that is wrong is refused without being repeated")
{
    auto const* const url =
        GENERATE("", "redis:/", "http://hunter2", "redis://hunter2@127.0.0.1", "redis://:hunter2@127.0.0.1:x",
                 "redis://:hunter2@127.0.0.1:70000", "redis://:hunter2@127.0.0.1/x",
                 "redis://:hunter2@127.0.0.1/-1", "redis://:hunter2%4@127.0.0.1", "redis://:hunter2@[::1",
                 "redis://:hunter2@[::1]x", "unix://hunter2", "unix:///x?hunter2=1");
    auto const error = error_of<cr::ImproperlyConfigured>([&] { Redis{url}; });
    INFO(url << " " << error);
    CHECK(contains(error, "Redis: "));
    CHECK(contains(error, "redis://user:password@"));
    CHECK_FALSE(contains(error, "hunter2"));
    CHECK_NOTHROW(Redis{"redis://:hunter2@[::1]:6379/1"});
    CHECK_NOTHROW(Redis{"redis://"});

    CHECK(contains(error_of<cr::ImproperlyConfigured>([] { Redis{"redis://", {.connect_timeout = 0s}}; }),
                   "connect_timeout"));
    CHECK(contains(error_of<cr::ImproperlyConfigured>([] { Redis{"redis://", {.command_timeout = -1s}}; }),
                   "command_timeout"));
    CHECK(contains(error_of<cr::ImproperlyConfigured>([] { Redis{"redis://", {.user = "someone"}}; }),
                   "without a password"));
    CHECK(contains(error_of<cr::ImproperlyConfigured>([] { Redis{"rediss://127.0.0.1"}; }), "TLS needs"));
    CHECK(contains(error_of<cr::ImproperlyConfigured>(
                       [] { Redis{"redis://", {.tls = cr::adapters::hiredis::TlsFiles{}}}; }),
                   "TLS needs"));
    CHECK(contains(error_of<cr::ImproperlyConfigured>(
                       [] { Redis{"rediss://127.0.0.1", {.tls = {{.authority = "/nowhere/ca.pem"}}}}; }),
                   "TLS"));
}

TEST_CASE("Redis: TLS with hiredis 1.0 or newer, and a sentence with an older one")
{
    TemporaryFolder folder;
    auto const make_certificate = [&](std::string const& name) {
        auto const command =
            "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout " +
            folder.path(name + ".key") + " -out " + folder.path(name + ".pem") + " 2>/dev/null";
        REQUIRE(std::system(command.c_str()) == 0);
        return folder.path(name + ".pem");
    };
    auto const authority = make_certificate("ours");
    auto const stranger = make_certificate("theirs");
    auto const port = std::to_string(free_port());
    RedisServer server{{"--tls-port", port, "--tls-cert-file", authority, "--tls-key-file",
                        folder.path("ours.key"), "--tls-ca-cert-file", authority, "--tls-auth-clients", "no",
                        "--appendonly", "yes"}};
    std::optional<Redis> made;
    try {
        made.emplace("rediss://127.0.0.1:" + port, RedisOptions{.tls = {{.authority = authority}}});
    } catch (cr::ImproperlyConfigured const& error) {
        INFO(error.what());
        CHECK(contains(error.what(), "TLS needs hiredis 1.0 or newer"));
        CHECK(HIREDIS_MAJOR < 1);
        return;
    }
    CHECK(HIREDIS_MAJOR >= 1);
    auto& storage = *made;
    auto const payload = std::string(300'000, 'p');
    REQUIRE(storage.create(a, record(payload), now));
    auto const connections = [&] {
        auto const info = server({"INFO", "stats"});
        return std::stol(info.substr(info.find("total_connections_received:") + 27));
    };
    auto const before = connections();
    for (int i = 0; i < 10; ++i)
        CHECK(storage.load(a, now) == cr::Stored{payload, later});
    CHECK(connections() == before + 1); // this question's: the storage keeps its own
    CHECK(storage.commit(a, {payload, later}, record("0"), now) == WriteResult::committed);
    server.kill();
    server.start();
    CHECK(count_up(storage, a, now));
    server.stop();
    server.start();
    CHECK(count_up(storage, a, now));
    CHECK(storage.load(a, now)->payload == "2");

    Redis mistaken{"rediss://127.0.0.1:" + port, {.tls = {{.authority = stranger}}}};
    auto const error = error_of([&] { mistaken.load(a, now); });
    INFO(error);
    CHECK(contains(error, "verif"));
    CHECK(contains(error, "tls.authority"));
    Redis plain{server.url(), {.tls = {{.authority = authority}}, .command_timeout = 500ms}};
    CHECK_THROWS_AS(plain.load(a, now), cr::StorageError);
    Redis slow{"rediss://127.0.0.1:" + port, {.tls = {{.authority = authority}}, .command_timeout = 200ms}};
    CHECK(slow.load(a, now));
    server.pause();
    CHECK_THROWS_AS(slow.erase(a), cr::StorageError);
    server.resume();
}

TEST_CASE("Redis: a server that nobody runs is an error that says where, and passes when it runs (not S-142)")
{
    RedisServer server;
    Redis storage{server.url()};
    server.kill();
    for (auto const& [name, operation] : all_operations(storage)) {
        auto const error = error_of(operation);
        INFO(name << ": " << error);
        CHECK(contains(error, "Connection refused"));
        CHECK(contains(error, "127.0.0.1:" + std::to_string(server.port())));
        CHECK(contains(error, "Check that the server runs"));
    }
    server.start();
    CHECK(storage.create(a, record("1"), now));
    CHECK_THROWS_AS(Redis{"unix:///nowhere/redis.sock"}.load(a, now), cr::StorageError);
    CHECK_THROWS_AS(Redis{"redis://host.invalid"}.load(a, now), cr::StorageError);
}

TEST_CASE("Redis: a host that takes no connection is an error after connect_timeout")
{
    // A listener whose queue is full answers nobody.
    auto const listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any_address = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(bind(listener, any_address, size) == 0);
    REQUIRE(listen(listener, 0) == 0);
    REQUIRE(getsockname(listener, any_address, &size) == 0);
    std::vector<int> queue{listener};
    for (int i = 0; i < 4; ++i) {
        queue.push_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        connect(queue.back(), any_address, size);
    }
    std::this_thread::sleep_for(20ms);
    auto const url = "redis://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    auto const is_cluster = GENERATE(false, true);
    Redis storage{url, {.cluster = is_cluster, .connect_timeout = 100ms}};
    auto const start = std::chrono::steady_clock::now();
    auto const error = error_of([&] { storage.load(a, now); });
    auto const waited = std::chrono::steady_clock::now() - start;
    INFO(error);
    CHECK(contains(error, "timed out"));
    CHECK(contains(error, "Check that the server runs"));
    CHECK(waited >= 90ms);
    CHECK(waited < 2s);
    for (auto const each : queue)
        close(each);
}

TEST_CASE("Redis: a wrong or missing password is an error that does not hold it")
{
    RedisServer server{{"--requirepass", "correct horse"}};
    auto const missing = error_of([&] { Redis{server.url()}.load(a, now); });
    CHECK(contains(missing, "NOAUTH"));
    CHECK(contains(missing, "Give the password"));
    auto const wrong = error_of([&] { Redis{server.url(), {.password = "battery staple"}}.load(a, now); });
    CHECK(contains(wrong, "WRONGPASS"));
    CHECK(contains(wrong, "Check the user and the password"));
    CHECK_FALSE(contains(wrong, "battery"));
    CHECK_FALSE(contains(wrong, "..")); // the server's own sentence has a full stop
    CHECK_NOTHROW(Redis{server.url(), {.password = "correct horse"}}.load(a, now));

    RedisServer open;
    auto const needless = error_of([&] { Redis{open.url(), {.password = "battery staple"}}.load(a, now); });
    CHECK(contains(needless, "Leave the password out"));
    CHECK_FALSE(contains(needless, "battery"));
    auto const database = error_of([&] { Redis{open.url(99)}.load(a, now); });
    CHECK(contains(database, "DB index is out of range"));
    CHECK(contains(database, "its setting databases"));
}

TEST_CASE("Redis: the password does not stay in the memory of an open connection")
{
    RudeServer server{"+OK\r\n"};
    cr::storage::detail::RedisLogin const login{server.url(), {.password = "correct horse battery staple"}};
    cr::storage::detail::RedisClient client{login, login.url.endpoints.front()};
    auto const buffer = client.begin().text();
    REQUIRE(buffer.empty());
    // The string's memory is there still: AUTH and the password took 49 bytes of it.
    CHECK_FALSE(contains({buffer.data(), 49}, "horse"));
    CHECK_FALSE(contains({buffer.data(), 49}, "staple"));
}

TEST_CASE("Redis: an ACL user needs the commands that its error names, on the keys of the prefix")
{
    RedisServer server;
    std::vector<std::string_view> words{"ACL", "SETUSER", "web", "on", ">secret-for-tests", "~p:*"};
    for (auto const* const command : {"+auth", "+select", "+get", "+set", "+setrange", "+del", "+pexpireat",
                                      "+pexpiretime", "+pttl", "+time", "+scan", "+eval", "+evalsha"})
        words.emplace_back(command);
    REQUIRE(server.ask(words) == "OK");
    auto const format = GENERATE(RedisFormat::record, RedisFormat::bare);
    Redis storage{server.url(1),
                  {.key_prefix = "p:", .format = format, .user = "web", .password = "secret-for-tests"}};
    REQUIRE(storage.create(a, record("1"), now));
    CHECK(storage.commit(a, storage.load(a, now).value(), record("2"), now) == WriteResult::committed);
    CHECK(storage.touch(a, storage.load(a, now).value(), later + 1h, now) == WriteResult::committed);
    CHECK(storage.rotate(a, storage.load(a, now).value(), b, record("2"), now) == WriteResult::committed);
    CHECK_NOTHROW(storage.for_each(now, [](auto const&, auto const&) {}));
    CHECK(storage.erase(b));

    Redis elsewhere{server.url(), {.format = format, .user = "web", .password = "secret-for-tests"}};
    for (auto const& [name, operation] : all_operations(elsewhere)) {
        if (name == "for_each")
            continue;
        auto const error = error_of(operation);
        INFO(name << ": " << error);
        CHECK(contains(error, "NOPERM"));
        CHECK(contains(error, "Let the user run"));
        CHECK_FALSE(contains(error, "aaaaaaaa"));
    }
}

TEST_CASE("Redis: full memory is an error, nothing is lost, and it passes when there is room again")
{
    RedisServer server;
    Redis storage{server.url()};
    REQUIRE(storage.create(a, record("1"), now));
    REQUIRE(server({"CONFIG", "SET", "maxmemory-policy", "noeviction"}) == "OK");
    REQUIRE(server({"CONFIG", "SET", "maxmemory", "1"}) == "OK");
    cr::Stored const seen{"1", later};
    for (auto const& operation :
         Operations{{"create", [&] { storage.create(b, record("2"), now); }},
                    {"commit", [&] { storage.commit(a, seen, record("2"), now); }},
                    {"rotate", [&] { storage.rotate(a, seen, b, record("2"), now); }}}) {
        auto const error = error_of(operation.second);
        INFO(operation.first << ": " << error);
        CHECK(contains(error, "OOM"));
        CHECK(contains(error, "raise maxmemory"));
    }
    CHECK(storage.load(a, now) == seen);
    CHECK_FALSE(storage.load(b, now));
    REQUIRE(server({"CONFIG", "SET", "maxmemory", "0"}) == "OK");
    CHECK(storage.rotate(a, seen, b, record("2"), now) == WriteResult::committed);
}

TEST_CASE("Redis: a replica can be read, and says so when it should be written")
{
    RedisServer master{{"--repl-diskless-sync-delay", "0"}};
    RedisServer replica;
    REQUIRE(Redis{master.url()}.create(a, record("1"), now));
    REQUIRE(replica({"REPLICAOF", "127.0.0.1", std::to_string(master.port())}) == "OK");
    for (int i = 0; i < 500 && !contains(replica({"INFO", "replication"}), "master_link_status:up"); ++i)
        std::this_thread::sleep_for(10ms);
    Redis storage{replica.url()};
    CHECK(storage.load(a, now) == cr::Stored{"1", later});
    cr::Stored const seen{"1", later};
    for (auto const& operation : Operations{{"create", [&] { storage.create(b, record("2"), now); }},
                                            {"commit", [&] { storage.commit(a, seen, record("2"), now); }},
                                            {"touch", [&] { storage.touch(a, seen, later + 1h, now); }},
                                            {"rotate", [&] { storage.rotate(a, seen, b, record("2"), now); }},
                                            {"erase", [&] { storage.erase(a); }}}) {
        auto const error = error_of(operation.second);
        INFO(operation.first << ": " << error);
        CHECK(contains(error, "READONLY"));
        CHECK(contains(error, "connect to its master"));
    }
}

TEST_CASE("Redis: a server that still loads, or that is none, is an error")
{
    auto const [answer, words, advice] = GENERATE(
        std::tuple{"-LOADING Redis is loading the dataset in memory\r\n", "LOADING", "try again soon"},
        std::tuple{"HTTP/1.1 400 Bad Request\r\n\r\n", "Protocol error", "Check that it is a Redis server"},
        std::tuple{"+OK\r\n", "not of the kind", "documentation"},
        std::tuple{"*2\r\n$1\r\nx\r\n:1\r\n", "not of the kind", "documentation"},
        std::tuple{"-ERR unknown command 'x', with args beginning with: 'aaaaaaaa'\r\n", "unknown command",
                   "documentation"});
    RudeServer server{answer};
    Redis storage{server.url()};
    for (auto const& [name, operation] : all_operations(storage)) {
        auto const error = error_of(operation);
        INFO(name << ": " << error);
        CHECK(contains(error, words));
        CHECK(contains(error, advice));
        CHECK_FALSE(contains(error, "aaaaaaaa"));
    }
}

TEST_CASE("Redis: a new connection that the server does not want is an error with the server's words")
{
    std::atomic<int> greetings{0};
    RudeServer server{RudeServer::Answers{[&](std::string_view command) -> std::string {
        if (!contains(command, "SELECT"))
            return {};
        // Who connects anew for ever meets another error in the end.
        return ++greetings > 500 ? "-ERR enough\r\n" : "+OK\r\n-ERR max number of clients reached\r\n";
    }}};
    Redis any{server.url()};
    for (std::size_t i = 0; i < all_operations(any).size(); ++i) {
        Redis storage{server.url() + "/1"};
        auto const [name, operation] = all_operations(storage)[i];
        auto const before = server.connections();
        auto const error = error_of(operation);
        INFO(name << ": " << error);
        CHECK(contains(error, "max number of clients reached. "));
        CHECK(contains(error, "maxclients"));
        CHECK(server.connections() - before == 1);
    }
}

TEST_CASE("Redis: a SCAN that answers what it was not asked for is an error")
{
    std::string const text =
        GENERATE("x", "", "another's:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    RudeServer server{"*2\r\n$1\r\n0\r\n*1\r\n$" + std::to_string(text.size()) + "\r\n" + text + "\r\n"};
    Redis storage{server.url()};
    auto const error = error_of([&] { storage.for_each(now, [](auto const&, auto const&) {}); });
    CHECK(contains(error, "not of the kind"));
}

TEST_CASE("Redis: a time-out may be as long as a Duration is")
{
    RedisServer server;
    auto const forever = cr::Duration::max();
    Redis storage{server.url(), {.connect_timeout = forever, .command_timeout = forever}};
    auto const payload = std::string(300'000, 'p'); // which does not come in one piece
    REQUIRE(storage.create(a, record(payload), now));
    CHECK(storage.load(a, now)->payload == payload);
}

TEST_CASE("Redis: a load that loses its connection is done once more, a write never is")
{
    RudeServer server{""};
    Redis storage{server.url()};
    for (auto const& [name, operation] : all_operations(storage)) {
        auto const before = server.connections();
        auto const error = error_of(operation);
        INFO(name << ": " << error);
        CHECK(contains(error, "the connection was lost"));
        CHECK(contains(error, "is not known"));
        CHECK(server.connections() - before == (name == "load" || name == "for_each" ? 2 : 1));
    }
}

TEST_CASE("Redis: a server that does not answer is an error after command_timeout, and passes with its pause")
{
    RedisServer server;
    Redis storage{server.url(), {.command_timeout = 100ms}};
    REQUIRE(storage.create(a, record("1"), now));
    server.pause();
    for (auto const& [name, operation] : all_operations(storage)) {
        auto const start = std::chrono::steady_clock::now();
        auto const error = error_of(operation);
        INFO(name << ": " << error);
        CHECK(contains(error, "no answer within command_timeout"));
        auto const waited = std::chrono::steady_clock::now() - start;
        CHECK(waited >= 90ms);
        CHECK(waited < 5s);
    }
    server.resume();
    CHECK_NOTHROW(storage.load(b, now)); // not the late answer to something else
    CHECK_FALSE(storage.load(numbered_key(5), now));
}

TEST_CASE("Redis: connections that a restart has closed are replaced before anybody notices")
{
    RedisServer server{{"--appendonly", "yes", "--appendfsync", "always"}};
    Redis storage{server.url()};
    REQUIRE(storage.create(a, record("0"), now));
    for (int round = 1; round <= 3; ++round) {
        round == 2 ? server.stop() : server.kill();
        server.start();
        CHECK(storage.commit(a, {std::to_string(round - 1), later}, record(std::to_string(round)), now) ==
              WriteResult::committed);
    }
    CHECK(storage.load(a, now)->payload == "3");
    REQUIRE(contains(server({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"}), "1"));
    CHECK(count_up(storage, a, now));
}

TEST_CASE("Redis: every acknowledged increment is there after kills under load")
{
    RedisServer server{{"--appendonly", "yes", "--appendfsync", "always"}};
    Redis storage{server.url(), {.connect_timeout = 1s, .command_timeout = 1s}};
    REQUIRE(storage.create(a, record("0"), now));
    std::atomic<bool> stopping{false};
    std::atomic<long> acknowledged{0};
    std::atomic<long> uncertain{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            while (!stopping) {
                try {
                    auto const seen = storage.load(a, now);
                    if (!seen)
                        throw std::runtime_error{"the record has gone"};
                    try {
                        auto const next = std::to_string(std::stol(seen->payload) + 1);
                        if (storage.commit(a, *seen, record(next), now) == WriteResult::committed)
                            ++acknowledged;
                    } catch (cr::StorageError const&) {
                        ++uncertain;
                    }
                } catch (cr::StorageError const&) {
                    std::this_thread::sleep_for(1ms);
                } catch (std::runtime_error const&) {
                    uncertain = 1'000'000;
                    stopping = true;
                }
            }
        });
    for (int round = 0; round < 3; ++round) {
        auto const goal = acknowledged + 100;
        for (int i = 0; i < 1000 && acknowledged < goal; ++i)
            std::this_thread::sleep_for(5ms);
        CHECK(acknowledged >= goal);
        server.kill();
        std::this_thread::sleep_for(20ms);
        server.start();
    }
    std::this_thread::sleep_for(50ms);
    stopping = true;
    for (auto& thread : threads)
        thread.join();
    auto const count = std::stol(storage.load(a, now).value().payload);
    INFO(acknowledged << " acknowledged, " << uncertain << " uncertain");
    CHECK(count >= acknowledged);
    CHECK(count <= acknowledged + uncertain);
    CHECK(uncertain < 100);
}

TEST_CASE("Redis: 8 threads that count in shared records lose nothing")
{
    RedisServer server;
    Redis storage{server.url()};
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

TEST_CASE("Redis: a child process uses no connection of its parent, and takes none away")
{
    RedisServer server;
    Redis storage{server.url()};
    REQUIRE(storage.create(a, record("0"), now));
    auto const connections = [&] {
        auto const info = server({"INFO", "stats"});
        return std::stol(info.substr(info.find("total_connections_received:") + 27));
    };
    auto const before = connections();
    CHECK(in_child([&] { return count_up(storage, a, now); }) == 0);
    CHECK(connections() == before + 2); // the child's and this question's
    CHECK(count_up(storage, a, now));
    CHECK(connections() == before + 3); // the parent goes on with its own

    CHECK(count_in_four_processes(storage, a, now));
    CHECK(storage.load(a, now)->payload == "402");
}

TEST_CASE("Redis can be moved")
{
    RedisServer server;
    Redis storage{server.url()};
    REQUIRE(storage.create(a, record("1"), now));
    Redis moved{std::move(storage)};
    CHECK(moved.load(a, now));
    storage = std::move(moved);
    CHECK(storage.load(a, now));
}
