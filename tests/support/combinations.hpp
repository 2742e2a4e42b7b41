// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTS_SUPPORT_COMBINATIONS_HPP
#define CLOAKROOM_TESTS_SUPPORT_COMBINATIONS_HPP

// Every storage with every serializer and every signer: what there is of each, all triples of them, and the
// battery that those go through which make a session. A new policy is a line in a tuple.

#include "support/catch.hpp"
#include "support/memcached_server.hpp"
#include "support/postgres_server.hpp"
#include "support/redis_server.hpp"
#include "support/temporary_folder.hpp"

#include <cloakroom/serializer/cereal_portable_binary.hpp>
#include <cloakroom/serializer/cereal_xml.hpp>
#include <cloakroom/serializer/json.hpp>
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
#include <cloakroom/testing/session_laws.hpp>
#include <cloakroom/testing/session_walk.hpp>
#include <cloakroom/testing/ticket_laws.hpp>

#include <boost/hana/at.hpp>
#include <boost/hana/bool.hpp>
#include <boost/hana/cartesian_product.hpp>
#include <boost/hana/concat.hpp>
#include <boost/hana/equal.hpp>
#include <boost/hana/filter.hpp>
#include <boost/hana/for_each.hpp>
#include <boost/hana/remove_if.hpp>
#include <boost/hana/size.hpp>
#include <boost/hana/tuple.hpp>
#include <boost/hana/type.hpp>
#include <boost/hana/unpack.hpp>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace combinations {

namespace cr = cloakroom;
namespace hana = boost::hana;

// ---- storages: each opens any number of one store ----

struct Memory {
    using Storage = cr::storage::Memory;

    Storage open() const { return {}; }
};

struct HashedKeys {
    using Storage = cr::storage::HashedKeys<cr::storage::Memory>;

    Storage open() const { return Storage{cr::storage::Memory{}}; }
};

struct File {
    using Storage = cr::storage::File;

    Storage open() const { return Storage{folder.path("")}; }

    TemporaryFolder folder;
};

struct Sqlite {
    using Storage = cr::storage::Sqlite;

    Storage open() const
    {
        Storage storage{folder.path("db.sqlite3")};
        storage.migrate();
        return storage;
    }

    TemporaryFolder folder;
};

struct Cached {
    using Storage = cr::storage::Cached<cr::storage::Memory, cr::storage::Sqlite>;

    Storage open() const { return Storage{cr::storage::Memory{}, store.open()}; }

    Sqlite store;
};

struct SignedCookie {
    using Storage = cr::storage::SignedCookie;

    Storage open() const { return {}; }
};

struct Postgres {
    using Storage = cr::storage::Postgres;

    Storage open() const
    {
        Storage storage{server.address()};
        storage.migrate();
        return storage;
    }

    PostgresServer server;
};

struct Redis {
    using Storage = cr::storage::Redis;

    Storage open() const { return Storage{server.url()}; }

    RedisServer server;
};

struct Memcached {
    using Storage = cr::storage::Memcached;

    Storage open() const { return Storage{servers.url()}; }

    MemcachedServers servers;
};

// ---- signers: each makes one of its kind with any key ----

template <class WithKeys>
struct Keyed {
    using Signer = WithKeys;

    static cr::testing::TicketSigners<Signer> make()
    {
        return {Signer{"a secret for tests, long enough for all"},
                Signer{"a stranger's secret, of the same length"},
                Signer{"the secret that came after that one",
                       {.fallback_keys = {"a secret for tests, long enough for all"}}}};
    }
};
using Hmac = Keyed<cr::signer::Hmac>;
using Aead = Keyed<cr::signer::Aead>;

struct Unsigned {
    using Signer = cr::signer::Unsigned;

    static cr::testing::TicketSigners<Signer> make() { return {}; }
};

using Binary = cr::serializer::Cereal<cr::serializer::PortableBinary>;
using Xml = cr::serializer::Cereal<cr::serializer::Xml>;

// ---- all of them ----

inline constexpr auto memory_storages = hana::tuple_t<Memory, HashedKeys, SignedCookie>;
inline constexpr auto disk_storages = hana::tuple_t<File, Sqlite, Cached>;
inline constexpr auto server_storages = hana::tuple_t<Postgres, Redis, Memcached>;
inline constexpr auto storages = hana::concat(hana::concat(memory_storages, disk_storages), server_storages);
inline constexpr auto serializers = hana::tuple_t<cr::serializer::Json, Binary, Xml>;
inline constexpr auto signers = hana::tuple_t<Hmac, Aead, Unsigned>;

inline constexpr auto triples = hana::cartesian_product(hana::make_tuple(storages, serializers, signers));

template <class Types, std::size_t index>
using TypeAt = typename std::remove_cvref_t<decltype(hana::at_c<index>(std::declval<Types>()))>::type;

/// Whether a triple makes a session.
inline constexpr auto makes_sense = [](auto triple) {
    using Triple = decltype(triple);
    return hana::bool_c<cr::go_together<typename TypeAt<Triple, 0>::Storage, TypeAt<Triple, 1>,
                                        typename TypeAt<Triple, 2>::Signer>>;
};
inline constexpr auto sensible = hana::filter(triples, makes_sense);
inline constexpr auto senseless = hana::remove_if(triples, makes_sense);

template <class Storage, class Serializer, class Signer>
inline constexpr auto triple_of =
    hana::make_tuple(hana::type_c<Storage>, hana::type_c<Serializer>, hana::type_c<Signer>);

// ---- the battery ----

/// Of each pair of requests that many schedules; all of them stand in the tests of each storage.
inline constexpr std::size_t schedules = 6;

template <class Engine, class Serializer, class SignerKind>
void battery(Engine& engine)
{
    using Storage = typename Engine::Storage;
    using Signer = typename SignerKind::Signer;
    using Session = cr::Session<Storage, Serializer, Signer>;
    auto const kinds = SignerKind::make();
    auto const open = [&] { return engine.open(); };

    typename Session::Backend backend{open(), Serializer{}, kinds.ours};
    cr::testing::session_walk(backend);
    if constexpr (cr::StoragePolicy<Storage>) {
        auto const report =
            cr::testing::session_laws<Session>(open, kinds.ours, {.clients = 2, .limit = schedules});
        CHECK(report.schedules > 300);
        CHECK(report.faults > 50);
    } else if constexpr (std::same_as<Serializer, cr::serializer::Json>) {
        cr::testing::ticket_laws(open, kinds);
    }
}

/// The battery for each sensible triple of this storage: how many there are.
template <class Engine>
std::size_t battery_of()
{
    std::size_t count = 0;
    Engine engine;
    hana::for_each(sensible, [&](auto triple) {
        using Triple = decltype(triple);
        if constexpr (std::same_as<TypeAt<Triple, 0>, Engine>) {
            battery<Engine, TypeAt<Triple, 1>, TypeAt<Triple, 2>>(engine);
            ++count;
        }
    });
    return count;
}

/// A list of types for TEMPLATE_LIST_TEST_CASE.
template <class Types>
using ListOf = typename decltype(hana::unpack(std::declval<Types>(), hana::template_<std::tuple>))::type;

} // namespace combinations

#endif
