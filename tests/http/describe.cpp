// SPDX-License-Identifier: MIT
#include <cloakroom/core/policy_name.hpp>
#include <cloakroom/http/describe.hpp>
#include <cloakroom/http/middleware.hpp>
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/checked.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/signer/aead.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/signer/unsigned.hpp>
#include <cloakroom/storage/cached.hpp>
#include <cloakroom/storage/file.hpp>
#include <cloakroom/storage/hashed_keys.hpp>
#include <cloakroom/storage/memcached.hpp>
#include <cloakroom/storage/memory.hpp>
#include <cloakroom/storage/postgres.hpp>
#include <cloakroom/storage/redis.hpp>
#include <cloakroom/storage/signed_cookie.hpp>
#include <cloakroom/storage/sqlite.hpp>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace cr = cloakroom;
using namespace std::chrono_literals;

namespace {

constexpr cr::TimePoint moment{std::chrono::seconds{1'780'000'000}};

template <class Storage, class Signer>
using With = cr::Session<Storage, cr::serializer::Json, Signer>;

} // namespace

// A stranger's namespaces, which look like ours.
namespace my_storage {
struct Lmdb {};
} // namespace my_storage
namespace shop::storage {
template <class>
struct Lmdb {};
} // namespace shop::storage
namespace my_cloakroom::v0::signer {
struct Blake {};
} // namespace my_cloakroom::v0::signer
namespace shop::cloakroom {
struct Blake {};
} // namespace shop::cloakroom

namespace {

/// A stranger's, who knows nothing of describe().
struct Reversed {
    static constexpr auto output = cr::Content::text;
    struct Bound {
        static std::string sign(std::string_view payload, cr::TimePoint)
        {
            return {payload.rbegin(), payload.rend()};
        }
        static cr::Result<std::string, cr::Rejection> unsign(std::string_view text, cr::TimePoint,
                                                             std::optional<cr::Duration>)
        {
            return std::string{text.rbegin(), text.rend()};
        }
    };
    static Bound bind(std::string_view) { return {}; }
};

template <class Session>
std::string described(typename Session::Backend& backend)
{
    backend.clock([] { return moment; });
    return cr::describe(backend);
}

} // namespace

TEST_CASE("describe says what signed sessions in a database are")
{
    using Session = With<cr::storage::Sqlite, cr::signer::Hmac>;
    TemporaryFolder const folder;
    auto const file = folder.path("db.sqlite3");
    Session::Backend backend{
        cr::storage::Sqlite{file}, {}, cr::signer::Hmac{"swordfish", {.fallback_keys = {"an older one"}}}};
    std::string const page =
        "Policies\n"
        "  storage      Sqlite, at " +
        file +
        "\n"
        "  serializer   Json\n"
        "  signer       Hmac, HMAC-SHA256\n"
        "  keys         2: the newest signs, all of them are accepted\n"
        "  purpose      django.contrib.sessions.SessionStore\n"
        "  kept as      text\n"
        "\n"
        "Time\n"
        "  ends         14 days after the last change\n"
        "  at most      no limit: a session that is used has no end\n"
        "  browser      keeps the cookie for 14 days\n"
        "  own expiry   where a session sets one, it rules both\n"
        "  saved        when it has changed\n"
        "  conflicts    are tried again for 5 seconds\n"
        "\n"
        "Cookie\n"
        "  Set-Cookie:  sessionid=...; expires=Thu, 11 Jun 2026 20:26:40 GMT; HttpOnly; Max-Age=1209600; "
        "Path=/; "
        "SameSite=Lax\n"
        "  caches       may keep a response that sets it, for who has the same cookie\n"
        "\n"
        "Who has the cookie\n"
        "  reads        nothing: it is a random key\n"
        "  changes      nothing: a key of their own opens no session\n"
        "  replays      the session, until it ends, is flushed or moves to another key\n"
        "\n"
        "Who has the store\n"
        "  reads        the sessions\n"
        "  opens        every session: their keys are in it\n"
        "  changes      no data unnoticed; but can give a session those of another one, or old ones of its "
        "own\n"
        "\n"
        "Limits\n"
        "  data         16 MiB, 512 levels, integers of 4300 digits\n";
    CHECK(described<Session>(backend) == page);
}

TEST_CASE("describe says what encrypted sessions in a cookie are under the strict settings")
{
    using Session = With<cr::storage::SignedCookie, cr::signer::Aead>;
    std::string const page =
        "Policies\n"
        "  storage      SignedCookie\n"
        "  serializer   Json\n"
        "  signer       Aead, AES-256-GCM\n"
        "  keys         1\n"
        "  key limit    2^32 texts under one secret key (1,000 a second for 49 days)\n"
        "  purpose      django.contrib.sessions.backends.signed_cookies, for the cookie __Host-id\n"
        "  kept as      text\n"
        "\n"
        "Time\n"
        "  ends         30 minutes after the last request that looks at it, or up to 1 minute before that\n"
        "  at most      12 hours after its first save, whatever is done\n"
        "  browser      forgets the cookie when it is closed\n"
        "  own expiry   where a session sets one, it rules the browser alone\n"
        "  saved        when it has changed; when it is looked at, once in 1 minute\n"
        "  conflicts    of two requests at once the later response wins\n"
        "\n"
        "Cookie\n"
        "  Set-Cookie:  __Host-id=...; HttpOnly; Path=/; SameSite=Lax; Secure\n"
        "  caches       keep no response that sets it\n"
        "\n"
        "Who has the cookie\n"
        "  reads        nothing: the session in it is encrypted\n"
        "  changes      nothing that is not noticed\n"
        "  replays      the session, until it is 30 minutes old: nothing ends it before that\n"
        "\n"
        "Limits\n"
        "  cookie       4096 bytes, name and value together\n"
        "  data         16 MiB, 512 levels, integers of 4300 digits\n";
    Session::Backend backend{
        cr::storage::SignedCookie{}, {}, cr::signer::Aead{std::string(32, 'k')}, cr::strict_settings};
    CHECK(described<Session>(backend) == page);

    auto without_backend = page;
    without_backend.erase(page.find("  keys  "), page.find("  key limit") - page.find("  keys  "));
    CHECK(cr::describe<Session>(cr::strict_settings) == without_backend);
}

TEST_CASE("describe shows the very cookie that the middleware sets")
{
    using Session = With<cr::storage::Memory, cr::signer::Unsigned>;
    Session::Backend backend{cr::storage::Memory{},
                             {},
                             {},
                             {.cookie_name = "sid",
                              .cookie_age = 90s,
                              .cookie_domain = "example.com",
                              .cookie_path = "/shop",
                              .cookie_httponly = false,
                              .cookie_secure = true,
                              .cookie_samesite = cr::SameSite::none,
                              .cookie_partitioned = true}};
    auto const page = described<Session>(backend);
    cr::http::Middleware<Session> const middleware{backend};
    auto session = middleware.open("");
    session["visit"] = 1;
    auto line = middleware.close(session, 200).headers.front().value;
    line.replace(line.find('=') + 1, cr::SessionKey::generated_length, "...");
    CHECK_THAT(page, catch_::ContainsSubstring("  Set-Cookie:  " + line + "\n"));
    CHECK_THAT(page, catch_::ContainsSubstring("signer       Unsigned: nothing is signed\n"));
    CHECK_THAT(page, catch_::ContainsSubstring("90 seconds"));
}

TEST_CASE("describe tells servers, and neither passwords nor keys")
{
    std::string const key = "swordfish, and more of it than 32 bytes";
    auto const check = [&](auto storage, std::string const& where) {
        using Session = With<decltype(storage), cr::signer::Aead>;
        typename Session::Backend backend{
            std::move(storage), {}, cr::signer::Aead{key, {.fallback_keys = {key}}}};
        auto const page = described<Session>(backend);
        CAPTURE(page);
        CHECK(page.find("password") == std::string::npos);
        CHECK(page.find("swordfish") == std::string::npos);
        CHECK_THAT(page, catch_::ContainsSubstring(where + "\n"));
    };
    check(cr::storage::Redis{"redis://somebody:password@10.0.0.1:6380/3"}, "Redis, at 10.0.0.1:6380/3");
    check(cr::storage::Redis{"redis://:password@a:1,b:2"}, "Redis, at a:1, b:2/0");
    check(cr::storage::Memcached{"memcached://somebody:password@10.0.0.1:11211,10.0.0.2:11212"},
          "Memcached, at 10.0.0.1:11211, 10.0.0.2:11212");
    check(cr::storage::Postgres{"postgresql://somebody:password@10.0.0.1/shop"}, "storage      Postgres");
    TemporaryFolder const folder;
    check(cr::storage::File{folder.path("")}, "File, at " + folder.path(""));
    check(cr::storage::HashedKeys<cr::storage::Redis>{cr::storage::Redis{"redis://:password@a:1/0"}},
          "HashedKeys<Redis>, at a:1/0");
}

TEST_CASE("what describe says of an expiry of the session's own is so")
{
    auto const lives_after = [](auto storage, cr::Duration own, cr::Duration passed) {
        using Session = With<decltype(storage), cr::signer::Aead>;
        auto now = moment;
        typename Session::Backend backend{
            std::move(storage), {}, cr::signer::Aead{std::string(32, 'k')}, {.cookie_age = 1h}};
        backend.clock([&now] { return now; });
        Session session{backend};
        session["visit"] = 1;
        session.set_expiry(own);
        session.save();
        now += passed;
        return Session{backend, *session.session_key()}.contains("visit");
    };
    CHECK(lives_after(cr::storage::Memory{}, 1min, 59s));
    CHECK_FALSE(lives_after(cr::storage::Memory{}, 1min, 61s));
    CHECK(lives_after(cr::storage::Memory{}, 3h, 2h));
    CHECK(lives_after(cr::storage::SignedCookie{}, 1min, 59min));
    CHECK_FALSE(lives_after(cr::storage::SignedCookie{}, 3h, 2h));
}

TEST_CASE("what describe says of who has the store is so")
{
    using Plain = With<cr::storage::Memory, cr::signer::Aead>;
    using HashedMemory = cr::storage::HashedKeys<cr::storage::Memory>;
    using Hashed = With<HashedMemory, cr::signer::Aead>;
    using HalfHashed = With<cr::storage::Cached<cr::storage::Memory, HashedMemory>, cr::signer::Unsigned>;
    using WholeHashed = With<cr::storage::Cached<HashedMemory, HashedMemory>, cr::signer::Aead>;
    CHECK_THAT(cr::describe<Plain>(),
               catch_::ContainsSubstring("reads        nothing: the sessions are encrypted\n"
                                         "  opens        every session: their keys are in it\n"));
    CHECK_THAT(cr::describe<Hashed>(),
               catch_::ContainsSubstring("opens        none: in place of the keys it has hashes of them\n"));
    CHECK_THAT(cr::describe<HalfHashed>(), catch_::ContainsSubstring("opens        every session"));
    CHECK_THAT(cr::describe<WholeHashed>(), catch_::ContainsSubstring("opens        none: "));
    CHECK_THAT(cr::describe<HalfHashed>(), catch_::ContainsSubstring("changes      whatever they like\n"));

    Plain::Backend backend{cr::storage::Memory{}, {}, cr::signer::Aead{std::string(32, 'k')}};
    backend.clock([] { return moment; });
    auto const key_of = [&](char const* user) {
        Plain session{backend};
        session["user"] = user;
        session.save();
        return *session.session_key();
    };
    auto const admin = key_of("admin");
    auto const visitor = key_of("visitor");
    auto& store = backend.storage();
    auto const theirs = *store.load(admin, moment);
    auto const ours = *store.load(visitor, moment);
    REQUIRE(store.commit(visitor, ours, {theirs.payload, theirs.expires}, moment) ==
            cr::WriteResult::committed);
    CHECK(Plain{backend, visitor}.get("user", "") == "admin");
}

TEST_CASE("describe calls a policy of a stranger by its type, and takes it at its word")
{
    CHECK_THAT((cr::describe<With<cr::storage::Memory, Reversed>>()),
               catch_::ContainsSubstring("Reversed\n"));
    CHECK_THAT((cr::describe<With<cr::storage::SignedCookie, Reversed>>()),
               catch_::ContainsSubstring("reads        the session: it is signed, not encrypted"));
    CHECK(cr::policy_name<cr::storage::Memory>() == "Memory");
    CHECK(cr::policy_name<cr::signer::Aead>() == "Aead");
    CHECK(cr::spelled_type<int>() == "int");

    CHECK(cr::policy_name<cr::Settings>() == "Settings");
    CHECK(cr::policy_name<cr::storage::HashedKeys<cr::storage::Memory>>() == "HashedKeys<Memory>");
    CHECK(cr::policy_name<my_storage::Lmdb>() == "my_storage::Lmdb");
    CHECK(cr::policy_name<shop::storage::Lmdb<my_storage::Lmdb>>() ==
          "shop::storage::Lmdb<my_storage::Lmdb>");
    CHECK(cr::policy_name<shop::storage::Lmdb<cr::storage::Memory>>() == "shop::storage::Lmdb<Memory>");
    CHECK(cr::policy_name<my_cloakroom::v0::signer::Blake>() == "my_cloakroom::v0::signer::Blake");
    CHECK(cr::policy_name<shop::cloakroom::Blake>() == "shop::cloakroom::Blake");
    CHECK_THROWS_AS((cr::describe<With<cr::storage::Memory, Reversed>>({.cookie_partitioned = true})),
                    cr::ImproperlyConfigured);
}
