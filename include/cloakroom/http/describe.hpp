// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_HTTP_DESCRIBE_HPP
#define CLOAKROOM_HTTP_DESCRIBE_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/limits.hpp>
#include <cloakroom/core/policy_name.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/http/session_cookie.hpp>
#include <cloakroom/serializer/concept.hpp>
#include <cloakroom/session/backend.hpp>
#include <cloakroom/session/settings.hpp>
#include <cloakroom/signer/concept.hpp>
#include <cloakroom/storage/concept.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cloakroom::inline v0 {

// One page of text that says what sessions of a type do: where they are, how they are protected, how long
// they live, the cookie as the browser gets it, what a visitor can do with it. For people, logs and reviews;
// no program should read it. Nothing secret is in it: no key, no password, nobody's session.
//
// Policies may say more of themselves, each by a constant or function that describe() looks for:
//   all      display_name, else the type's name
//   storage  where(): a text without passwords; hashes_keys: whether it holds hashes in place of the keys
//   signer   algorithm; encrypts: whether nobody else can read what it signed; key_limit: how much one secret
//            key is good for; key_count() of the bound signer

/// What sessions of this type are under these settings. `now` dates the cookie.
template <class Session>
std::string describe(Settings const& settings = {}, TimePoint now = system_now());

/// The same of a backend, with what only objects know: where the records are, how many keys there are. Where
/// users log in, give the auth::Backend instead: auth/describe.hpp.
template <SessionStorage Storage, SerializerPolicy Serializer, SignerPolicy Signer>
std::string describe(Backend<Storage, Serializer, Signer>& backend);

namespace describe_detail {

/// What a page says, without a type.
struct Facts {
    std::string storage;
    std::string where;
    std::string serializer;
    std::string signer;
    std::string_view algorithm;
    std::string_view key_limit;
    std::string_view purpose;
    std::size_t keys = 0;            // 0: not known
    std::size_t max_cookie_size = 0; // 0: the server keeps the session
    Content payload = Content::text;
    bool is_signed = true;
    bool encrypts = false;
    bool is_bound_to_cookie = false;
    bool hashes_keys = false;
    bool can_be_ended = false; // who is logged in: by a revocation
};

template <SessionStorage Storage, SerializerPolicy Serializer, SignerPolicy Signer>
Facts facts()
{
    Facts facts;
    facts.storage = policy_name<Storage>();
    facts.serializer = policy_name<Serializer>();
    facts.signer = policy_name<Signer>();
    if constexpr (requires { std::string_view{Signer::algorithm}; })
        facts.algorithm = Signer::algorithm;
    if constexpr (requires { std::string_view{Signer::key_limit}; })
        facts.key_limit = Signer::key_limit;
    if constexpr (requires { bool{Signer::encrypts}; })
        facts.encrypts = Signer::encrypts;
    if constexpr (requires { bool{Storage::hashes_keys}; })
        facts.hashes_keys = Storage::hashes_keys;
    facts.purpose = Storage::purpose;
    if constexpr (ClientSidePolicy<Storage>)
        facts.max_cookie_size = Storage::max_cookie_size;
    facts.payload = payload_content<Serializer, Signer>;
    facts.is_signed = Signer::output != Content::unchanged;
    facts.is_bound_to_cookie = CookieSignerPolicy<Signer>;
    return facts;
}

/// "14 days", in the largest unit that leaves no rest.
inline std::string length(std::chrono::milliseconds time)
{
    constexpr std::pair<std::int64_t, std::string_view> units[] = {{86'400'000, " day"},
                                                                   {3'600'000, " hour"},
                                                                   {60'000, " minute"},
                                                                   {1'000, " second"},
                                                                   {1, " millisecond"}};
    for (auto const& [size, unit] : units)
        if (time.count() % size == 0 && (time.count() != 0 || size == 1'000)) {
            auto const count = time.count() / size;
            return std::to_string(count).append(unit).append(count == 1 ? "" : "s");
        }
    return {};
}

/// The page, line by line.
class Page {
public:
    void section(std::string_view title)
    {
        text_.append(text_.empty() ? "" : "\n").append(title).append("\n");
    }
    void line(std::string_view name, std::string_view text)
    {
        constexpr std::size_t width = 13;
        text_.append("  ").append(name).append(width - std::min(width, name.size()), ' ').append(text) +=
            '\n';
    }
    std::string take() { return std::move(text_); }

private:
    std::string text_;
};

inline void add_policies(Page& page, Facts const& facts, Settings const& settings)
{
    page.section("Policies");
    page.line("storage", facts.storage + (facts.where.empty() ? "" : ", at " + facts.where));
    page.line("serializer", facts.serializer);
    page.line("signer", facts.signer + (facts.algorithm.empty() ? "" : ", " + std::string{facts.algorithm}) +
                            (facts.is_signed ? "" : ": nothing is signed"));
    if (facts.keys > 0)
        page.line("keys", facts.keys == 1
                              ? "1"
                              : std::to_string(facts.keys) + ": the newest signs, all of them are accepted");
    if (!facts.key_limit.empty())
        page.line("key limit", facts.key_limit);
    if (facts.is_signed)
        page.line("purpose", std::string{facts.purpose} +
                                 (facts.is_bound_to_cookie
                                      ? ", for the cookie " + std::string{settings.cookie_name.view()}
                                      : ""));
    page.line("kept as", facts.payload == Content::text ? "text" : "bytes");
}

inline void add_times(Page& page, Facts const& facts, Settings const& settings)
{
    auto const age = length(settings.cookie_age);
    auto const threshold = length(settings.renewal_threshold);
    auto const renews = !settings.save_every_request && settings.renewal_threshold.count() > 0;
    page.section("Time");
    page.line("ends", age + (settings.save_every_request ? " after the last request"
                             : renews ? " after the last request that looks at it, or up to " + threshold +
                                            " before that"
                                      : " after the last change"));
    page.line("at most", settings.absolute_age.count() > 0
                             ? length(settings.absolute_age) + " after its first save, whatever is done"
                             : "no limit: a session that is used has no end");
    page.line("browser", settings.expire_at_browser_close ? "forgets the cookie when it is closed"
                                                          : "keeps the cookie for " + age);
    page.line("own expiry", facts.max_cookie_size > 0 ? "where a session sets one, it rules the browser alone"
                                                      : "where a session sets one, it rules both");
    page.line("saved", settings.save_every_request ? "after each request that brings it"
                       : renews ? "when it has changed; when it is looked at, once in " + threshold
                                : "when it has changed");
    page.line("conflicts", facts.max_cookie_size > 0
                               ? "of two requests at once the later response wins"
                               : "are tried again for " + length(settings.commit_deadline));
}

inline void add_visitor(Page& page, Facts const& facts, Settings const& settings)
{
    auto const age = length(settings.cookie_age);
    page.section("Who has the cookie");
    if (facts.max_cookie_size > 0) {
        page.line("reads", facts.encrypts ? "nothing: the session in it is encrypted"
                                          : "the session: it is signed, not encrypted");
        page.line("changes", "nothing that is not noticed");
        page.line("replays", "the session, until it is " + age + " old" +
                                 (facts.can_be_ended ? ", but a log-in in it can be ended before that"
                                                     : ": nothing ends it before that"));
        return;
    }
    page.line("reads", "nothing: it is a random key");
    page.line("changes", "nothing: a key of their own opens no session");
    page.line("replays", "the session, until it ends, is flushed or moves to another key");
    page.section("Who has the store");
    page.line("reads", facts.encrypts ? "nothing: the sessions are encrypted" : "the sessions");
    page.line("opens", facts.hashes_keys ? "none: in place of the keys it has hashes of them"
                                         : "every session: their keys are in it");
    page.line("changes", facts.is_signed
                             ? "no data unnoticed; but can give a session those of another one, or "
                               "old ones of its own"
                             : "whatever they like");
}

inline std::string page(Facts const& facts, Settings const& settings, TimePoint now)
{
    auto const age = settings.absolute_age.count() > 0 ? std::min(settings.cookie_age, settings.absolute_age)
                                                       : settings.cookie_age;
    auto const lifetime = settings.expire_at_browser_close ? std::optional<Duration>{} : age;
    Page page;
    add_policies(page, facts, settings);
    add_times(page, facts, settings);
    page.section("Cookie");
    page.line("Set-Cookie:", http::session_cookie(settings, "...", lifetime).header_value(now));
    page.line("caches", settings.no_store ? "keep no response that sets it"
                                          : "may keep a response that sets it, for who has the same cookie");
    add_visitor(page, facts, settings);
    page.section("Limits");
    if (facts.max_cookie_size > 0)
        page.line("cookie", std::to_string(facts.max_cookie_size) + " bytes, name and value together");
    page.line("data", std::to_string(max_payload_size >> 20) + " MiB, " + std::to_string(max_depth) +
                          " levels, integers of " + std::to_string(max_integer_digits) + " digits");
    return page.take();
}

template <class Backend>
struct FactsOf;
template <SessionStorage Storage, SerializerPolicy Serializer, SignerPolicy Signer>
struct FactsOf<Backend<Storage, Serializer, Signer>> {
    static Facts facts() { return describe_detail::facts<Storage, Serializer, Signer>(); }
};

/// The facts of a backend, with what only objects know.
template <SessionStorage Storage, SerializerPolicy Serializer, SignerPolicy Signer>
Facts facts(Backend<Storage, Serializer, Signer>& backend)
{
    auto facts = describe_detail::facts<Storage, Serializer, Signer>();
    if constexpr (requires { std::string{backend.storage().where()}; })
        facts.where = backend.storage().where();
    if constexpr (requires { std::size_t{backend.signer().key_count()}; })
        facts.keys = backend.signer().key_count();
    return facts;
}

} // namespace describe_detail

template <class Session>
std::string describe(Settings const& settings, TimePoint now)
{
    check_settings(settings);
    return describe_detail::page(describe_detail::FactsOf<typename Session::Backend>::facts(), settings, now);
}

template <SessionStorage Storage, SerializerPolicy Serializer, SignerPolicy Signer>
std::string describe(Backend<Storage, Serializer, Signer>& backend)
{
    return describe_detail::page(describe_detail::facts(backend), backend.settings(), backend.now());
}

} // namespace cloakroom::inline v0

#endif
