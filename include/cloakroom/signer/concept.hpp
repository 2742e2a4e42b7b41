// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SIGNER_CONCEPT_HPP
#define CLOAKROOM_SIGNER_CONCEPT_HPP

#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/known.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/result.hpp>

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cloakroom::inline v0 {

/// Why a text is not trusted. All are ordinary answers; the client learns none of them.
enum class Rejection {
    bad_signature, ///< not signed by one of our keys for this purpose, or changed since
    expired,       ///< well signed, but older than the caller allows
    malformed,     ///< well signed, but what was signed cannot be undone (base64, compression, size)
};

/// A signer bound to one purpose. Thread-safe through a const object; keys are derived once, here.
template <class B>
concept BoundSigner = requires(B const& bound, std::string_view payload, std::string_view text, TimePoint now,
                               std::optional<Duration> max_age) {
    // The payload in a form that only the holder of the key can make, stamped with `now`.
    { bound.sign(payload, now) } -> std::same_as<std::string>;

    // The payload, or why it is not trusted. The signature is checked, in constant time and over the whole
    // text, before anything is parsed. Without `max_age` any age is good.
    { bound.unsign(text, now, max_age) } -> std::same_as<Result<std::string, Rejection>>;
};

/// A bound signer that can tell when a text was signed. Sessions that do not say when they began count from
/// that time (Settings::absolute_age).
template <class B>
concept DatingSigner = BoundSigner<B> && requires(B const& bound, std::string_view text) {
    // The moment of signing of a text that unsign() has accepted, as exactly as the text has it. It need not
    // check the signature again.
    { bound.signed_at(text) } -> std::same_as<std::optional<TimePoint>>;
};

/// A bound signer that knows whether a text is signed with a key that is being retired. A session is then
/// signed anew when it is saved, even if its data are as they were.
template <class B>
concept RotatingSigner = BoundSigner<B> && requires(B const& bound, std::string_view text) {
    // Of a text that unsign() has accepted: whether the key that signs now has signed it.
    { bound.is_current(text) } -> std::same_as<bool>;
};

/// What a signer becomes when it is bound.
template <class S>
using BoundTo = decltype(std::declval<S const&>().bind(std::declval<std::string_view&>()));

/// How bytes become text that can be trusted when it comes back.
template <class S>
concept SignerPolicy = requires(S const& signer, std::string_view purpose) {
    // A signer for one use. What is signed for one purpose is a bad signature for every other.
    signer.bind(purpose);

    // Content::text, Content::bytes, or Content::unchanged for a signer that leaves the payload as it is. A
    // constant of the type.
    { S::output } -> std::convertible_to<Content>;
    typename std::bool_constant<detail::is_known(*&S::output)>;
} && BoundSigner<BoundTo<S>>; // and not `-> BoundSigner` above: of that compilers name no gap

/// A signer that also ties what it signs to the name of the session's cookie, so that a text is not taken
/// from one cookie for another of the same site. Backend then binds it to both.
template <class S>
concept CookieSignerPolicy =
    SignerPolicy<S> && requires(S const& signer, std::string_view purpose, std::string_view cookie_name) {
        // As bind(purpose). What is signed for one cookie is a bad signature for every other.
        { signer.bind(purpose, cookie_name) } -> std::same_as<decltype(signer.bind(purpose))>;
    };

} // namespace cloakroom::inline v0

#endif
