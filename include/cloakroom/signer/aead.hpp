// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SIGNER_AEAD_HPP
#define CLOAKROOM_SIGNER_AEAD_HPP

#include <cloakroom/core/base64url.hpp>
#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/limits.hpp>
#include <cloakroom/core/pool.hpp>
#include <cloakroom/core/record.hpp>
#include <cloakroom/core/result.hpp>
#include <cloakroom/core/secret.hpp>
#include <cloakroom/core/zlib.hpp>
#include <cloakroom/signer/aead_algorithm.hpp>
#include <cloakroom/signer/aead_fields.hpp>
#include <cloakroom/signer/aead_key.hpp>
#include <cloakroom/signer/aead_opener.hpp>
#include <cloakroom/signer/aead_sealer.hpp>
#include <cloakroom/signer/compression.hpp>
#include <cloakroom/signer/concept.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloakroom::inline v0::signer {

/// What Aead takes besides its key.
struct AeadOptions {
    /// Keys that texts were sealed with before; they still open them, and never seal. A key may go once every
    /// session that was saved under it is over or was saved again.
    std::vector<Secret> fallback_keys = {};

    /// The size in bytes from which a payload is compressed, if that makes it shorter. Never, unless you say
    /// so: nobody can read what is encrypted, but everybody sees its length, and of a compressed session the
    /// length tells how much its parts resemble each other. Anyone who can put guesses into a session beside
    /// a secret of its owner, and watch the cookie's length, finds the secret bit by bit. (Where the length
    /// is seen by nobody but the store's owner, compression does no harm.)
    std::size_t compress_from = never_compress;
};

/// Encrypts what Hmac only signs: who has the text can neither read nor change it. Takes Hmac's place with
/// the same secret; each refuses the other's texts, and so does every other algorithm.
///
/// The keys are derived from the secret (HKDF with SHA-256), for the algorithm and the purpose. A text names
/// its key; format, algorithm, key, purpose and the cookie's name are authenticated with it, each with its
/// length, so that a text is refused under any other of them. Which session it belongs to is not, so that who
/// can write to the store can give one session the text of another. Each text has a random nonce of its own;
/// Algorithm::limit says how many texts that allows under one secret. The time of sealing is encrypted with
/// the payload. One length remains visible, the payload's.
///
/// The text is base64url of: one byte for format and algorithm, five for the key, the nonce, the encrypted
/// part, a tag of 16 bytes. The encrypted part is the time in microseconds since 1970 in eight bytes, the
/// lowest first; a byte that says whether what follows is compressed (1) or not (0); the payload.
template <AeadAlgorithm Algorithm>
class BasicAead {
public:
    static constexpr std::string_view display_name = "Aead";
    static constexpr std::string_view algorithm = Algorithm::name;
    /// Whether what is signed can be read by nobody else.
    static constexpr bool encrypts = true;
    /// How much one secret key is good for.
    static constexpr std::string_view key_limit = Algorithm::limit;
    static constexpr Content output = Content::text;

    class Bound;

    /// Throws ImproperlyConfigured for a key of fewer than 32 bytes: who has one text could try them all.
    explicit BasicAead(Secret key, AeadOptions options = {})
        : key_(std::move(key)), options_(std::move(options))
    {
        check(key_);
        for (auto const& fallback : options_.fallback_keys)
            check(fallback);
    }

    /// Derives the keys for the purpose, and for the cookie of that name; Bound needs this object no longer.
    /// Throws ImproperlyConfigured when Botan has no such cipher, or one of other sizes.
    Bound bind(std::string_view purpose, std::string_view cookie_name = {}) const;

private:
    static void check(Secret const& key)
    {
        constexpr std::size_t shortest = 32;
        if (key.reveal_present().size() < shortest)
            throw ImproperlyConfigured{"secret_key: signer::Aead needs 32 or more random bytes; "
                                       "Secret::load_or_create(file) makes such a key"};
    }

    Secret key_;
    AeadOptions options_;
};

/// AES-256-GCM. One secret is good for 2^32 texts, 1,000 a second for 49 days; then it becomes a fallback
/// key.
using Aead = BasicAead<AesGcm>;

/// ChaCha20-Poly1305, without such a limit, and faster where the processor has no instructions for AES.
using AeadChaCha20 = BasicAead<ChaCha20Poly1305>;

/// Copies share their keys and working objects. A moved-from one may only be destroyed or assigned to.
template <AeadAlgorithm Algorithm>
class BasicAead<Algorithm>::Bound {
public:
    /// Throws TypeError for a payload above max_payload_size, which unsign would not give back.
    std::string sign(std::string_view payload, TimePoint now) const;

    /// Bad signature for whatever none of our keys has sealed for this purpose and cookie, to the last bit.
    /// Expired when the time since sealing is above max_age; equal is still good, and a time in the future is
    /// a negative age. Malformed when what was sealed is none of ours, or its payload is larger than
    /// max_payload_size: only a holder of the key can have made it.
    Result<std::string, Rejection> unsign(std::string_view text, TimePoint now,
                                          std::optional<Duration> max_age) const;

    /// When a text was sealed that unsign() has accepted. Opens it again.
    std::optional<TimePoint> signed_at(std::string_view text) const;

    /// Whether a text that unsign() has accepted is sealed with the key, not with a fallback key.
    bool is_current(std::string_view text) const
    {
        return key_count() == 1 ||
               state_->openers.front()->open(text, [](std::string_view) { return true; }).has_value();
    }

    /// With the one that seals.
    std::size_t key_count() const noexcept { return state_->openers.size(); }

private:
    friend BasicAead;

    using Material = aead_detail::KeyMaterial<Algorithm>;
    using Opener = aead_detail::Opener<Algorithm>;
    using Sealer = aead_detail::Sealer<Algorithm>;

    struct State {
        explicit State(std::size_t from) : compress_from(from) {}

        std::size_t compress_from;
        std::unique_ptr<Sealer> sealer;
        std::vector<std::unique_ptr<Opener>> openers; // the sealer's key first
        Pool<Deflater> deflaters{[] { return std::make_unique<Deflater>(); }};
        Pool<Inflater> inflaters{[] { return std::make_unique<Inflater>(); }};
    };

    /// What stands before the payload: the time and whether it is compressed.
    static constexpr std::size_t front_size = 9;
    static constexpr std::size_t max_text_size =
        Material::prefix_size +
        base64url_size(Material::nonce_size + front_size + max_payload_size + Material::tag_size);

    explicit Bound(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}

    std::string seal(std::string_view bytes, bool is_compressed, TimePoint now) const;
    /// Precondition: opened.size() >= front_size.
    static TimePoint sealed_at(std::string_view opened)
    {
        std::array<char, 8> bytes;
        std::memcpy(bytes.data(), opened.data(), bytes.size());
        auto const time = static_cast<std::int64_t>(aead_detail::from_eight_bytes(bytes));
        return std::clamp(TimePoint{Duration{time}}, earliest_time, latest_time);
    }
    Result<std::string, Rejection> payload(std::string_view opened, TimePoint now,
                                           std::optional<Duration> max_age) const;

    std::shared_ptr<State> state_;
};

template <AeadAlgorithm Algorithm>
auto BasicAead<Algorithm>::bind(std::string_view purpose, std::string_view cookie_name) const -> Bound
{
    auto state = std::make_shared<typename Bound::State>(options_.compress_from);
    auto const add = [&](Secret const& key) {
        check(key);
        typename Bound::Material const material{key, purpose, cookie_name};
        state->openers.push_back(std::make_unique<typename Bound::Opener>(material));
        if (state->sealer == nullptr)
            state->sealer = std::make_unique<typename Bound::Sealer>(material);
    };
    add(key_);
    for (auto const& fallback : options_.fallback_keys)
        add(fallback);
    return Bound{std::move(state)};
}

template <AeadAlgorithm Algorithm>
std::string BasicAead<Algorithm>::Bound::sign(std::string_view payload, TimePoint now) const
{
    if (payload.size() > max_payload_size)
        throw TypeError{"a payload of " + std::to_string(payload.size()) +
                        " bytes is too large to be encrypted"};
    if (payload.size() >= state_->compress_from && payload.size() >= 2) {
        auto const deflater = state_->deflaters.lease();
        if (auto const compressed = deflater->compress(payload, payload.size() - 1))
            return seal(*compressed, true, now);
    }
    return seal(payload, false, now);
}

template <AeadAlgorithm Algorithm>
std::string BasicAead<Algorithm>::Bound::seal(std::string_view bytes, bool is_compressed, TimePoint now) const
{
    auto const moment = std::clamp(now, earliest_time, latest_time).time_since_epoch().count();
    auto const time = aead_detail::eight_bytes(static_cast<std::uint64_t>(moment));
    std::array<char, front_size> front;
    std::memcpy(front.data(), time.data(), time.size());
    front.back() = is_compressed ? '\1' : '\0';
    return state_->sealer->seal(front, bytes);
}

template <AeadAlgorithm Algorithm>
Result<std::string, Rejection> BasicAead<Algorithm>::Bound::unsign(std::string_view text, TimePoint now,
                                                                   std::optional<Duration> max_age) const
{
    if (text.size() > max_text_size)
        return Rejection::bad_signature;
    for (auto const& opener : state_->openers)
        if (auto answer = opener->open(text, [&](auto opened) { return payload(opened, now, max_age); }))
            return *std::move(answer);
    return Rejection::bad_signature;
}

template <AeadAlgorithm Algorithm>
std::optional<TimePoint> BasicAead<Algorithm>::Bound::signed_at(std::string_view text) const
{
    if (text.size() > max_text_size)
        return std::nullopt;
    for (auto const& opener : state_->openers)
        if (auto moment = opener->open(text, [](std::string_view opened) {
                return opened.size() < front_size ? std::nullopt : std::optional{sealed_at(opened)};
            }))
            return *moment;
    return std::nullopt;
}

template <AeadAlgorithm Algorithm>
Result<std::string, Rejection> BasicAead<Algorithm>::Bound::payload(std::string_view opened, TimePoint now,
                                                                    std::optional<Duration> max_age) const
{
    if (opened.size() < front_size)
        return Rejection::malformed;
    auto const age = std::clamp(now, earliest_time, latest_time) - sealed_at(opened);
    if (max_age && age > *max_age)
        return Rejection::expired;

    auto const marker = opened[front_size - 1];
    opened.remove_prefix(front_size);
    if (marker == '\0' && opened.size() <= max_payload_size)
        return std::string{opened};
    if (marker == '\1')
        if (auto inflated = state_->inflaters.lease()->decompress(opened, max_payload_size))
            return *std::move(inflated);
    return Rejection::malformed;
}

static_assert(CookieSignerPolicy<Aead> && CookieSignerPolicy<AeadChaCha20>);
static_assert(DatingSigner<Aead::Bound> && DatingSigner<AeadChaCha20::Bound>);
static_assert(RotatingSigner<Aead::Bound> && RotatingSigner<AeadChaCha20::Bound>);

} // namespace cloakroom::inline v0::signer

#endif
