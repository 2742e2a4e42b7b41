// SPDX-License-Identifier: MIT
//
// Does one operation a number of times, so that tools/count_instructions can count what one costs:
// operations NAME TIMES. Without arguments it lists the names.
#include "../payloads.hpp"
#include "../raw_sqlite.hpp"

#include <cloakroom.hpp>
#include <cloakroom/core/date_time.hpp>
#include <cloakroom/storage/sqlite.hpp>

#include <botan/mac.h>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace cr = cloakroom;

namespace {

template <class T>
void keep(T const& value)
{
    asm volatile("" : : "g"(&value) : "memory");
}

/// Made anew for each operation, so that nothing else runs; the function is what is counted.
using Operation = std::function<std::function<void()>()>;

constexpr cr::TimePoint now{std::chrono::seconds{1'780'000'000}};

template <class Session>
std::function<void()> cycle(std::shared_ptr<typename Session::Backend> const& backend,
                            std::string const& payload, bool http)
{
    backend->clock([] { return now; });
    Session first{*backend};
    first.update(*cr::serializer::Json{}.load(payload));
    first.save();
    auto const key = first.session_key();
    if (!http)
        return [backend, key] {
            Session session{*backend, key};
            session["visit"] += 1;
            session.save();
        };
    auto const cookie = "sessionid=" + std::string{key->reveal()};
    return [backend, cookie, middleware = cr::http::Middleware<Session>{*backend}] {
        auto session = middleware.open(cookie);
        session["visit"] += 1;
        keep(middleware.close(session, 200));
    };
}

std::function<void()> memory(std::string const& payload, bool http = false)
{
    using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;
    return cycle<Session>(std::make_shared<Session::Backend>(cr::storage::Memory{}), payload, http);
}

std::function<void()> memory_hmac(std::string const& payload)
{
    using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Hmac>;
    return cycle<Session>(std::make_shared<Session::Backend>(cr::storage::Memory{}, cr::serializer::Json{},
                                                             cr::signer::Hmac{"a secret of the benchmark"}),
                          payload, false);
}

std::function<void()> signed_cookie(std::string const& payload, bool http = false)
{
    using Session = cr::Session<cr::storage::SignedCookie, cr::serializer::Json, cr::signer::Hmac>;
    return cycle<Session>(std::make_shared<Session::Backend>(cr::storage::SignedCookie{},
                                                             cr::serializer::Json{},
                                                             cr::signer::Hmac{"a secret of the benchmark"}),
                          payload, http);
}

template <class Signer>
std::function<void()> encrypted_cookie(std::string const& payload)
{
    using Session = cr::Session<cr::storage::SignedCookie, cr::serializer::Json, Signer>;
    return cycle<Session>(std::make_shared<typename Session::Backend>(
                              cr::storage::SignedCookie{}, cr::serializer::Json{},
                              Signer{"a secret of the benchmark, long enough", {.compress_from = 1024}}),
                          payload, false);
}

/// The floor of a signed cycle: two HMACs of as many bytes as the payload's signature covers.
std::function<void()> two_hmacs(std::string const& payload)
{
    std::shared_ptr<Botan::MessageAuthenticationCode> const mac =
        Botan::MessageAuthenticationCode::create_or_throw("HMAC(SHA-256)");
    mac->set_key(std::vector<std::uint8_t>(32, 7));
    return [mac, bytes = std::string((payload.size() * 4 + 2) / 3 + 7, 'x')] {
        std::uint8_t digest[32];
        for (int i = 0; i < 2; ++i) {
            mac->update(reinterpret_cast<std::uint8_t const*>(bytes.data()), bytes.size());
            mac->final(digest);
            keep(digest);
        }
    };
}

struct Seen {
    BOOST_HANA_DEFINE_STRUCT(Seen, (bool, intro), (bool, tour));
};

/// Six items of payload_b.
struct Visitor {
    BOOST_HANA_DEFINE_STRUCT(Visitor, (int, visit), (std::string, language), (std::string, theme),
                             (std::string, last_search), (std::vector<int>, cart), (Seen, seen));
};

/// What one reading costs of a session that was loaded before.
template <class Read>
std::function<void()> loaded(Read read)
{
    using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;
    auto const backend = std::make_shared<Session::Backend>(cr::storage::Memory{});
    Session first{*backend};
    first.update(*cr::serializer::Json{}.load(payload_b()));
    first.save();
    auto const session = std::make_shared<Session>(*backend, first.session_key());
    return [backend, session, read] { read(*session); };
}

void read_by_hand(auto& session)
{
    Visitor visitor{};
    visitor.visit = session.get("visit", 0);
    visitor.language = session.get("language", "");
    visitor.theme = session.get("theme", "");
    visitor.last_search = session.get("last_search", "");
    if (auto cart = session.template get<std::vector<int>>("cart"))
        visitor.cart = *std::move(cart);
    auto const& seen = *session.at("seen").template get_if<cr::Dict>();
    visitor.seen.intro = seen.at("intro").template as<bool>();
    visitor.seen.tour = seen.at("tour").template as<bool>();
    keep(visitor);
}

std::string database()
{
    auto const folder = std::filesystem::temp_directory_path() / "cloakroom-instructions";
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    return (folder / "db.sqlite3").string();
}

/// load and commit of the storage alone, or the same SQL through the C API.
std::function<void()> sqlite(bool raw)
{
    auto const file = database();
    auto storage = std::make_shared<cr::storage::Sqlite>(file);
    storage->migrate();
    auto const key = cr::SessionKey::generate();
    storage->create(key, {std::string(100, 'x'), now + std::chrono::hours{1}}, now);
    if (raw) {
        auto statements = std::make_shared<RawSqlite>(file);
        return [statements, key, serial = 0U]() mutable {
            std::string seen;
            std::string expires;
            statements->load(key.reveal(), seen, expires);
            auto payload = seen;
            change(payload, ++serial);
            cr::write_digits<6>(expires.data() + 20, serial);
            statements->commit(key.reveal(), seen, "2026-05-28 20:26:40.000000", payload, expires);
        };
    }
    return [storage, key, serial = 0U]() mutable {
        auto const seen = *storage->load(key, now);
        auto payload = seen.payload;
        change(payload, ++serial);
        if (storage->commit(key, seen, {payload, seen.expires + std::chrono::microseconds{1}}, now) !=
            cr::WriteResult::committed)
            std::abort();
    };
}

constexpr std::size_t few = 1'000;
constexpr std::size_t many = 1'000'000;

/// The n-th key: 32 digits.
cr::SessionKey key_of(std::size_t n)
{
    auto const digits = std::to_string(n);
    return *cr::SessionKey::parse(std::string(cr::SessionKey::generated_length - digits.size(), '0') +
                                  digits);
}

template <class Storage>
std::function<void()> load_from(std::shared_ptr<Storage> const& storage, std::size_t count)
{
    return [storage, count, n = std::size_t{0}]() mutable {
        n = (n + 7'919) % count;
        if (!storage->load(key_of(n), now))
            std::abort();
    };
}

std::function<void()> memory_load(std::size_t count)
{
    auto const storage = std::make_shared<cr::storage::Memory>(
        cr::storage::MemoryOptions{.max_records = 2 * many, .max_bytes = std::size_t{4} << 30});
    for (std::size_t n = 0; n < count; ++n)
        storage->create(key_of(n), {payload_b(), now + std::chrono::hours{1}}, now);
    return load_from(storage, count);
}

std::function<void()> sqlite_load(std::size_t count)
{
    auto const file = database();
    auto storage = std::make_shared<cr::storage::Sqlite>(file);
    storage->migrate();
    // By a program of its own, whose instructions are not counted and do not take a minute.
    auto const fill = "sqlite3 '" + file +
                      "' \"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n LIMIT " +
                      std::to_string(count) +
                      ") INSERT INTO django_session SELECT printf('%032d', i), printf('%0100d', i), "
                      "'2036-01-01 00:00:00' FROM n\"";
    if (std::system(fill.c_str()) != 0) // NOLINT(cert-env33-c): a benchmark, of a fixed text
        throw std::runtime_error{"sqlite3 cannot fill the table"};
    return load_from(storage, count);
}

/// Reads an item of a session that is loaded.
template <class Read>
std::function<void()> read_item(Read read)
{
    using Session = cr::Session<cr::storage::Memory, cr::serializer::Json, cr::signer::Unsigned>;
    auto const backend = std::make_shared<Session::Backend>(cr::storage::Memory{});
    auto const session = std::make_shared<Session>(*backend);
    session->update(*cr::serializer::Json{}.load(payload_b()));
    session->save();
    *session = Session{*backend, session->session_key()};
    session->ensure_loaded();
    return [backend, session, read] { read(*session); };
}

inline constexpr auto visit = cr::field<"visit", int>;
inline constexpr auto long_name = cr::field<"_auth_user_backend", std::string>;

std::map<std::string, Operation> const operations{
    {"read number",
     [] { return read_item([](auto& session) { keep(session["visit"].template as<int>()); }); }},
    {"read number, at",
     [] { return read_item([](auto& session) { keep(session.at("visit").template as<int>()); }); }},
    {"read number, field", [] { return read_item([](auto& session) { keep(session[visit].value()); }); }},
    {"read text",
     [] {
         return read_item(
             [](auto& session) { keep(session["_auth_user_backend"].template as<std::string>()); });
     }},
    {"read text, at",
     [] {
         return read_item(
             [](auto& session) { keep(session.at("_auth_user_backend").template as<std::string>()); });
     }},
    {"read text, field", [] { return read_item([](auto& session) { keep(session[long_name].value()); }); }},
    {"json load a", [] { return [text = payload_a()] { keep(cr::serializer::Json{}.load(text)); }; }},
    {"json load b", [] { return [text = payload_b()] { keep(cr::serializer::Json{}.load(text)); }; }},
    {"json load c", [] { return [text = payload_c()] { keep(cr::serializer::Json{}.load(text)); }; }},
    {"json dump a",
     [] {
         return
             [dict = *cr::serializer::Json{}.load(payload_a())] { keep(cr::serializer::Json{}.dump(dict)); };
     }},
    {"json dump b",
     [] {
         return
             [dict = *cr::serializer::Json{}.load(payload_b())] { keep(cr::serializer::Json{}.dump(dict)); };
     }},
    {"json dump c",
     [] {
         return
             [dict = *cr::serializer::Json{}.load(payload_c())] { keep(cr::serializer::Json{}.dump(dict)); };
     }},
    {"new key", [] { return [] { keep(cr::SessionKey::generate()); }; }},
    {"memory cycle a", [] { return memory(payload_a()); }},
    {"memory cycle b", [] { return memory(payload_b()); }},
    {"memory cycle c", [] { return memory(payload_c()); }},
    {"memory cycle a, http", [] { return memory(payload_a(), true); }},
    {"memory and hmac cycle a", [] { return memory_hmac(payload_a()); }},
    {"memory and hmac cycle b", [] { return memory_hmac(payload_b()); }},
    {"memory load from 1,000", [] { return memory_load(few); }},
    {"memory load from 1,000,000", [] { return memory_load(many); }},
    {"sqlite load from 1,000", [] { return sqlite_load(few); }},
    {"sqlite load from 1,000,000", [] { return sqlite_load(many); }},
    {"signed cookie cycle a", [] { return signed_cookie(payload_a()); }},
    {"signed cookie cycle b", [] { return signed_cookie(payload_b()); }},
    {"signed cookie cycle c", [] { return signed_cookie(payload_c()); }},
    {"signed cookie cycle a, http", [] { return signed_cookie(payload_a(), true); }},
    {"signed cookie cycle b, http", [] { return signed_cookie(payload_b(), true); }},
    {"loaded b, six items by hand", [] { return loaded([](auto& session) { read_by_hand(session); }); }},
    {"loaded b, six items as a struct",
     [] { return loaded([](auto& session) { keep(session.template as<Visitor>()); }); }},
    {"loaded b, struct assigned unchanged",
     [] {
         return loaded([](auto& session) {
             auto const visitor = session.template as<Visitor>();
             session.assign(visitor);
         });
     }},
    {"encrypted cookie cycle a", [] { return encrypted_cookie<cr::signer::Aead>(payload_a()); }},
    {"encrypted cookie cycle b", [] { return encrypted_cookie<cr::signer::Aead>(payload_b()); }},
    {"encrypted cookie cycle c", [] { return encrypted_cookie<cr::signer::Aead>(payload_c()); }},
    {"chacha20 cookie cycle a", [] { return encrypted_cookie<cr::signer::AeadChaCha20>(payload_a()); }},
    {"chacha20 cookie cycle b", [] { return encrypted_cookie<cr::signer::AeadChaCha20>(payload_b()); }},
    {"two hmacs a", [] { return two_hmacs(payload_a()); }},
    {"two hmacs b", [] { return two_hmacs(payload_b()); }},
    {"sqlite load and commit", [] { return sqlite(false); }},
    {"sqlite load and commit, raw", [] { return sqlite(true); }},
};

} // namespace

int main(int argc, char** argv)
{
    if (argc != 3) {
        for (auto const& [name, operation] : operations)
            std::cout << name << '\n';
        return 0;
    }
    auto const function = operations.at(argv[1])();
    for (auto times = std::atoi(argv[2]); times > 0; --times)
        function();
    return 0;
}
