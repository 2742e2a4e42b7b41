// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SIGNER_HMAC_HPP
#define CLOAKROOM_SIGNER_HMAC_HPP

#include <cloakroom/core/base62.hpp>
#include <cloakroom/core/base64url.hpp>
#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/limits.hpp>
#include <cloakroom/core/pool.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/result.hpp>
#include <cloakroom/core/secret.hpp>
#include <cloakroom/core/zlib.hpp>
#include <cloakroom/signer/compression.hpp>
#include <cloakroom/signer/concept.hpp>
#include <cloakroom/signer/key_ring.hpp>
#include <cloakroom/signer/timestamp.hpp>

#include <cstddef>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::signer {

/// What Hmac takes besides its key; the defaults are for a new site.
struct HmacOptions {
    /// Keys that texts were signed with before; they are still accepted, and never sign (S-411).
    std::vector<Secret> fallback_keys = {};

    /// The size in bytes from which a payload is compressed, if that makes it shorter (S-417). Django reads a
    /// text either way. The attempt costs some microseconds, many times the signature of a small session. Or
    /// compress_like_django, or never_compress.
    std::size_t compress_from = 1024;
};

/// Django's signed texts, `payload:timestamp:signature`: base64 of the payload, with a dot before it when it
/// is compressed; the second of signing in base 62; HMAC-SHA256 of both under a key derived from secret and
/// purpose (S-400 to S-421). What Django's signing.dumps writes, unsign reads, and the reverse; the purpose
/// is Django's salt.
class Hmac {
public:
    static constexpr std::string_view display_name = "Hmac";
    static constexpr std::string_view algorithm = "HMAC-SHA256";
    static constexpr Content output = Content::text;

    class Bound;

    explicit Hmac(Secret key, HmacOptions options = {}) : key_(std::move(key)), options_(std::move(options))
    {
    }

    /// Derives the keys for the purpose; Bound needs this object no longer.
    Bound bind(std::string_view purpose) const;

private:
    Secret key_;
    HmacOptions options_;
};

/// Copies share their keys and working objects. A moved-from one may only be destroyed or assigned to.
class Hmac::Bound {
public:
    /// Throws TypeError for a payload above max_payload_size, which unsign would not give back.
    std::string sign(std::string_view payload, TimePoint now) const;

    /// Malformed when the timestamp, the base64 or the compression of a well signed text cannot be read, or
    /// the payload is larger than max_payload_size: only a holder of the key can have made it (S-415). A
    /// timestamp in the future has a negative age (S-414). Expired when the age since the timestamp's whole
    /// second is above max_age; equal is still good (S-253, S-413).
    Result<std::string, Rejection> unsign(std::string_view text, TimePoint now,
                                          std::optional<Duration> max_age) const;

    /// The second at which a text was signed that unsign() has accepted; its signature is not checked again.
    std::optional<TimePoint> signed_at(std::string_view text) const noexcept;

    /// Whether a text that unsign() has accepted is signed with the key, not with a fallback key.
    bool is_current(std::string_view text) const;

    /// With the one that signs.
    std::size_t key_count() const noexcept { return state_->keys.size(); }

private:
    friend Hmac;

    struct State {
        State(std::string_view purpose, Secret const& key, HmacOptions const& options)
            : keys(purpose, key, options.fallback_keys), compress_from(options.compress_from)
        {
        }

        signing::KeyRing<signing::Sha256> keys;
        std::size_t compress_from;
        Pool<Deflater> deflaters{[] { return std::make_unique<Deflater>(); }};
        Pool<Inflater> inflaters{[] { return std::make_unique<Inflater>(); }};
    };

    explicit Bound(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}

    std::string assemble(std::string_view marker, std::string_view bytes, TimePoint now) const;
    std::optional<std::string> decode(std::string_view encoded) const;

    std::shared_ptr<State> state_;
};

inline Hmac::Bound Hmac::bind(std::string_view purpose) const
{
    return Bound{std::make_shared<Bound::State>(purpose, key_, options_)};
}

inline std::string Hmac::Bound::sign(std::string_view payload, TimePoint now) const
{
    if (payload.size() > max_payload_size)
        throw TypeError{"a payload of " + std::to_string(payload.size()) +
                        " bytes is too large to be signed"};
    // A compressed text is taken when it is shorter by more than the dot before it (S-417).
    if (payload.size() >= state_->compress_from && payload.size() >= 2) {
        auto const deflater = state_->deflaters.lease();
        if (auto const compressed = deflater->compress(payload, payload.size() - 2))
            return assemble(".", *compressed, now);
    }
    return assemble("", payload, now);
}

inline std::string Hmac::Bound::assemble(std::string_view marker, std::string_view bytes, TimePoint now) const
{
    constexpr auto signature_size = signing::KeyRing<signing::Sha256>::signature_size;
    auto const timestamp = signing::timestamp(now);
    auto const value_size = marker.size() + base64url_size(bytes.size()) + 1 + timestamp.text().size();

    std::string text(value_size + 1 + signature_size, ':');
    auto* out = text.data();
    for (auto const c : marker)
        *out++ = c;
    out = base64url_encode_to(bytes, out) + 1; // over a ':'
    std::memcpy(out, timestamp.text().data(), timestamp.text().size());
    state_->keys.sign_to({text.data(), value_size}, text.data() + value_size + 1);
    return text;
}

inline Result<std::string, Rejection> Hmac::Bound::unsign(std::string_view text, TimePoint now,
                                                          std::optional<Duration> max_age) const
{
    // Django looks for the last separator (S-409). As no signature has one, it stands here or the text is
    // bad.
    constexpr auto tail_size = 1 + signing::KeyRing<signing::Sha256>::signature_size;
    if (text.size() < tail_size || text[text.size() - tail_size] != ':')
        return Rejection::bad_signature;
    auto const value = text.substr(0, text.size() - tail_size);
    if (!state_->keys.verify(value, text.substr(value.size() + 1)))
        return Rejection::bad_signature;

    auto const before_timestamp = value.rfind(':');
    if (before_timestamp == std::string_view::npos)
        return Rejection::malformed;
    auto const signed_at = Base62::decode(value.substr(before_timestamp + 1));
    if (!signed_at)
        return Rejection::malformed;
    if (max_age && signing::age(*signed_at, now) > *max_age)
        return Rejection::expired;

    auto payload = decode(value.substr(0, before_timestamp));
    if (!payload)
        return Rejection::malformed;
    return *std::move(payload);
}

inline std::optional<TimePoint> Hmac::Bound::signed_at(std::string_view text) const noexcept
{
    auto const value = text.substr(0, text.rfind(':'));
    auto const before_timestamp = value.rfind(':');
    if (before_timestamp == std::string_view::npos)
        return std::nullopt;
    auto const seconds = Base62::decode(value.substr(before_timestamp + 1));
    return seconds ? std::optional{signing::moment(*seconds)} : std::nullopt;
}

inline bool Hmac::Bound::is_current(std::string_view text) const
{
    auto const separator = text.rfind(':');
    return key_count() == 1 ||
           (separator != std::string_view::npos &&
            state_->keys.verify_current(text.substr(0, separator), text.substr(separator + 1)));
}

inline std::optional<std::string> Hmac::Bound::decode(std::string_view encoded) const
{
    auto const compressed = encoded.starts_with('.');
    auto bytes = base64url_decode(compressed ? encoded.substr(1) : encoded);
    if (bytes && compressed)
        bytes = state_->inflaters.lease()->decompress(*bytes, max_payload_size);
    if (bytes && bytes->size() > max_payload_size)
        bytes.reset();
    return bytes;
}

static_assert(SignerPolicy<Hmac> && DatingSigner<Hmac::Bound> && RotatingSigner<Hmac::Bound>);

} // namespace cloakroom::inline v0::signer

#endif
