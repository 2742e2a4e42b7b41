// SPDX-License-Identifier: MIT
#ifndef EXAMPLES_SESSION_ADMIN_COMMANDS_HPP
#define EXAMPLES_SESSION_ADMIN_COMMANDS_HPP

// What can be done: one struct for each command, called with the engine, and a Hana map of them all. What an
// engine cannot do is found out while this is compiled.

#include "engines.hpp"
#include "names.hpp"
#include "options.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "reading.hpp"
#include "signers.hpp"

#include <cloakroom.hpp>
#include <cloakroom/session/iso_time.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace session_admin {

/// A storage whose live records can be walked over, under keys or under their hashes.
template <class Storage>
concept Walkable = requires(Storage& storage, cr::TimePoint now) {
    storage.for_each(now, [](auto const&, cr::Stored const&) {});
};

[[noreturn]] inline void refuse(Options const& options, std::string_view why)
{
    throw Misuse{"the engine " + *options.engine + " cannot " + *options.command + ": " + std::string{why}};
}

struct Migrate {
    static constexpr std::string_view about = "Makes Django's table django_session where it is missing.";

    template <class Engine>
    void operator()(Engine, Options const& options, Output& output) const
    {
        using Storage = typename Engine::Storage;
        if constexpr (requires(Storage& storage) { storage.migrate(); })
            Engine::open(options).migrate();
        else if constexpr (requires(Storage& storage) { storage.inner().migrate(); })
            Engine::open(options).inner().migrate();
        else
            refuse(options, "it has no table");
        output.answer({{"migrated", true}}, "The table is there.");
    }
};

struct ClearSessions {
    static constexpr std::string_view about = "Removes the sessions that have expired.";

    template <class Engine>
    void operator()(Engine, Options const& options, Output& output) const
    {
        using Storage = typename Engine::Storage;
        std::size_t removed = 0;
        if constexpr (Engine::clears_itself.empty()) {
            cr::Backend<Storage, cr::serializer::Json, cr::signer::Unsigned> backend{Engine::open(options)};
            Progress progress{"sessions removed"};
            removed = backend.clear_expired(std::ref(progress));
        }
        auto const sentence =
            "Removed " + std::to_string(removed) + " expired session" + (removed == 1 ? "." : "s.");
        output.answer({{"removed", removed}},
                      Engine::clears_itself.empty() ? sentence : Engine::clears_itself);
    }
};

struct Count {
    static constexpr std::string_view about = "How many sessions live.";

    template <class Engine>
    void operator()(Engine, Options const& options, Output& output) const
    {
        if constexpr (Walkable<typename Engine::Storage>) {
            std::size_t total = 0;
            Engine::open(options).for_each(cr::system_now(), [&](auto const&, auto const&) { ++total; });
            output.answer({{"count", total}}, std::to_string(total));
        } else {
            refuse(options, "it does not tell what it keeps");
        }
    }
};

/// The two ways of naming a session to people: by its handle, or by the hash that is all the store has.
inline cr::Dict identify(cr::SessionKey const& key)
{
    return {{"handle", key.handle()}};
}
inline cr::Dict identify(cr::storage::HashedKey const& key)
{
    return {{"hashed_key", key.text()}};
}

struct List {
    static constexpr std::string_view about =
        "The live sessions: handle, end and size. The handle names a session and does not open it.";

    template <class Engine>
    void operator()(Engine, Options const& options, Output& output) const
    {
        using Storage = typename Engine::Storage;
        if constexpr (Walkable<Storage>) {
            constexpr bool has_keys = cr::EnumerablePolicy<Storage>;
            if (options.keys && !has_keys)
                throw Misuse{"--keys: the store holds no keys, only their hashes"};
            auto storage = Engine::open(options);
            auto list = output.list("expires                    bytes  session");
            storage.for_each(cr::system_now(), [&](auto const& key, cr::Stored const& stored) {
                auto session = identify(key);
                if constexpr (has_keys)
                    if (options.keys)
                        session["key"] = key.reveal();
                auto text = readable(stored.expires) + right_aligned(stored.payload.size(), 9);
                for (auto const& [name, value] : session)
                    text += "  " + value.template as<std::string>();
                session["expires"] = cr::iso_time(stored.expires);
                session["bytes"] = stored.payload.size();
                list.add(session, text);
            });
            list.finish();
        } else {
            refuse(options, "it does not tell what it keeps");
        }
    }
};

struct Show {
    static constexpr std::string_view argument = "KEY";
    static constexpr std::string_view about =
        "What the session under the key holds. With - the key is read from the standard input.";

    template <class Engine>
    void operator()(Engine, Options const& options, Output& output) const
    {
        using Storage = typename Engine::Storage;
        if constexpr (cr::StoragePolicy<Storage>) {
            auto const key = cr::SessionKey::parse(read_argument(options));
            if (!key || !key->is_storable())
                throw NothingThere{"That is no session key: a key is 8 to 40 of a-z and 0-9."};
            with_signer<typename Engine::Signer>(options, [&](auto const& signer) {
                auto const now = cr::system_now();
                auto const stored = Engine::open(options).load(*key, now);
                if (!stored)
                    throw NothingThere{"No session lives under that key."};
                auto reading = read(signer, Storage::purpose, stored->payload);
                if (!reading)
                    throw NothingThere{std::string{reading.reason()}};
                if (cr::storage::expiry_in_data<Storage> && is_over(reading->data, now))
                    throw NothingThere{"No session lives under that key."};
                output.answer({{"handle", key->handle()},
                               {"expires", cr::iso_time(stored->expires)},
                               {"verified", reading->is_verified},
                               {"data", reading->data}},
                              "session " + key->handle() + "\nexpires " + readable(stored->expires) +
                                  note(*reading) + "\n" + readable(reading->data));
            });
        } else {
            refuse(options, "the cookie itself is the session; decode TEXT reads it");
        }
    }
};

struct Decode {
    static constexpr std::string_view argument = "TEXT";
    static constexpr std::string_view about =
        "What a signed text holds: session_data of a table, the content of a session's file, or the cookie\n"
        "of the signed_cookies engine. With - the text is read from the standard input. Needs no engine.";

    void operator()(Options const& options, Output& output) const
    {
        auto const text = read_argument(options);
        with_signer<cr::signer::Hmac>(options, [&](auto const& signer) {
            std::string_view kind = "session_data";
            auto reading = read(signer, cr::storage::session_store_purpose, text);
            if (!reading) {
                kind = "signed cookie";
                reading = read(signer, cr::storage::SignedCookie::purpose, text);
            }
            if (!reading)
                throw NothingThere{std::string{reading.reason()}};
            if (!reading->is_verified)
                kind = "signed text";
            auto const signed_at = signing_time(text);
            output.answer({{"kind", kind},
                           {"signed", signed_at ? cr::Value{cr::iso_time(*signed_at)} : cr::Value{}},
                           {"verified", reading->is_verified},
                           {"data", reading->data}},
                          std::string{kind} + (signed_at ? ", signed " + readable(*signed_at) : "") +
                              note(*reading) + "\n" + readable(reading->data));
        });
    }
};

inline constexpr auto commands = hana::make_map(
    hana::make_pair(BOOST_HANA_STRING("migrate"), Migrate{}),
    hana::make_pair(BOOST_HANA_STRING("clearsessions"), ClearSessions{}),
    hana::make_pair(BOOST_HANA_STRING("list"), List{}), hana::make_pair(BOOST_HANA_STRING("count"), Count{}),
    hana::make_pair(BOOST_HANA_STRING("show"), Show{}),
    hana::make_pair(BOOST_HANA_STRING("decode"), Decode{}));

/// Whether the command is called with an engine.
template <class Command>
inline constexpr bool needs_engine = !std::invocable<Command, Options const&, Output&>;

/// The word that follows the command, or nothing.
template <class Command>
constexpr std::string_view argument_of()
{
    if constexpr (requires { Command::argument; })
        return Command::argument;
    else
        return {};
}

} // namespace session_admin

#endif
