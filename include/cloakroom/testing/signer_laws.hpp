// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTING_SIGNER_LAWS_HPP
#define CLOAKROOM_TESTING_SIGNER_LAWS_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/result.hpp>
#include <cloakroom/signer/concept.hpp>
#include <cloakroom/testing/law.hpp>
#include <cloakroom/testing/threads.hpp>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cloakroom::inline v0::testing {

/// Throws LawBroken unless the signer keeps the laws of its contract:
/// - what is signed comes back, whatever bytes it has, and the text is what `output` says it is;
/// - unsign answers for every text, and never throws;
/// - eight threads at once get what one gets;
/// - unless `output` is Content::unchanged: one bit changed, a character more or less, another purpose, all
///   are bad signatures, and a text is good up to max_age and no longer. A signer that stamps whole seconds
///   may count a text as older by the fraction that it cut off, never as younger.
/// Needs nothing but the signer: `signer_laws(MySigner{key})`. Takes a second or so.
template <SignerPolicy Signer>
void signer_laws(Signer const& signer);

/// The same, and that the two signers, which are alike but for their keys, refuse each other's texts, and
/// that what a signer binds goes on when the signer is given another key.
template <SignerPolicy Signer>
void signer_laws(Signer const& signer, Signer const& other_key);

/// The same, and that nobody is logged out by a change of keys: `successor` has a third key, and accepts what
/// `signer` signed before.
template <SignerPolicy Signer>
void signer_laws(Signer const& signer, Signer const& other_key, Signer const& successor);

namespace signer_laws_detail {

inline constexpr TimePoint moment{std::chrono::seconds{1'780'000'000}};

inline std::vector<std::string> payloads()
{
    std::string every_byte;
    for (int byte = 0; byte < 256; ++byte)
        every_byte += static_cast<char>(byte);
    std::vector<std::string> all{"",
                                 "a",
                                 "{}",
                                 ":",
                                 ".",
                                 "a:b:c",
                                 ".eJyr",
                                 R"({"visit":11})",
                                 "\n",
                                 "=",
                                 every_byte,
                                 std::string(1, '\0'),
                                 std::string(40, ' '),
                                 std::string(5'000, 'x')};
    std::string large(std::size_t{1} << 20, '\0');
    for (std::size_t i = 0; i < large.size(); ++i)
        large[i] = static_cast<char>(i * 2'654'435'761U >> 13);
    all.push_back(large);
    for (std::size_t size = 2; size < 70; ++size)
        all.push_back(large.substr(size * 100, size));
    return all;
}

/// A short name of a payload or text for the message of a broken law.
inline std::string describe(std::string_view text)
{
    return std::to_string(text.size()) + " bytes";
}

template <BoundSigner Bound>
void gives_back(Bound const& bound, std::string_view payload, std::string_view text)
{
    auto const result = bound.unsign(text, moment, std::nullopt);
    require(result.has_value() && *result == payload, "what was signed comes back: " + describe(payload));
}

template <BoundSigner Bound>
void refuses(Bound const& bound, std::string_view text, std::string const& law)
{
    auto const result = bound.unsign(text, moment, std::nullopt);
    require(!result.has_value(), law + ", but it was accepted");
    require(result.reason() == Rejection::bad_signature,
            law + " as a bad signature, but another reason was given");
}

template <SignerPolicy Signer>
void round_trips(Signer const& signer)
{
    auto const bound = signer.bind("purpose");
    for (auto const& payload : payloads()) {
        auto const text = bound.sign(payload, moment);
        gives_back(bound, payload, text);
        gives_back(signer.bind("purpose"), payload, text);
        if constexpr (Signer::output == Content::unchanged)
            require(text == payload, "an output that is unchanged is the payload itself");
        if constexpr (Signer::output == Content::text)
            require(std::all_of(text.begin(), text.end(), [](char c) { return c > 0 && c < 0x7f; }),
                    "an output that is text consists of ASCII characters without NUL");
    }
}

template <BoundSigner Bound>
void answers_for_anything(Bound const& bound)
{
    auto texts = payloads();
    texts.emplace_back(std::size_t{1} << 20, ':');
    texts.emplace_back(std::size_t{1} << 20, '.');
    for (auto const& text : texts)
        for (auto const max_age : {std::optional<Duration>{}, std::optional{Duration::zero()},
                                   std::optional{Duration::min()}, std::optional{Duration::max()}})
            try {
                (void)bound.unsign(text, moment, max_age);
            } catch (std::exception const& error) {
                throw LawBroken{"unsign answers for every text, but threw: " + std::string{error.what()}};
            }
}

template <BoundSigner Bound>
void refuses_changes(Bound const& bound, std::string_view payload)
{
    auto const text = bound.sign(payload, moment);
    for (std::size_t i = 0; i < text.size(); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            auto changed = text;
            changed[i] = static_cast<char>(static_cast<unsigned char>(changed[i]) ^ (1U << bit));
            refuses(bound, changed, "a text with one bit changed is refused");
        }
        refuses(bound, std::string_view{text}.substr(0, i), "a text without its end is refused");
        refuses(bound, std::string_view{text}.substr(i + 1), "a text without its start is refused");
        refuses(bound, text.substr(0, i) + text.substr(i + 1), "a text without one character is refused");
    }
    for (int byte = 0; byte < 256; ++byte) {
        auto const character = static_cast<char>(byte);
        refuses(bound, text + character, "a text with a character after it is refused");
        refuses(bound, character + text, "a text with a character before it is refused");
    }
    refuses(bound, text + text, "a text twice is refused");
}

template <SignerPolicy Signer>
void keeps_purposes_apart(Signer const& signer)
{
    constexpr std::string_view purposes[] = {"a", "b", "ab", "a.b", "signer", "asigner", "a:b"};
    for (auto const made_for : purposes) {
        auto const text = signer.bind(made_for).sign("payload", moment);
        for (auto const read_as : purposes)
            if (read_as != made_for)
                refuses(signer.bind(read_as), text, "a text that was made for another purpose is refused");
    }
}

/// What is signed for `a` and begins with "b" could be signed for `ab`, and the other way round.
template <SignerPolicy Signer>
void keeps_purposes_from_payloads(Signer const& signer)
{
    constexpr auto law = "a text of which a part was moved into or out of the purpose is refused (put the "
                         "purpose's length before it, or derive a key from it)";
    struct {
        std::string_view purpose;
        std::string_view other;
        std::string_view rest; ///< of the other one
    } const cases[] = {{"a", "ab", "b"}, {"b", "ab", "a"}, {"a", "a:b", ":b"}, {"a", "a.b", ".b"}};
    for (auto const& [purpose, other, rest] : cases) {
        auto const ours = signer.bind(purpose);
        auto const theirs = signer.bind(other);
        for (auto const& payload :
             {std::string{rest} + "payload", "payload" + std::string{rest}, std::string{"payload"}}) {
            auto const text = ours.sign(payload, moment);
            refuses(theirs, text, law);
            for (auto at = text.find(rest); at != std::string::npos; at = text.find(rest, at + 1))
                refuses(theirs, text.substr(0, at) + text.substr(at + rest.size()), law);
            auto const longer = theirs.sign(payload, moment);
            for (std::size_t at = 0; at <= longer.size(); ++at)
                refuses(ours, longer.substr(0, at) + std::string{rest} + longer.substr(at), law);
        }
    }
}

/// A Backend keeps what bind gives, and may be given the signer as a temporary.
template <SignerPolicy Signer>
void binds_for_good(Signer const& signer, Signer const& other_key)
{
    if constexpr (std::copyable<Signer>) {
        auto changing = signer;
        auto const bound = changing.bind("purpose");
        changing = other_key;
        auto const text = bound.sign("payload", moment);
        for (auto const& result : {signer.bind("purpose").unsign(text, moment, std::nullopt),
                                   bound.unsign(text, moment, std::nullopt)})
            require(result.has_value(),
                    "what bind gives does not refer to the signer: it has a copy of the key");
    }
}

template <SignerPolicy Signer>
void keeps_texts_of_before(Signer const& signer, Signer const& other_key, Signer const& successor)
{
    auto const before = signer.bind("purpose");
    auto const now = successor.bind("purpose");
    auto const text = before.sign("payload", moment);
    auto const result = now.unsign(text, moment, std::nullopt);
    require(result.has_value() && *result == "payload",
            "a text under the key before is good under its successor: who changes the key logs nobody out");
    refuses(before, now.sign("payload", moment),
            "a text under the successor's key is refused by the one before");
    refuses(now, other_key.bind("purpose").sign("payload", moment),
            "a text under a stranger's key is refused");
    refuses(successor.bind("other"), text,
            "a text under the key before, made for another purpose, is refused");
    refuses_changes(now, "payload");
    auto changed = text;
    changed.front() = static_cast<char>(changed.front() ^ 1);
    refuses(now, changed, "a text under the key before with one bit changed is refused");
    auto const late = now.unsign(text, moment + std::chrono::seconds{100}, std::chrono::seconds{10});
    require(!late.has_value() && late.reason() == Rejection::expired,
            "a text under the key before expires, too");
}

template <SignerPolicy Signer>
void keeps_keys_apart(Signer const& signer, Signer const& other_key)
{
    auto const ours = signer.bind("purpose");
    auto const theirs = other_key.bind("purpose");
    refuses(theirs, ours.sign("payload", moment), "a text under another key is refused");
    refuses(ours, theirs.sign("payload", moment), "a text under another key is refused");
}

template <BoundSigner Bound>
void respects_ages(Bound const& bound)
{
    using std::chrono::seconds;
    constexpr Duration tick{1};
    constexpr seconds limit{10};
    auto const good = [&](std::string_view text, TimePoint now, std::optional<Duration> max_age) {
        return bound.unsign(text, now, max_age).has_value();
    };
    auto const expired = [&](std::string_view text, TimePoint now, std::optional<Duration> max_age) {
        auto const result = bound.unsign(text, now, max_age);
        return !result.has_value() && result.reason() == Rejection::expired;
    };

    auto const text = bound.sign("payload", moment);
    require(good(text, moment + limit, limit), "a text is good when its age is exactly max_age");
    require(expired(text, moment + limit + tick, limit),
            "a text is expired when its age is just above max_age");
    require(good(text, moment, Duration::zero()), "a text is good at the moment of signing");
    require(good(text, moment - seconds{100}, Duration::zero()), "a text from the future is not too old");
    require(good(text, latest_time, std::nullopt), "without max_age no text is too old");

    auto const later = moment + Duration{999'999};
    auto const between = bound.sign("payload", later);
    require(good(between, later + limit - seconds{1}, limit), "a text is at most a second older than it is");
    require(expired(between, later + limit + tick, limit), "a text is never younger than it is");

    auto changed = text;
    changed.back() = changed.back() == 'A' ? 'B' : 'A';
    auto const result = bound.unsign(changed, moment + seconds{100}, limit);
    require(!result.has_value() && result.reason() == Rejection::bad_signature,
            "the age of a text is looked at only when its signature is good");
}

template <BoundSigner Bound>
void serves_many_threads(Bound const& bound)
{
    on_threads(8, [&bound](std::size_t t) {
        for (std::size_t i = 0; i < 200; ++i) {
            auto const payload = std::string(i * 13, static_cast<char>('a' + t)) + std::to_string(i);
            gives_back(bound, payload, bound.sign(payload, moment));
        }
    });
}

} // namespace signer_laws_detail

template <SignerPolicy Signer>
void signer_laws(Signer const& signer)
{
    using namespace signer_laws_detail;
    auto const bound = signer.bind("purpose");
    round_trips(signer);
    answers_for_anything(bound);
    serves_many_threads(bound);
    if constexpr (Signer::output != Content::unchanged) {
        refuses_changes(bound, "");
        refuses_changes(bound, R"({"visit":11})");
        refuses_changes(bound, std::string(3'000, 'x'));
        for (auto const& text : payloads())
            refuses(bound, text, "a text that was never signed is refused");
        keeps_purposes_apart(signer);
        keeps_purposes_from_payloads(signer);
        respects_ages(bound);
    }
}

template <SignerPolicy Signer>
void signer_laws(Signer const& signer, Signer const& other_key)
{
    signer_laws(signer);
    signer_laws_detail::keeps_keys_apart(signer, other_key);
    signer_laws_detail::binds_for_good(signer, other_key);
}

template <SignerPolicy Signer>
void signer_laws(Signer const& signer, Signer const& other_key, Signer const& successor)
{
    signer_laws(signer, other_key);
    signer_laws_detail::keeps_texts_of_before(signer, other_key, successor);
}

} // namespace cloakroom::inline v0::testing

#endif
