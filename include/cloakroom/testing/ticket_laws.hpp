// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_TICKET_LAWS_HPP
#define CLOAKROOM_TESTING_TICKET_LAWS_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/cookie_token.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/session_key.hpp>
#include <cloakroom/core/value.hpp>
#include <cloakroom/serializer/json.hpp>
#include <cloakroom/session/event.hpp>
#include <cloakroom/session/session.hpp>
#include <cloakroom/session/settings.hpp>
#include <cloakroom/signer/concept.hpp>
#include <cloakroom/storage/concept.hpp>
#include <cloakroom/testing/law.hpp>
#include <cloakroom/testing/manual_clock.hpp>
#include <cloakroom/testing/threads.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cloakroom::inline v0::testing {

/// Three signers of one kind for ticket_laws.
template <SignerPolicy Signer>
struct TicketSigners {
    Signer ours;
    Signer stranger;  ///< has another key
    Signer successor; ///< has a third key, and accepts what `ours` signed before
};

/// Throws LawBroken unless sessions in the browser, with this storage and signer, keep these laws:
/// - what is sealed is what the ticket opens to, and what a session saves is what the next request reads;
/// - a ticket is eight or more characters that a cookie carries as they are;
/// - every text has an answer; a ticket with one bit changed, one that is cut, lengthened or a stranger's, is
///   none: its session is empty, knows that it has to replace the cookie, and the hook hears why;
/// - a ticket is good up to Settings::cookie_age and no longer, and under a fallback key, which signs
///   nothing;
/// - a cookie of max_cookie_size is made, and one byte more is a SizeError that names the size and changes
///   nothing;
/// - eight threads at once get what one gets.
/// `make_storage()` gives a storage by value. Takes a second or so.
template <class MakeStorage, SignerPolicy Signer>
void ticket_laws(MakeStorage make_storage, TicketSigners<Signer> const& signers);

namespace ticket_laws_detail {

inline constexpr TimePoint moment{std::chrono::seconds{1'780'000'000}};

/// Text that cannot be compressed to speak of.
inline std::string noise(std::size_t size)
{
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string text;
    std::uint64_t state = 88'172'645'463'325'252U;
    while (text.size() < size) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        text += letters[state >> 58];
    }
    return text;
}

/// Backends of one kind with a clock that stands still, and what their hook heard last.
template <ClientSidePolicy Storage, SignerPolicy Signer>
struct Site {
    using Session = cloakroom::Session<Storage, serializer::Json, Signer>;

    Site(Storage storage, Signer const& signer, Settings const& settings = {})
        : backend{std::move(storage), {}, signer, settings}
    {
        backend.clock(clock);
        backend.on_event([this](Event const& event) { heard = event.reason(); });
    }

    std::string saved(Dict const& data)
    {
        Session session{backend};
        session.update(data);
        session.save();
        return std::string{session.session_key()->reveal()};
    }
    Dict opened(std::string_view ticket)
    {
        Session session{backend, ticket};
        return session.items();
    }

    /// Requires that the ticket opens no session, in both ways to load one.
    Reason refuses(std::string_view ticket, std::string const& law)
    {
        heard = Reason::none;
        Session session{backend, ticket};
        require(session.items().empty(), law + ", but its data were used");
        require(!session.session_key() || (session.modified() && !session.is_empty()),
                law + " and has to be replaced, but the session does not know it");
        require(!session.session_key() || heard != Reason::none, law + ", but the hook did not hear of it");
        Session loading{backend, ticket};
        require(loading.load().empty(), law + ", but load() used its data");
        return heard;
    }

    ManualClock clock{moment};
    Reason heard = Reason::none;
    typename Session::Backend backend;
};

inline std::vector<Dict> sessions()
{
    return {Dict{}, Dict{{"visit", 1}},
            Dict{{"name", "h\u00e9llo \U0001f600"}, {"list", Array{1, Dict{{"a", Value{}}}, "x"}}},
            Dict{{"long", std::string(2'500, 'x')}}, Dict{{"noise", noise(1'500)}}};
}

template <class Site>
void comes_back(Site& site, Site& other)
{
    for (auto const& data : sessions()) {
        auto const ticket = site.saved(data);
        require(site.opened(ticket) == data, "what a session saved is what the next request reads");
        require(other.opened(ticket) == data, "a ticket is good wherever the key is");
        require(is_cookie_token(ticket), "a ticket consists of characters that a cookie carries as they are");
        require(ticket.size() >= SessionKey::min_length, "a ticket has eight or more characters");
    }
}

template <ClientSidePolicy Storage>
void opens_what_it_sealed(Storage const& storage, std::string const& payload)
{
    auto const ticket = storage.seal(Record{payload, moment});
    auto const record = storage.open(ticket);
    require(record && record->payload == payload, "open gives back the payload that was sealed");
    require(record->expires == moment || record->expires == latest_time,
            "open gives back the expiry that was sealed, or latest_time");
}

template <class Site>
void refuses_changes(Site& site, std::string const& ticket)
{
    for (std::size_t i = 0; i < ticket.size(); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            auto changed = ticket;
            changed[i] = static_cast<char>(static_cast<unsigned char>(changed[i]) ^ (1U << bit));
            site.refuses(changed, "a ticket with one bit changed is refused");
        }
        site.refuses(std::string_view{ticket}.substr(0, i), "a ticket without its end is refused");
        site.refuses(std::string_view{ticket}.substr(i + 1), "a ticket without its start is refused");
        site.refuses(ticket.substr(0, i) + ticket.substr(i + 1), "a ticket without one character is refused");
    }
    for (char const c : {'A', ' ', '=', '.', ':', '\0'}) {
        site.refuses(ticket + c, "a ticket with a character after it is refused");
        site.refuses(c + ticket, "a ticket with a character before it is refused");
    }
    site.refuses(ticket + ticket, "a ticket twice is refused");
}

template <class Site>
void answers_for_anything(Site& site)
{
    for (std::string_view const text :
         {"", "abc", "garbagegarbage", ":::::::::::", "..........", "\0\0\0\0\0\0\0\0",
          "\xff\xff\xff\xff\xff\xff\xff\xff", "bad:encoded:value"})
        site.refuses(text, "a text that is no ticket is refused");
    site.refuses(std::string(std::size_t{1} << 20, ':'), "a text that is no ticket is refused");
}

template <class Site>
void respects_ages(Site& site)
{
    Dict const data{{"a", 1}};
    auto const ticket = site.saved(data);
    auto const age = site.backend.settings().cookie_age;
    site.clock.set(moment + age);
    require(site.opened(ticket) == data, "a ticket is good when it is exactly as old as cookie_age");
    site.clock.advance(Duration{1});
    require(site.refuses(ticket, "a ticket older than cookie_age is refused") == Reason::expired,
            "a ticket that is too old is told as expired");
    site.clock.set(moment);
}

/// Precondition: the settings' cookie name has one character.
template <ClientSidePolicy Storage, SignerPolicy Signer, class MakeStorage>
void names_sizes(MakeStorage make_storage, Signer const& signer)
{
    using Site = ticket_laws_detail::Site<Storage, Signer>;
    auto const named = [](std::size_t size) {
        Settings settings;
        settings.cookie_name = std::string(size, 'n');
        return settings;
    };
    constexpr std::size_t limit = Storage::max_cookie_size;
    std::string text;
    std::size_t size = 0; // of the ticket; the name fills up what is left of the limit
    Site roomy{make_storage(), signer, named(1)};
    for (std::size_t length = limit; length > 0 && size == 0; length -= length > 16 ? 16 : 1) {
        text = noise(length);
        try {
            size = roomy.saved({{"text", text}}).size();
        } catch (SizeError const&) {
            size = 0;
        }
    }
    require(size > 0 && size + 64 > limit, "a session fits if its cookie has no more than max_cookie_size");

    Site full{make_storage(), signer, named(limit - size)};
    require(full.opened(full.saved({{"text", text}})) == Dict{{"text", text}},
            "a cookie of exactly max_cookie_size is made");
    Site over{make_storage(), signer, named(limit - size + 1)};
    typename Site::Session session{over.backend};
    session["a"] = 1;
    session.save();
    auto const before = std::string{session.session_key()->reveal()};
    session.update({{"text", text}});
    session.erase("a");
    try {
        session.save();
        require(false, "a cookie of more than max_cookie_size is a SizeError, but it was made");
    } catch (SizeError const& error) {
        require(std::string_view{error.what()}.find(std::to_string(limit + 1)) != std::string_view::npos,
                "a SizeError names the size: " + std::string{error.what()});
    }
    require(session.session_key()->reveal() == before && !session.is_written() && session.modified() &&
                session.at("text") == Value{text},
            "a SizeError leaves the session as it was, with its changes");
    session["text"] = "short";
    session.save();
    require(over.opened(session.session_key()->reveal()) == Dict{{"text", "short"}},
            "a session that was too large is saved once it is not");
}

template <class Site>
void serves_many_threads(Site& site)
{
    site.backend.on_event({});
    on_threads(8, [&site](std::size_t t) {
        for (std::size_t i = 0; i < 200; ++i) {
            Dict const data{{"thread", t}, {"text", std::string(i * 7, 'x')}};
            require(site.opened(site.saved(data)) == data,
                    "what a session saved is what the next request reads, on many threads too");
        }
    });
}

} // namespace ticket_laws_detail

template <class MakeStorage, SignerPolicy Signer>
void ticket_laws(MakeStorage make_storage, TicketSigners<Signer> const& signers)
{
    namespace detail = ticket_laws_detail;
    using Storage = std::invoke_result_t<MakeStorage&>;
    using Site = detail::Site<Storage, Signer>;
    Site site{make_storage(), signers.ours};
    Site twin{make_storage(), signers.ours};
    Site stranger{make_storage(), signers.stranger};
    Site successor{make_storage(), signers.successor};

    detail::comes_back(site, twin);
    for (std::string const payload : {"eyJhIjoxfQ:1wShJQ:Co8kWeoa", "a", ".", "...........", ":::::::::::"})
        detail::opens_what_it_sealed(site.backend.storage(), payload);
    detail::answers_for_anything(site);

    Dict const data{{"a", 1}};
    auto const ticket = site.saved(data);
    detail::refuses_changes(site, ticket);
    detail::refuses_changes(site, site.saved({{"text", std::string(1'100, 'x')}}));
    stranger.refuses(ticket, "a ticket under another key is refused");
    site.refuses(stranger.saved(data), "a ticket under another key is refused");
    require(successor.opened(ticket) == data, "a ticket under a fallback key is good");
    site.refuses(successor.saved(data), "a ticket under the successor's key is refused by the one before");

    detail::respects_ages(site);
    detail::names_sizes<Storage>(make_storage, signers.ours);
    detail::serves_many_threads(twin);
}

} // namespace cloakroom::inline v0::testing

#endif
