// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SIGNER_SIGNING_HPP
#define CLOAKROOM_SIGNER_SIGNING_HPP

#include <cloakroom/core/base62.hpp>
#include <cloakroom/core/base64url.hpp>
#include <cloakroom/core/clock.hpp>
#include <cloakroom/core/error.hpp>
#include <cloakroom/core/result.hpp>
#include <cloakroom/core/secret.hpp>
#include <cloakroom/signer/concept.hpp>
#include <cloakroom/signer/hmac.hpp>
#include <cloakroom/signer/key_ring.hpp>
#include <cloakroom/signer/timestamp.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Django's module django.core.signing, for those who sign other things than sessions: links in mails,
/// cookies of their own, forms. The texts are Django's, in both directions. A signer derives its keys when it
/// is made and may be called from all threads; make it once and keep it.
namespace cloakroom::inline v0::signing {

/// HMAC of the value under H(key_salt | secret), raw (S-400). Derives the key on each call. Throws
/// ImproperlyConfigured for a secret that was moved elsewhere.
template <AlgorithmTag Algorithm = Sha256>
Digest<Algorithm> salted_hmac(std::string_view key_salt, std::string_view value, Secret const& secret)
{
    return SaltedHmac<Algorithm>({key_salt}, secret.reveal_present())(value);
}

/// The same as text, base64 without padding (S-402).
template <AlgorithmTag Algorithm = Sha256>
std::string base64_hmac(std::string_view salt, std::string_view value, Secret const& key)
{
    auto const digest = salted_hmac<Algorithm>(salt, value, key);
    return base64url_encode({reinterpret_cast<char const*>(digest.data()), digest.size()});
}

/// What a Signer takes besides its key; everything empty is Django's default (S-403, S-404).
struct SignerOptions {
    /// What the signature is for; the default is Django's class path. Another salt's signature is a bad one.
    std::string salt = {};
    /// Between the parts. Must have a character that no part made by signing has (S-408).
    std::string separator = ":";
    /// Keys that texts were signed with before.
    std::vector<Secret> fallback_keys = {};
};

/// `value:signature`: text that cannot be changed unnoticed, but can be read, and is good for ever (S-405 to
/// S-411).
template <AlgorithmTag Algorithm = Sha256>
class BasicSigner {
public:
    static constexpr std::string_view default_salt = "django.core.signing.Signer";

    /// Throws ImproperlyConfigured for a separator that signatures may contain (S-408).
    explicit BasicSigner(Secret const& key, SignerOptions const& options = {})
        : BasicSigner(key, options, default_salt)
    {
    }

    std::string sign(std::string_view value) const
    {
        std::string text;
        text.reserve(value.size() + separator_.size() + KeyRing<Algorithm>::signature_size);
        text.append(value).append(separator_).append(signature(value));
        return text;
    }

    /// The signature alone (S-405).
    std::string signature(std::string_view value) const
    {
        std::string text(KeyRing<Algorithm>::signature_size, '\0');
        keys_.sign_to(value, text.data());
        return text;
    }

    /// The value, or Rejection::bad_signature. The signature stands after the last separator (S-409).
    Result<std::string, Rejection> unsign(std::string_view text) const
    {
        if (auto const value = verified(text))
            return std::string{*value};
        return Rejection::bad_signature;
    }

protected:
    BasicSigner(Secret const& key, SignerOptions const& options, std::string_view salt_if_none)
        : separator_(checked(options.separator)),
          keys_(options.salt.empty() ? salt_if_none : options.salt, key, options.fallback_keys)
    {
    }

    std::string const& separator() const noexcept { return separator_; }

    /// The part of the text that was signed, or nothing.
    std::optional<std::string_view> verified(std::string_view text) const
    {
        auto const end = text.rfind(separator_);
        if (end == std::string_view::npos)
            return std::nullopt;
        auto const value = text.substr(0, end);
        if (!keys_.verify(value, text.substr(end + separator_.size())))
            return std::nullopt;
        return value;
    }

private:
    static std::string checked(std::string separator)
    {
        auto const in_signatures = [](char c) {
            return (c >= 'A' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '=';
        };
        // Django's pattern lets one line end stand after such characters, and a lone one is refused with
        // them.
        auto const text = std::string_view{separator}.substr(0, separator.size() - separator.ends_with('\n'));
        if (std::all_of(text.begin(), text.end(), in_signatures))
            throw ImproperlyConfigured{
                "separator must not be empty, nor consist only of A-z, 0-9, '-', '_' and '='"};
        return separator;
    }

    std::string separator_;
    KeyRing<Algorithm> keys_;
};

using Signer = BasicSigner<>;

/// `value:timestamp:signature`: the same with the second of signing, so that a text can grow too old (S-412
/// to S-415).
template <AlgorithmTag Algorithm = Sha256>
class BasicTimestampSigner : private BasicSigner<Algorithm> {
    using Base = BasicSigner<Algorithm>;

public:
    static constexpr std::string_view default_salt = "django.core.signing.TimestampSigner";

    /// Throws ImproperlyConfigured for a separator that signatures may contain (S-408).
    explicit BasicTimestampSigner(Secret const& key, SignerOptions const& options = {})
        : Base(key, options, default_salt)
    {
    }

    std::string sign(std::string_view value, TimePoint now = system_now()) const
    {
        auto const time = timestamp(now);
        std::string stamped;
        stamped.reserve(value.size() + this->separator().size() + time.text().size());
        stamped.append(value).append(this->separator()).append(time.text());
        return Base::sign(stamped);
    }

    /// The value; expired when it is older than max_age, fractions of a second included (S-413); malformed
    /// when it is well signed, but has no timestamp (S-415).
    Result<std::string, Rejection> unsign(std::string_view text,
                                          std::optional<Duration> max_age = std::nullopt,
                                          TimePoint now = system_now()) const
    {
        auto const stamped = this->verified(text);
        if (!stamped)
            return Rejection::bad_signature;
        auto const end = stamped->rfind(this->separator());
        if (end == std::string_view::npos)
            return Rejection::malformed;
        auto const signed_at = Base62::decode(stamped->substr(end + this->separator().size()));
        if (!signed_at)
            return Rejection::malformed;
        if (max_age && age(*signed_at, now) > *max_age)
            return Rejection::expired;
        return std::string{stamped->substr(0, end)};
    }
};

using TimestampSigner = BasicTimestampSigner<>;

/// The salt of dumps and loads unless they are told another (S-421).
inline constexpr std::string_view default_dumps_salt = "django.core.signing";

/// Any bytes, such as a serializer's, as URL-safe text that is signed and stamped; with `compress`,
/// compressed when that is shorter (S-417). For many calls with one salt, signer::Hmac{key}.bind(salt) does
/// the same with less work.
inline std::string dumps(std::string_view bytes, Secret const& key,
                         std::string_view salt = default_dumps_salt, bool compress = false,
                         TimePoint now = system_now())
{
    auto const compress_from = compress ? signer::compress_like_django : signer::never_compress;
    return signer::Hmac{key, {.compress_from = compress_from}}.bind(salt).sign(bytes, now);
}

/// The bytes again, or why the text is not trusted.
inline Result<std::string, Rejection> loads(std::string_view text, Secret const& key,
                                            std::string_view salt = default_dumps_salt,
                                            std::optional<Duration> max_age = std::nullopt,
                                            std::vector<Secret> fallback_keys = {},
                                            TimePoint now = system_now())
{
    return signer::Hmac{key, {.fallback_keys = std::move(fallback_keys)}}.bind(salt).unsign(text, now,
                                                                                            max_age);
}

} // namespace cloakroom::inline v0::signing

#endif
